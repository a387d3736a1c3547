"""Event calendars from a real server: proposals, answers, moved and vanished events, and failures."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from common.access_rights import Ability, Access
from pricing_service.event_calendars import calendar_reading
from pricing_service.event_calendars.calendar_models import Answer, EventCalendar, FoundEvent
from pricing_service.models import DemandEvent, PricingState
from pricing_service.tasks import read_event_calendars
from pricing_service.tests.calendar_server import CalendarServer
from pricing_service.tests.hotels import DATABASES, HOTEL, book, create_hotel, create_rules, night

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture
def fair(settings: Any) -> Iterator[CalendarServer]:
    server = CalendarServer()
    settings.WEBHOOK_INTERNAL_HOSTS = [server.host]
    server.has(("a", "Spring fair", night(20), night(23)))
    yield server
    server.close()


@pytest.fixture(autouse=True)
def hotel(settings: Any) -> None:
    settings.API_AUTH = "open"
    create_hotel()
    create_rules(mode="suggest")


def act(client: Client, status: int = 302, **fields: Any) -> str:
    """Send a form of the page; return the text of the page after it."""
    path = f"/pricing/event-calendars/?hotel_id={HOTEL}"
    response = client.post(path, fields)
    assert response.status_code == status, response.content
    return text_of(response.content if status != 302 else client.get(path).content)


def text_of(content: bytes) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content.decode())).split())


def add(client: Client, fair: CalendarServer) -> str:
    return act(client, act="add", address=fair.url)


def check(client: Client) -> str:
    return act(client, act="check", calendar=EventCalendar.objects.get().pk)


def found(name: str = "Spring fair") -> FoundEvent:
    return FoundEvent.objects.get(name=name)


def rules() -> list[tuple[str, date, date, float]]:
    return list(DemandEvent.objects.values_list("name", "first", "last", "factor"))


def test_a_proposal_is_accepted_with_a_factor_and_prices_the_hotel(
    client: Client, fair: CalendarServer
) -> None:
    assert "Spring fair" in add(client, fair)
    assert rules() == []
    assert "1 proposal waits for an answer" in text_of(
        client.get(f"/pricing/?hotel_id={HOTEL}").content
    )
    text = act(client, act="accept", event=found().pk, factor="1,3")
    assert rules() == [("Spring fair", night(20), night(23), 1.3)]
    assert "Nothing waits for an answer" in text
    prices = client.get(f"/prices/?hotel_id={HOTEL}&from={night(20)}&to={night(20)}").json()
    assert len(prices) == 1, "the hotel is priced at once"
    assert "answered already" in act(client, 400, act="accept", event=found().pk, factor="1.3")
    undone = client.get(f"/prices/undo/?hotel_id={HOTEL}").json()
    assert "Spring fair" in str(undone)


def test_what_was_dismissed_is_never_proposed_again(client: Client, fair: CalendarServer) -> None:
    add(client, fair)
    act(client, act="dismiss", event=found().pk)
    fair.has(("another id", "Spring fair", night(21), night(24)))
    assert "Nothing waits for an answer" in check(client)
    fair.has()
    check(client)
    fair.has(("a", "Spring fair", night(20), night(23)))
    assert "Nothing waits for an answer" in check(client)
    assert rules() == []


def test_an_accepted_event_that_moves_is_a_proposal_to_move_it(
    client: Client, fair: CalendarServer
) -> None:
    add(client, fair)
    act(client, act="accept", event=found().pk, factor="1.5")
    fair.has(("a", "Spring fair", night(60), night(62)))
    assert "moved in its calendar" in check(client)
    assert rules() == [("Spring fair", night(20), night(23), 1.5)]
    act(client, act="move", event=found().pk)
    assert rules() == [("Spring fair", night(60), night(62), 1.5)]
    fair.has(("a", "Spring fair", night(70), night(72)))
    check(client)
    assert "Nothing waits" in act(client, act="leave", event=found().pk)
    assert "Nothing waits" in check(client)
    fair.has(("a", "Spring fair", night(71), night(73)))
    assert "moved in its calendar" in check(client), "another change is another proposal"
    DemandEvent.objects.all().delete()
    assert "no longer in the rules" in act(client, 400, act="move", event=found().pk)


def test_an_accepted_event_that_vanishes_is_said(client: Client, fair: CalendarServer) -> None:
    add(client, fair)
    act(client, act="accept", event=found().pk, factor="1.5")
    fair.has()
    assert "is gone from its calendar" in check(client)
    assert rules(), "and stays until a person answers"
    assert "Nothing waits" in act(client, act="leave", event=found().pk)
    assert "Nothing waits" in check(client)
    fair.has(("a", "Spring fair", night(20), night(23)))
    assert "Nothing waits" in check(client), "it came back as it was accepted"
    fair.has()
    check(client)
    act(client, act="remove-vanished", event=found().pk)
    assert rules() == []
    fair.has(("a", "Spring fair", night(20), night(23)))
    assert "Accept" in check(client), "should it come back, it is proposed anew"


def test_events_that_nobody_answered_go_with_the_calendar(
    client: Client, fair: CalendarServer
) -> None:
    past = ("p", "Past fair", night(-9), night(-7))
    fair.has(past, ("a", "Spring fair", night(20), night(23)), ("b", "Race", night(30), night(30)))
    text = add(client, fair)
    assert "Race" in text
    assert "Past fair" not in text
    fair.has(("b", "Race", night(30), night(30)))
    assert "Spring fair" not in check(client)
    act(client, act="accept", event=found("Race").pk, factor="1.5")
    act(client, act="remove", calendar=EventCalendar.objects.get().pk)
    assert not FoundEvent.objects.exists()
    assert [name for name, *_ in rules()] == ["Race"], "what was accepted stays"


def test_a_reading_and_an_answer_wait_for_each_other(
    client: Client, fair: CalendarServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a reading that began before would store its older answer over the person's."""
    is_locked: list[bool] = []
    locked, compare = PricingState.locked, calendar_reading._compare

    @contextmanager
    def watched(hotel_id: int) -> Iterator[PricingState]:
        with locked(hotel_id) as state:
            is_locked.append(True)
            yield state
        is_locked.clear()

    def compared(*arguments: Any) -> None:
        assert is_locked
        compare(*arguments)

    monkeypatch.setattr(PricingState, "locked", watched)
    monkeypatch.setattr(calendar_reading, "_compare", compared)
    add(client, fair)
    assert found().first == night(20)


