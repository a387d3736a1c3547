"""The response cache of a process: bounded memory, and no response that is out of date."""

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
    monkeypatch.setattr(response_cache, "MAX_BYTES", 25)
    cache = ResponseCache()
    cache.put("a", cached(10))
    cache.put("b", cached(10))
    cache.get("a")
    cache.put("c", cached(10))
    assert [name for name in "abc" if cache.get(name)] == ["a", "c"]
    cache.put("a", cached(15))
    assert [name for name in "abc" if cache.get(name)] == ["a", "c"], "counted once, not twice"
    cache.put("d", cached(26))
    assert not any(map(cache.get, "abcd")), "a response larger than the cache is not cached"


def test_a_response_is_not_current_while_the_database_does_not_answer() -> None:
    def fail() -> tuple[str, ...]:
        raise OperationalError("away")

    assert cached(1).is_current()
    assert not cached(1)._replace(current_parts=fail).is_current()
    assert not cached(1)._replace(current_parts=lambda: ("changed",)).is_current()


class View:
    """A view that counts its calls and whose response depends on `version`."""

    def __init__(self) -> None:
        self.version, self.calls = 1, 0
        self.middleware = ResponseCacheMiddleware(self.respond)

    def respond(self, request: object) -> HttpResponse:
        self.calls += 1
        response: HttpResponse = etag_response(
            request,
            (self.version,),
            lambda: HttpResponse(f"version {self.version}"),
            lambda: (self.version,),
        )
        return response

    def get(self, access: Access = OPEN, refusal: object = None) -> str:
        request = RequestFactory().get("/figures/")
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
