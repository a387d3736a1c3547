"""Whatever changes a page of a hotel moves the version of that hotel, and of no other one."""

import math
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from accounts.hotel_roles import give_role, take_role
from accounts.language.user_language_model import UserLanguage
from accounts.models import Role
from accounts.own_account.login_sessions import end_sessions
from common import page_versions, renewal_questions
from common.page_versions import HOTEL, USER, PageVersions
from dashboard_service.counting.count_storage import mark_as_changed
from dashboard_service.hotel_profiles import update_profile
from dashboard_service.models import FeedPosition, RoomNightHotel
from overview.messages.message_models import Message
from pricing_service.decisions.undo_models import UndoStep
from pricing_service.delivered.delivered_models import DeliveryReport
from pricing_service.delivery.webhook_models import WebhookReceiver
from pricing_service.event_calendars.calendar_models import EventCalendar, FoundEvent
from pricing_service.market_rates.rate_models import CompetitorRate
from pricing_service.models import PricingRules, PricingState
from pricing_service.rules.rule_list_models import NightNote
from tests.integration.access_clients import OTHER_HOTEL, OWN_HOTEL, RIGHTS, client_of
from tests.integration.access_hotels import create_two_hotels
from tests.prepared_rows import prepared_rows

DATABASES = ["default", "data_provider", "dashboard_service", "pricing_service"]
pytestmark = pytest.mark.django_db(databases=DATABASES)
NIGHT = date(2030, 5, 1)
PAGES = ("/", "/pricing/", "/morning/")


@pytest.fixture(scope="module")
def two_hotels(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_two_hotels):
        yield


@pytest.fixture
def versions(two_hotels: None) -> PageVersions:
    """Versions whose looks are the test's; how far the feed is behind is not asked over HTTP."""
    sources = {
        name: one for name, one in page_versions._sources.items() if not name.endswith("lag")
    }
    return PageVersions(sources)


def now() -> datetime:
    return datetime.now(UTC)


def save_rules() -> None:
    PricingRules.objects.get(pk=OWN_HOTEL).save()


def add_calendar() -> EventCalendar:
    return EventCalendar.objects.create(hotel_id=OWN_HOTEL, address="https://x", parsed_at=now())


def answer_event() -> None:
    found = {"key": "k", "uid": "u", "name": "Fair", "first": NIGHT, "last": NIGHT}
    FoundEvent.objects.create(calendar=add_calendar(), **found, answered_at=now())


def add_rate() -> None:
    rate = {"competitor": "Ritz", "night": NIGHT, "rate": 120, "currency": "EUR"}
    CompetitorRate.objects.create(hotel_id=OWN_HOTEL, seen_at=now(), **rate)


AT_ONCE: dict[str, Callable[[], Any]] = {
    "figures": lambda: mark_as_changed({OWN_HOTEL}),
    "prices": lambda: PricingState.objects.filter(pk=OWN_HOTEL).update(priced_at=now()),
    "rules": save_rules,
    "a decision": lambda: UndoStep.objects.create(id=99, hotel_id=OWN_HOTEL, summary="override"),
    "an undone decision": lambda: UndoStep.objects.filter(pk=OWN_HOTEL).update(undone_at=now()),
}
WITHIN_SECONDS: dict[str, Callable[[], Any]] = {
    "a name": lambda: update_profile(OWN_HOTEL, name="Ritz"),
    "rooms by date": lambda: update_profile(
        OWN_HOTEL, rooms_by_date=[{"first": NIGHT, "last": NIGHT, "rooms": 3}]
    ),
    "a recount": lambda: RoomNightHotel.objects.create(hotel_id=OWN_HOTEL, is_counted=False),
    "a note": lambda: NightNote.objects.create(hotel_id=OWN_HOTEL, night=NIGHT, text="fair"),
    "a webhook": lambda: WebhookReceiver.objects.update_or_create(
        hotel_id=OWN_HOTEL, defaults={"answer": "404"}
    ),
    "a report": lambda: DeliveryReport.objects.create(hotel_id=OWN_HOTEL, system="PMS"),
    "a competitor's rate": add_rate,
    "a calendar": add_calendar,
    "an answered event": answer_event,
    "a price that grew stale": lambda: PricingState.objects.filter(pk=OWN_HOTEL).update(
        stale_since=NIGHT
    ),
}


def versions_after(versions: PageVersions, keys: list[tuple[str, int]]) -> list[str | None]:
    versions._all_due_at = 0.0
    versions.look()
    return [versions.version([key]) for key in keys]


@pytest.mark.parametrize("kind", [*AT_ONCE, *WITHIN_SECONDS])
def test_a_change_moves_the_version_of_its_hotel_only(kind: str, versions: PageVersions) -> None:
    keys = [(HOTEL, OWN_HOTEL), (HOTEL, OTHER_HOTEL)]
    versions.version(keys)
    before = versions_after(versions, keys)
    assert None not in before
    assert versions_after(versions, keys) == before, "nothing changed"
    (AT_ONCE | WITHIN_SECONDS)[kind]()
    after = versions_after(versions, keys)
    assert after[0] != before[0]
    assert after[1] == before[1]