def test_the_factor_is_learned_from_the_same_event_before(
    client: Client, fair: CalendarServer
) -> None:
    for ahead in range(-460, 0):
        is_fair = -365 <= ahead <= -362
        book(night(ahead), 18 if is_fair else 10, day=night(ahead - 10))
    year = night(-365).year
    fair.has(
        ("a", f"Messe {year}", night(-365), night(-362)),
        ("b", f"Messe {year + 1}", night(-1), night(2)),
        ("c", "Concert", night(40), night(40)),
    )
    add(client, fair)
    factors = dict(FoundEvent.objects.values_list("name", "proposed_factor"))
    assert factors == {f"Messe {year + 1}": pytest.approx(1.4, abs=0.05), "Concert": None}


def test_the_file_is_not_sent_again_while_it_is_the_same(
    client: Client, fair: CalendarServer
) -> None:
    fair.headers = {"ETag": '"v1"', "Last-Modified": "Fri, 01 Jan 2027 00:00:00 GMT"}
    add(client, fair)
    check(client)
    assert fair.requests[1]["if-none-match"] == '"v1"'
    assert "if-modified-since" in fair.requests[1]
    assert found().answer == Answer.OPEN
    # A week later it is read anew: nights have come nearer.
    EventCalendar.objects.update(parsed_at=timezone.now() - timedelta(days=8))
    check(client)
    assert "if-none-match" not in fair.requests[2]


def test_the_task_reads_what_is_due_once_a_day(client: Client, fair: CalendarServer) -> None:
    add(client, fair)
    assert read_event_calendars() == 0
    EventCalendar.objects.update(next_read_at=timezone.now())
    assert read_event_calendars() == 1
    calendar = EventCalendar.objects.get()
    assert calendar.next_read_at - timezone.now() > timedelta(hours=23)
    EventCalendar.objects.update(claimed_until=timezone.now() + timedelta(minutes=1))
    assert "being read already" in act(client, 400, act="check", calendar=calendar.pk)


