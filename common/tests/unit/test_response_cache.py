"""The response cache of a process: bounded memory, and no response that is out of date."""

import gc
import tracemalloc

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from common import response_cache
from common.access_rights import OPEN, Access
from common.etags import etag_response
from common.response_cache import CachedResponse, ResponseCache, ResponseCacheMiddleware


def cached(size: int) -> CachedResponse:
    return CachedResponse((), tuple, '"x"', {}, {}, b"x" * size)


def test_memory_is_bounded_and_the_last_used_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_cache, "MAX_BYTES", 25 + 2 * cached(0).size())
    cache = ResponseCache()
    cache.put("a", cached(10))
    cache.put("b", cached(10))
    cache.get("a")
    cache.put("c", cached(10))
    assert [name for name in "abc" if cache.get(name)] == ["a", "c"]
    cache.put("a", cached(15))
    assert [name for name in "abc" if cache.get(name)] == ["a", "c"], "counted once, not twice"


def test_a_response_is_not_current_while_the_database_does_not_answer() -> None:
    def fail() -> tuple[str, ...]:
        raise OperationalError("away")

    assert cached(1).is_current()
    assert not cached(1)._replace(current_parts=fail).is_current()
    assert not cached(1)._replace(current_parts=lambda: ("changed",)).is_current()


class View:
    """A view that counts its calls and whose response depends on `version`."""

    def __init__(self, body: str = "version #") -> None:
        self.version, self.calls, self.body = 1, 0, body
        self.middleware = ResponseCacheMiddleware(self.respond)

    def respond(self, request: object) -> HttpResponse:
        self.calls += 1
        response: HttpResponse = etag_response(
            request,
            (self.version,),
            lambda: HttpResponse(self.body.replace("#", str(self.version))),
            lambda: (self.version,),
        )
        return response

    def get(
        self, access: Access = OPEN, refusal: object = None, accept: str = "*/*", query: str = "",
        *, tls: bool = False,
    ) -> str:  # fmt: skip
        request = RequestFactory().get("/figures/", headers={"Accept": accept}, secure=tls)
        request.META["QUERY_STRING"] = query  # the factory would keep it in a cache of its own
        request.access, request.refusal = access, refusal  # type: ignore[attr-defined]  # as the accounts' middleware does
        return self.middleware(request).content.decode()


def test_a_response_is_made_once_until_it_changes() -> None:
    view = View()
    assert [view.get(), view.get()] == ["version 1", "version 1"]
    assert view.calls == 1
    view.version = 2
    assert view.get() == "version 2"


def test_other_rights_and_refused_requests_get_no_cached_response() -> None:
    view = View()
    view.get()
    view.get(access=Access("somebody"))
    view.get(refusal="too many requests")
    assert view.calls == 3


def test_links_of_a_response_are_those_of_its_scheme() -> None:
    view = View()
    view.get()
    view.get(tls=True)
    assert view.calls == 2


def test_the_number_of_responses_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_cache, "MAX_RESPONSES", 2)
    cache = ResponseCache()
    for name in "abc":
        cache.put(name, cached(1))
    assert [name for name in "abc" if cache.get(name)] == ["b", "c"]


def test_a_response_larger_than_the_cache_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(response_cache, "MAX_BYTES", 20_000)
    cache = ResponseCache()
    cache.put("a", cached(1))
    cache.put("b", cached(20_000))
    assert cache.get("a")
    assert not cache.get("b")


def test_the_size_contains_the_headers() -> None:
    assert cached(1)._replace(headers={"Link": "x" * 5_000}).size() > cached(1).size() + 5_000


def test_headers_that_choose_the_same_format_share_a_response() -> None:
    view = View()
    for accept in ("*/*", "application/json, */*;q=0.5", f"application/json, x/{'y' * 200}, */*"):
        view.get(accept=accept)
    assert view.calls == 1
    view.get(accept="text/csv")
    assert view.calls == 2


def test_a_long_accept_header_is_not_kept() -> None:
    view = View()
    for number in range(3):
        view.get(accept=f"application/json, {number}/{'y' * 8_000}")
    assert view.calls == 3
    assert not view.middleware._cache._responses


@pytest.mark.parametrize("body", ["", "[]", "{}"])
def test_an_empty_response_is_not_kept(body: str) -> None:
    view = View(body)
    view.get()
    assert not view.middleware._cache._responses


def test_the_memory_of_strangers_questions_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is really kept, keys and all, against the limit."""
    monkeypatch.setattr(response_cache, "MAX_BYTES", 1_000_000)
    view = View("x" * 100)
    view.get()
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(1_500):
            hotels = frozenset(range(number, number + 300))
            view.get(Access(f"key {number}", hotels=hotels), query=f"{number}={'q' * 4_000}")
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000
