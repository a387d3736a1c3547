"""Third-party files under static/vendor are unchanged and come with their licence."""

import hashlib
from pathlib import Path

import pytest

VENDOR = Path(__file__).resolve().parents[3] / "static" / "vendor"
SUMS = sorted(VENDOR.glob("*/SHA256SUMS"))


@pytest.mark.parametrize("sums", SUMS, ids=lambda sums: sums.parent.name)
def test_every_file_has_its_published_checksum(sums: Path) -> None:
    checksums = dict(line.split("  ")[::-1] for line in sums.read_text().splitlines())
    files = {file.name for file in sums.parent.iterdir()} - {"SHA256SUMS", "README.md"}
    assert files == set(checksums)
    assert any(name.startswith("LICENSE") for name in files)
    for name, digest in checksums.items():
        assert hashlib.sha256((sums.parent / name).read_bytes()).hexdigest() == digest, name
