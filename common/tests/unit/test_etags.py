"""ETags: a 304 for what the client has, a new tag when figures or code change."""

from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from common.etags import code_fingerprint, etag_response, page_fingerprint


def get(version: int, if_none_match: str = "") -> HttpResponse:
    headers = {"If-None-Match": if_none_match} if if_none_match else {}
    request = RequestFactory().get("/", headers=headers)
    response: HttpResponse = etag_response(request, (version,), lambda: HttpResponse("body"))
    return response


def test_the_same_parts_are_a_304() -> None:
    first = get(1)
    assert (first.status_code, first.content) == (200, b"body")
    second = get(1, first["ETag"])
    assert (second.status_code, second["ETag"]) == (304, first["ETag"])
    assert second["Cache-Control"] == "private, no-cache"


def test_other_parts_are_another_response() -> None:
    assert get(2, get(1)["ETag"]).status_code == 200


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in (
        "dashboard/views.py",
        "pricing/views.py",
        "common/etags.py",
        "common/templatetags/number_formats.py",
        "templates/common/base.html",
        "static/common/base.css",
        "static/common/dom.js",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("before")
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "is_new"),
    [
        ("dashboard/views.py", True),
        ("common/etags.py", True),
        ("common/templatetags/number_formats.py", True),
        ("templates/common/base.html", True),
        ("static/common/base.css", True),
        ("static/common/dom.js", True),
        ("pricing/views.py", False),
    ],
)
def test_a_page_has_a_new_tag_when_its_code_changes(
    project: Path, changed: str, is_new: bool
) -> None:
    before = page_fingerprint(app=project / "dashboard")
    (project / changed).write_text("after")
    assert (page_fingerprint(app=project / "dashboard") != before) == is_new


def test_other_files_are_no_code(project: Path) -> None:
    before = code_fingerprint(project)
    (project / "notes.txt").write_text("anything")
    assert code_fingerprint(project) == before
