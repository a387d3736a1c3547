"""The question of an open page: who may ask what, for how long, and what is answered."""

import time

import pytest
from django.core.signing import Signer

from common import page_versions, renewal_questions
from common.page_versions import HOTEL, USER, PageVersions, Source
from common.renewal_questions import TOKEN_SECONDS, is_unchanged, make_token, read_token

NOW = 1_800_000_000.0
KEYS = ((HOTEL, 7), (USER, 12))


@pytest.fixture
def versions(monkeypatch: pytest.MonkeyPatch) -> PageVersions:
    """Versions of hotels that were looked at."""
    monkeypatch.setattr(renewal_questions, "_known", {})
    watched = PageVersions({"it": Source(HOTEL, lambda numbers: {n: n for n in numbers})})
    monkeypatch.setattr(page_versions, "versions", watched)
    watched.version([(HOTEL, 7), (HOTEL, 8)])
    watched.look()
    return watched


def test_a_token_says_what_it_is_for() -> None:
    assert read_token(make_token(KEYS, NOW), NOW) == KEYS


def test_a_token_is_for_a_minute_or_so() -> None:
    token = make_token(KEYS, NOW)
    assert read_token(token, NOW + TOKEN_SECONDS) == KEYS
    for _ in range(2):  # also where it is known
        assert read_token(token, NOW + TOKEN_SECONDS + 16) is None


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(("ours", "forged"), [("h7", "h8"), ("u12", "u13"), ("~18", "~19")])
def test_a_token_that_was_changed_is_none(ours: str, forged: str, known: bool) -> None:
    token = make_token(KEYS, NOW)
    if known:
        read_token(token, NOW)
    assert ours in token
    assert read_token(token.replace(ours, forged, 1), NOW) is None


@pytest.mark.parametrize("token", ["", ":", "h7~u12~99999999999", "h7:x", "é:é", "x" * 10_000])
def test_something_else_is_no_token(token: str) -> None:
    assert read_token(token, NOW) is None


def test_what_was_signed_for_something_else_is_no_token() -> None:
    assert read_token(Signer(salt="other").sign("h7~99999999999"), NOW) is None


def test_a_process_remembers_some_tokens_only(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, renewal_questions.Known] = {}
    monkeypatch.setattr(renewal_questions, "_known", known)
    monkeypatch.setattr(renewal_questions, "MAX_KNOWN_TOKENS", 2)
    for hotel in range(5):
        assert read_token(make_token(((HOTEL, hotel),), NOW), NOW) == ((HOTEL, hotel),)
    assert len(known) == 2


def test_a_page_with_the_present_version_is_told_that_nothing_changed(
    versions: PageVersions,
) -> None:
    token = make_token(((HOTEL, 7),), time.time())
    present = versions.version([(HOTEL, 7)])
    assert present is not None
    assert is_unchanged(token, present)
    for other in ("other", "", "None", str(versions.version([(HOTEL, 8)]))):
        assert not is_unchanged(token, other)


def test_who_has_no_token_learns_nothing(versions: PageVersions) -> None:
    present = str(versions.version([(HOTEL, 7)]))
    for token in ("", "h7~99999999999:x", make_token(((HOTEL, 7),), time.time() - 200)):
        assert not is_unchanged(token, present)
