"""The audit fails on a vulnerability and is loud about what it could not check."""

import pytest

from tests.audit import main

SOUND = {"name": "a", "version": "1", "vulns": []}
SKIPPED = {"name": "b", "skip_reason": "not found"}
WRONG = {"name": "c", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([SOUND], 0, "1 packages checked"),
        ([SOUND, WRONG], 1, "c 2: CVE-1, fixed in 2.1"),
        ([SKIPPED, WRONG], 1, "NOT CHECKED for 1 packages"),
        ([SKIPPED], 0, "NOT CHECKED for 1 packages"),
        ([], 0, "NOT CHECKED for all packages"),
    ],
)
def test_audit(packages: list, code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(packages) == code
    assert said in capsys.readouterr().out
