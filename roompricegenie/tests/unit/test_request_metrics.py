"""The path labels of the request metrics are a fixed set that clients cannot enlarge."""

import re
from typing import Any

import pytest
from django.urls import get_resolver
from hypothesis import given
from hypothesis import strategies as st

from roompricegenie.monitoring.request_metrics import FIXED_PATHS, OTHER, PREFIXES, path_label

HOTEL_PATHS = {
    "/dashboard/hotels/<hotel_id>/", "/prices/hotels/<hotel_id>/",
    "/prices/hotels/<hotel_id>/preview/", "/prices/hotels/<hotel_id>/proposal/",
    "/prices/hotels/<hotel_id>/webhook-secret/", "/prices/hotels/<hotel_id>/send-all/",
}  # fmt: skip


def list_routes(resolver: Any, prefix: str = "") -> list[str]:
    routes = []
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        routes += list_routes(entry, path) if hasattr(entry, "url_patterns") else [path]
    return routes


@pytest.mark.parametrize("route", list_routes(get_resolver()))
def test_every_endpoint_has_a_label(route: str) -> None:
    path = "/" + re.sub(r"\(\?P<hotel_id>.*?\)", "7", route.strip("^$").replace("\\", ""))
    for spelling in (path.replace("/?", "/"), path.replace("/?", "")):
        assert path_label(spelling) != OTHER, spelling


@given(
    st.one_of(st.text(), st.text().map("/dashboard/hotels/{}".format), st.text().map("/{}".format))
)
def test_the_label_of_any_path_is_in_the_fixed_set(path: str) -> None:
    assert path_label(path) in {*FIXED_PATHS, *HOTEL_PATHS, *PREFIXES, OTHER}


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/events", "/events/"),
        ("/static/vendor/x.js", "/static/"),
        ("/admin/accounts/apikey/", "/admin/"),
        ("/prices/hotels/12/preview", "/prices/hotels/<hotel_id>/preview/"),
        ("/wp-login.php", "other"),
        ("/events/feed/x", "other"),
    ],
)
def test_the_label_is_the_path_of_the_urls(path: str, label: str) -> None:
    assert path_label(path) == label