@pytest.mark.parametrize("kind", AT_ONCE)
def test_figures_and_prices_are_found_by_each_look(kind: str, versions: PageVersions) -> None:
    key = (HOTEL, OWN_HOTEL)
    versions.version([key])
    (before,) = versions_after(versions, [key])
    versions.look()  # from here on, what moved is known
    versions._all_due_at = math.inf
    AT_ONCE[kind]()
    versions.look()
    assert versions.version([key]) != before


@pytest.mark.one_database
@pytest.mark.parametrize("kind", [*AT_ONCE, *WITHIN_SECONDS, "a rebuild"])
def test_no_page_changes_without_its_version(
    kind: str, versions: PageVersions, settings: Any
) -> None:
    """The version of whatever moves a page's ETag moves, so that it is asked for."""
    settings.API_AUTH = "open"
    settings.EVENTS_API_BASE_URL = "http://127.0.0.1:1"
    key, client = (HOTEL, OWN_HOTEL), Client()
    rebuild = {"a rebuild": lambda: FeedPosition.objects.create(rebuild_needed=True)}
    versions.version([key])
    (before,) = versions_after(versions, [key])
    etags = [client.get(f"{path}?hotel_id={OWN_HOTEL}")["ETag"] for path in PAGES]
    (AT_ONCE | WITHIN_SECONDS | rebuild)[kind]()
    changed = [client.get(f"{path}?hotel_id={OWN_HOTEL}")["ETag"] for path in PAGES]
    assert changed != etags, f"{kind} is on none of the pages"
    assert versions_after(versions, [key]) != [before]


def message(user: User) -> Message:
    return Message.objects.create(user=user, hotel_id=OWN_HOTEL, kind="x", title="x", text="x")


def end_session(user: User) -> None:
    Client().force_login(user, "django.contrib.auth.backends.ModelBackend")
    end_sessions(user)


OF_A_USER: dict[str, Callable[[User], Any]] = {
    "a message": message,
    "a message that is read": lambda user: Message.objects.filter(user=user).update(read_at=now()),
    "a language": lambda user: UserLanguage.objects.create(user=user, language="de"),
    "a role": lambda user: give_role(user, [OWN_HOTEL], Role.DECIDE),
    "a lost hotel": lambda user: take_role(user, OWN_HOTEL),
    "an ended session": end_sessions,
    "an inactive user": lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
}


@pytest.mark.parametrize("kind", OF_A_USER)
def test_a_change_moves_the_version_of_its_user_only(kind: str, versions: PageVersions) -> None:
    mia, tom = (User.objects.create(username=name) for name in ("mia", "tom"))
    for user in (mia, tom):
        give_role(user, [OWN_HOTEL], Role.SEE)
        message(user)
        Client().force_login(user, "django.contrib.auth.backends.ModelBackend")
    keys = [(USER, mia.pk), (USER, tom.pk), (HOTEL, OWN_HOTEL)]
    versions.version(keys)
    before = versions_after(versions, keys)
    OF_A_USER[kind](mia)
    after = versions_after(versions, keys)
    assert after[0] != before[0]
    assert after[1:] == before[1:]


@pytest.mark.one_database
@pytest.mark.parametrize("kind", RIGHTS)
def test_a_token_comes_with_the_page_and_is_for_its_hotel(
    kind: str, versions: PageVersions, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may not see a page gets no token about it."""
    settings.API_AUTH = "required"
    settings.EVENTS_API_BASE_URL = "http://127.0.0.1:1"
    monkeypatch.setattr(page_versions, "versions", versions)
    versions.is_running = True
    client, asked = client_of(kind), set()
    for path in PAGES:
        for hotel in (OWN_HOTEL, OTHER_HOTEL):
            address = f"{path}?hotel_id={hotel}"
            assert renewal_questions.TOKEN_HEADER not in client.get(address).headers
            versions._all_due_at = 0.0
            versions.look()
            response = client.get(address)
            token = response.headers.get(renewal_questions.TOKEN_HEADER)
            assert (token is not None) == (response.status_code == 200)
            if token is None:
                continue
            keys = renewal_questions.read_token(token, time.time())
            assert keys is not None
            assert keys[0] == (HOTEL, hotel)
            assert all(kind == USER for kind, _ in keys[1:])
            asked.add(hotel)
            versions._watched.clear()
    hotels = RIGHTS[kind].hotels
    assert asked <= ({OWN_HOTEL, OTHER_HOTEL} if hotels is None else hotels)


def test_a_page_that_changed_while_it_was_made_gets_no_token(
    versions: PageVersions, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would have the version of the change without its content."""
    settings.API_AUTH = "open"
    monkeypatch.setattr(page_versions, "versions", versions)
    versions.is_running = True
    versions.version([(HOTEL, OWN_HOTEL)])
    versions_after(versions, [])
    read = renewal_questions.page_headers

    def changed_meanwhile(*arguments: Any) -> Any:
        mark_as_changed({OWN_HOTEL})
        versions_after(versions, [])
        return read(*arguments)

    address = f"/?hotel_id={OWN_HOTEL}"
    assert renewal_questions.TOKEN_HEADER in Client().get(address).headers
    monkeypatch.setattr(renewal_questions, "page_headers", changed_meanwhile)
    assert renewal_questions.TOKEN_HEADER not in Client().get(address).headers
