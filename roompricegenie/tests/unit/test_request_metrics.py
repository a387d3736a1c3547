"""What requests are counted by cannot be widened by those who ask."""

import re
from typing import Any

import pytest
from django.urls import get_resolver
from hypothesis import given
from hypothesis import strategies as st

from roompricegenie.monitoring.request_metrics import BELOW, FIXED_PATHS, OTHER, shown_path

OF_A_HOTEL = {
    "/dashboard/hotels/<hotel_id>/", "/prices/hotels/<hotel_id>/",
    "/prices/hotels/<hotel_id>/preview/", "/prices/hotels/<hotel_id>/proposal/",
}  # fmt: skip


def routes(resolver: Any, before: str = "") -> list[str]:
    found = []
    for entry in resolver.url_patterns:
        path = before + str(entry.pattern)
        found += routes(entry, path) if hasattr(entry, "url_patterns") else [path]
    return found


@pytest.mark.parametrize("route", routes(get_resolver()))
def test_every_endpoint_is_known(route: str) -> None:
    path = "/" + re.sub(r"\(\?P<hotel_id>.*?\)", "7", route.strip("^$").replace("\\", ""))
    for spelling in (path.replace("/?", "/"), path.replace("/?", "")):
        assert shown_path(spelling) != OTHER, spelling


@given(
    st.one_of(st.text(), st.text().map("/dashboard/hotels/{}".format), st.text().map("/{}".format))
)
def test_any_path_is_one_of_few(path: str) -> None:
    assert shown_path(path) in {*FIXED_PATHS, *OF_A_HOTEL, *BELOW, OTHER}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/events", "/events/"),
        ("/static/vendor/x.js", "/static/"),
        ("/admin/accounts/apikey/", "/admin/"),
        ("/prices/hotels/12/preview", "/prices/hotels/<hotel_id>/preview/"),
        ("/wp-login.php", "other"),
        ("/events/feed/x", "other"),
    ],
)
def test_as_urls_have_it(path: str, shown: str) -> None:
    assert shown_path(path) == shown
