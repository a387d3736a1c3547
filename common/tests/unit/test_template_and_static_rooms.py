"""An app's templates and static files use their own folder, `common` and `vendor` only."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SHARED = {"common", "vendor"}
# {% extends "X/…" %}, {% include "X/…" %}, {% static 'X/…' %}
TEMPLATE_USE = re.compile(r"""\{%\s*(?:extends|include|static)\s+["']([^"']+)["']""")
# import … from "./x.js"; import "../common/x.js"; @import "x.css"; url(x.svg)
STATIC_USE = re.compile(r"""(?:\bfrom\s+|\bimport\s*\(?\s*|@import\s+|url\()["']?([\w./-]+\.\w+)""")


def used_by_template(file: Path) -> Iterator[Path]:
    """Yield the files that a template names, relative to `templates` or `static`."""
    yield from map(Path, TEMPLATE_USE.findall(file.read_text()))


def used_by_static_file(file: Path) -> Iterator[Path]:
    """Yield the files that a script or stylesheet names, relative to `static`."""
    for name in STATIC_USE.findall(file.read_text()):
        yield (file.parent / name).resolve().relative_to(ROOT / "static")


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STATIC_FILES = sorted(
    file
    for file in (ROOT / "static").rglob("*")
    if file.suffix in {".js", ".css"} and "vendor" not in file.parts
)


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_template_uses_its_own_room_and_the_shared_ones(file: Path) -> None:
    room = file.relative_to(ROOT / "templates").parts[0]
    rooms = {used.parts[0] for used in used_by_template(file)}
    assert rooms <= {room, *SHARED}


@pytest.mark.parametrize("file", STATIC_FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_static_file_uses_its_own_room_and_the_shared_ones(file: Path) -> None:
    room = file.relative_to(ROOT / "static").parts[0]
    used = list(used_by_static_file(file))
    assert {path.parts[0] for path in used} <= {room, *SHARED}
    assert [path for path in used if not (ROOT / "static" / path).is_file()] == []


def test_the_patterns_find_what_files_use() -> None:
    """Else the tests above would pass on anything."""
    page = ROOT / "templates" / "dashboard" / "page.html"
    assert Path("common/base.html") in used_by_template(page)
    assert Path("dashboard/dashboard_page.js") in used_by_template(page)
    script = ROOT / "static" / "dashboard" / "dashboard_page.js"
    assert Path("common/live_page.js") in used_by_static_file(script)


@pytest.mark.parametrize("file", STATIC_FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_static_file_is_short(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 350