def test_a_failure_is_said_and_changes_nothing(client: Client, fair: CalendarServer) -> None:
    add(client, fair)
    for status, body, reason in (
        (500, b"", "it answered 500"),
        (200, b"<html>", "no iCalendar file"),
        (302, b"", "which must begin with https://"),
    ):
        fair.status, fair.body = status, body
        fair.headers = {"Location": "http://elsewhere.example/"} if status == 302 else {}
        text = check(client)
        assert reason in text
        assert found().answer == Answer.OPEN
        assert "token-123" not in EventCalendar.objects.get().failure
    fair.headers, fair.status = {"Location": "/token-123/fair.ics"}, 302
    assert "without end" in check(client)


def test_a_compressed_file_is_read_and_a_bomb_is_not(client: Client, fair: CalendarServer) -> None:
    fair.headers = {"Content-Encoding": "gzip"}
    fair.body = gzip.compress(fair.body)
    assert "Spring fair" in add(client, fair)
    fair.body = gzip.compress(bytes(20_000_000))
    assert "larger than" in check(client)


@pytest.mark.parametrize("factor", ["", "0", "11", "-1", "1.2.3", "nan", "1e1", "²", "1" * 20])
def test_factors_that_are_refused(client: Client, fair: CalendarServer, factor: str) -> None:
    add(client, fair)
    assert "The factor must be a number" in act(
        client, 400, act="accept", event=found().pk, factor=factor
    )
    assert rules() == []


def test_forms_that_ask_for_nothing_known(client: Client, fair: CalendarServer) -> None:
    add(client, fair)
    assert "no longer there" in act(client, 400, act="dismiss", event="x")
    assert "no longer in the list" in act(client, 400, act="check", calendar="9" * 30)
    assert "says not" in act(client, 400, act="fly")
    assert "in the list already" in act(client, 400, act="add", address=fair.url)
    other = client.post(
        "/pricing/event-calendars/?hotel_id=8", {"act": "dismiss", "event": found().pk}
    )
    assert other.status_code == 400, "of another hotel"
    assert found().answer == Answer.OPEN


def test_readers_see_no_token_and_change_nothing(
    client: Client, fair: CalendarServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(client, fair)
    access = Access(
        "mia", "user 1", frozenset({Ability.READ_PRICES}), frozenset({HOTEL}), is_known=True
    )
    monkeypatch.setattr("accounts.middleware.access_of_sender", lambda request: access)
    path = f"/pricing/event-calendars/?hotel_id={HOTEL}"
    html = client.get(path).content
    assert b"Spring fair" in html
    assert b"token-123" not in html
    assert b"<button" not in html.split(b"<main")[1].split(b"</main>")[0]
    assert client.post(path, {"act": "dismiss", "event": found().pk}).status_code == 403
    assert client.get("/pricing/event-calendars/?hotel_id=8").status_code == 403


def test_names_cannot_bring_markup(client: Client, fair: CalendarServer) -> None:
    fair.has(("a", "<script>x</script>", night(20), night(23)))
    add(client, fair)
    for path in ("/pricing/event-calendars/", "/pricing/"):
        assert b"<script>x" not in client.get(f"{path}?hotel_id={HOTEL}").content


def test_a_hotel_without_prices_cannot_accept(client: Client, fair: CalendarServer) -> None:
    path = "/pricing/event-calendars/?hotel_id=8"
    client.post(path, {"act": "add", "address": fair.url})
    response = client.post(path, {"act": "accept", "event": found().pk, "factor": "1.2"})
    assert "give it a base price first" in text_of(response.content)


def test_identifiers_say_which_event_it_is_before_names_do(
    client: Client, fair: CalendarServer
) -> None:
    fair.has(("a", "Fair", night(20), night(21)), ("b", "Race", night(25), night(26)))
    add(client, fair)
    act(client, act="dismiss", event=found("Race").pk)
    fair.has(("b", "Fair", night(20), night(21)), ("a", "Race", night(25), night(26)))
    check(client)
    answers = dict(FoundEvent.objects.values_list("name", "answer"))
    assert answers == {"Fair": Answer.DISMISSED, "Race": Answer.OPEN}
