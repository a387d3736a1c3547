"""Every endpoint for everybody: who gets what, and nobody gets more.

The table `RIGHT` says what each of WHO is for; from it and from what an endpoint asks for follows
the only right answer. An endpoint that is new and not in the table makes the last test red.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import get_resolver

from accounts.models import ApiKey, HotelAccess
from common.access_rights import Ability
from dashboard_service.models import DashboardData, HotelFigures
from data_provider import ledger
from data_provider.event_validation import parse_event
from data_provider.models import Event
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.models import PricingRules

pytestmark = pytest.mark.django_db(
    databases=["default", "data_provider", "dashboard_service", "pricing_service"]
)

MINE, FOREIGN = 1, 2
EVERYTHING = set(Ability)
NIGHT = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


@dataclass(frozen=True)
class Right:
    """What somebody is for; None for hotels is all, no `may` is nobody."""

    may: frozenset[str] | None = None
    hotels: frozenset[int] | None = frozenset()


def right(*may: str, hotels: frozenset[int] | None = frozenset({MINE})) -> Right:
    return Right(frozenset(may), hotels)


RIGHT = {
    "no key": Right(),
    "wrong key": Right(),
    "no key but another scheme": Right(),
    "expired key": Right(),
    "revoked key": Right(),
    "inactive user": Right(),
    "key of another hotel": right(*EVERYTHING, hotels=frozenset({FOREIGN})),
    "key of the hotel": right(*EVERYTHING),
    "key that reads": right("read_events", "read_dashboard"),
    "key that writes": right("write_events"),
    "key that reads events": right("read_events"),
    "key for all hotels": right(*EVERYTHING, hotels=None),
    "key that reads prices": right("read_prices"),
    "key that watches": right("read_metrics", hotels=None),
    "the services' key": right("read_events", "read_dashboard", hotels=None),
    "staff": right("read_events", "read_dashboard", "read_prices", "read_metrics", hotels=None),
    "staff that may change hotels": right(
        "read_events", "read_dashboard", "read_prices", "read_metrics", "change_hotels", hotels=None
    ),
    "superuser": right(*EVERYTHING, hotels=None),
    "plain user": right("read_events", "read_dashboard", "read_prices"),
    "user that sets prices": right("read_events", "read_dashboard", "read_prices", "set_prices"),
    "user without hotels": right(
        "read_events", "read_dashboard", "read_prices", hotels=frozenset()
    ),
}


def event(hotel: int) -> dict[str, Any]:
    return {
        "hotel_id": hotel, "status": 1, "event_timestamp": "2025-06-01T10:00:00Z",
        "room_reservation_id": str(uuid.uuid4()), "night_of_stay": "2025-07-04",
    }  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A request, the ability and the hotels that it asks for; "all" for what needs all hotels."""

    method: str
    path: str
    needs: str
    hotels: frozenset[int] | str = frozenset()
    body: Any = None

    def __str__(self) -> str:
        what = "" if self.body is None else f" of {set(self.hotels)}"
        return f"{self.method} {self.path}{what}"


def lock(hotel: int) -> dict[str, Any]:
    return {"hotel_id": hotel, "nights": [NIGHT], "action": "lock"}


BOTH = frozenset({MINE, FOREIGN})
CALLS = [
    Call("GET", "/events/", "read_events"),
    Call("GET", "/events/?hotel_id=1", "read_events", frozenset({MINE})),
    Call("GET", "/events?hotel_id=2", "read_events", frozenset({FOREIGN})),
    Call("GET", "/events/feed/", "read_events", "all"),
    Call("GET", "/events/feed/status/", "read_events", "all"),
    Call("POST", "/events/", "write_events", frozenset({MINE}), event(MINE)),
    Call("POST", "/events/", "write_events", frozenset({FOREIGN}), event(FOREIGN)),
    Call("POST", "/events", "write_events", frozenset({MINE}), [event(MINE), event(MINE)]),
    Call("POST", "/events", "write_events", BOTH, [event(MINE), event(FOREIGN), event(MINE)]),
    Call("GET", "/dashboard/?hotel_id=1", "read_dashboard", frozenset({MINE})),
    Call("GET", "/dashboard?hotel_id=1&format=csv", "read_dashboard", frozenset({MINE})),
    Call("GET", "/dashboard/?hotel_id=2", "read_dashboard", frozenset({FOREIGN})),
    Call("GET", "/dashboard/hotels/", "read_dashboard"),
    Call("GET", "/dashboard/hotels/1/", "read_dashboard", frozenset({MINE})),
    Call("GET", "/dashboard/hotels/2", "read_dashboard", frozenset({FOREIGN})),
    Call("PATCH", "/dashboard/hotels/1/", "change_hotels", frozenset({MINE}), {"name": "A"}),
    Call("PATCH", "/dashboard/hotels/2/", "change_hotels", frozenset({FOREIGN}), {"name": "B"}),
    Call("GET", "/dashboard/pickup/?hotel_id=1", "read_dashboard", frozenset({MINE})),
    Call("GET", "/dashboard/pickup/?hotel_id=2", "read_dashboard", frozenset({FOREIGN})),
    Call("GET", "/dashboard/status/", "read_dashboard"),
    Call("GET", "/dashboard/check/", "read_dashboard"),
    Call("GET", "/prices/?hotel_id=1", "read_prices", frozenset({MINE})),
    Call("GET", "/prices?hotel_id=2&format=csv", "read_prices", frozenset({FOREIGN})),
    Call("GET", f"/prices/night/?hotel_id=1&night={NIGHT}", "read_prices", frozenset({MINE})),
    Call("GET", "/prices/decisions/?hotel_id=1", "read_prices", frozenset({MINE})),
    Call("POST", "/prices/decisions/", "set_prices", frozenset({MINE}), lock(MINE)),
    Call("POST", "/prices/decisions", "set_prices", frozenset({FOREIGN}), lock(FOREIGN)),
    Call("GET", "/prices/hotels/1/", "read_prices", frozenset({MINE})),
    Call("PATCH", "/prices/hotels/1/", "set_prices", frozenset({MINE}), {"base_price": 90}),
    Call("PATCH", "/prices/hotels/2", "set_prices", frozenset({FOREIGN}), {"base_price": 90}),
    Call("POST", "/prices/hotels/1/preview/", "read_prices", frozenset({MINE}), {"base_price": 1}),
    Call("GET", "/prices/hotels/1/proposal/", "read_prices", frozenset({MINE})),
    Call("GET", "/metrics", "read_metrics", "all"),
    Call("GET", "/metrics/", "read_metrics", "all"),
]


@pytest.fixture(autouse=True)
def a_closed_system(settings: Any) -> None:
    settings.API_AUTH = "required"
    settings.EVENTS_API_BASE_URL = "http://127.0.0.1:1"  # /dashboard/status/ asks in vain
    for hotel in (MINE, FOREIGN):
        row, wrong = parse_event(event(hotel))
        assert row, wrong
        ledger.record([row])
        HotelFigures.objects.create(hotel_id=hotel, changed_at=datetime.now(UTC))
        PricingRules.objects.create(
            hotel_id=hotel, base_price=90, minimum_price=1, maximum_price=200
        )
        reprice(hotel)
        for basis, day in (("booked", "2025-06-01"), ("stay", "2025-07-04")):
            DashboardData.objects.create(
                hotel_id=hotel, basis=basis, day=day, gross_booking_count=1
            )


def key(right: Right, **more: Any) -> tuple[ApiKey, str]:
    made: tuple[ApiKey, str] = ApiKey.objects.create_key(
        name="test", all_hotels=right.hotels is None,
        hotels=", ".join(map(str, right.hotels or ())),
        **dict.fromkeys(right.may or (), True), **more,
    )  # type: ignore[assignment]  # fmt: skip
    return made


def client_of(who: str) -> Client:
    """A client that is WHO."""

    def bearer(shown: str, scheme: str = "Bearer") -> Client:
        return Client(headers={"Authorization": f"{scheme} {shown}"})

    def logged_in(**fields: Any) -> Client:
        user = get_user_model().objects.create_user(f"user {uuid.uuid4()}", **fields)
        hotels = RIGHT[who].hotels
        if hotels:
            HotelAccess.objects.create(user=user, hotels=", ".join(map(str, hotels)))
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client

    def inactive() -> Client:
        client = logged_in(is_staff=True)
        get_user_model().objects.update(is_active=False)
        return client

    def allowed(codename: str, **fields: Any) -> Client:
        client = logged_in(**fields)
        user = get_user_model().objects.get()
        user.user_permissions.add(Permission.objects.get(codename=codename))
        return client

    def revoked() -> Client:
        made, shown = key(right(*EVERYTHING, hotels=None))
        made.revoked = True
        made.save()
        return bearer(shown)

    everything = right(*EVERYTHING, hotels=None)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    special: dict[str, Callable[[], Client]] = {
        "no key": Client,
        "wrong key": lambda: bearer(key(everything)[1][:-1] + "~"),
        "no key but another scheme": lambda: bearer("YWRtaW46YWRtaW4=", "Basic"),
        "expired key": lambda: bearer(key(everything, expiry_date=yesterday)[1]),
        "revoked key": revoked,
        "inactive user": inactive,
        "staff": lambda: logged_in(is_staff=True),
        "staff that may change hotels": lambda: allowed("change_hotelprofile", is_staff=True),
        "user that sets prices": lambda: allowed("change_nightprice"),
        "superuser": lambda: logged_in(is_staff=True, is_superuser=True),
        "plain user": logged_in,
        "user without hotels": logged_in,
    }
    return special[who]() if who in special else bearer(key(RIGHT[who])[1])


def send(client: Client, call: Call) -> Any:
    return client.generic(
        call.method, call.path, b"" if call.body is None else orjson.dumps(call.body),
        content_type="application/json",
    )  # fmt: skip


def right_status(who: Right, call: Call) -> int:
    if who.may is None:
        return 401
    if call.needs not in who.may:
        return 403
    if who.hotels is not None and (call.hotels == "all" or not set(call.hotels) <= who.hotels):
        return 403
    return 201 if call.path.startswith("/events") and call.method == "POST" else 200


@pytest.mark.parametrize("who", RIGHT)
def test_everybody_gets_what_is_theirs_and_no_more(who: str) -> None:
    client, theirs = client_of(who), RIGHT[who]
    answers = {}
    for call in CALLS:
        before = Event.objects.count()
        answer = send(client, call)
        answers[str(call)] = answer.status_code
        if answer.status_code in (401, 403):
            assert answer.json()["detail"], call
            assert Event.objects.count() == before, f"{call} is refused whole"
        if answer.status_code == 401:
            assert answer.headers["WWW-Authenticate"] == "Bearer", call
        if answer.status_code == 200 and "json" in answer.headers["Content-Type"]:
            rows = answer.json()
            if isinstance(rows, list) and theirs.hotels is not None:
                assert {row["hotel_id"] for row in rows} <= theirs.hotels, call
    assert answers == {str(call): right_status(theirs, call) for call in CALLS}


def test_an_open_system_asks_nobody(settings: Any) -> None:
    settings.API_AUTH = "open"
    for client in (Client(), Client(headers={"Authorization": "Bearer wrong.key"})):
        for call in CALLS:
            assert send(client, call).status_code in (200, 201), call


@pytest.mark.parametrize("path", ["/events/", "/dashboard/hotels/"])
def test_lists_hold_what_is_theirs(path: str) -> None:
    def hotels(who: str) -> set[int]:
        return {row["hotel_id"] for row in client_of(who).get(path).json()}

    assert hotels("key of the hotel") == {MINE}
    assert hotels("plain user") == {MINE}
    assert hotels("user without hotels") == set()
    assert hotels("staff") == {MINE, FOREIGN}


@pytest.mark.parametrize("who", RIGHT)
def test_the_page(who: str) -> None:
    theirs = RIGHT[who]
    client = client_of(who)
    for path, asked in (("/", set()), ("/?hotel_id=1", {MINE}), ("/?hotel_id=2", {FOREIGN})):
        answer = client.get(path)
        if theirs.may is None:
            assert answer.status_code == 302
            assert answer.headers["Location"].startswith("/login/?next=/")
        elif "read_dashboard" not in theirs.may or not (
            theirs.hotels is None or asked <= theirs.hotels
        ):
            assert answer.status_code == 403
            assert "Not yours to see" in answer.content.decode()
        else:
            html = answer.content.decode()
            assert answer.status_code == 200
            for hotel in (MINE, FOREIGN):
                is_listed = f'<option value="{hotel}"' in html
                assert is_listed == (theirs.hotels is None or hotel in theirs.hotels)


def test_the_page_of_one_is_not_kept_for_another() -> None:
    """Two people, the same address, the same browser cache: never the other's answer."""
    tag = client_of("staff").get("/?hotel_id=1").headers["ETag"]
    answer = client_of("plain user").get("/?hotel_id=1", headers={"If-None-Match": tag})
    assert answer.status_code == 200


def test_an_answer_kept_in_memory_is_for_the_same_rights_only() -> None:
    one_process = Client()

    def status(shown: str) -> int:
        headers = {"Authorization": f"Bearer {shown}"}
        return one_process.get(f"/dashboard/?hotel_id={MINE}", headers=headers).status_code

    (mine, shown), (_, foreign) = (
        key(right("read_dashboard", hotels=frozenset({hotel}))) for hotel in (MINE, FOREIGN)
    )
    assert [status(shown), status(shown), status(foreign), status("wrong.key")] == [
        200, 200, 403, 401,
    ]  # fmt: skip
    ApiKey.objects.filter(pk=mine.pk).update(hotels=str(FOREIGN))
    assert status(shown) == 403
    ApiKey.objects.filter(pk=mine.pk).update(hotels=str(MINE), revoked=True)
    assert status(shown) == 401


def test_what_another_site_s_page_sends_with_the_cookie_is_refused() -> None:
    staff = client_of("superuser")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    answer = strict.post("/events/", event(MINE), content_type="application/json")
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["detail"]
    strict.get("/")  # the page sets the token
    token = strict.cookies["csrftoken"].value
    answer = strict.post(
        "/events/", event(MINE), content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 201


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/swagger.json", "/login/"])
def test_what_everybody_may_see(path: str) -> None:
    assert Client().get(path).status_code in (200, 503)


def test_the_table_holds_every_endpoint() -> None:
    def patterns(resolver: Any, before: str = "") -> list[str]:
        found = []
        for entry in resolver.url_patterns:
            path = before + str(entry.pattern)
            found += patterns(entry, path) if hasattr(entry, "url_patterns") else [path]
        return found

    known = {
        r"^dashboard/?$", r"^dashboard/hotels/?$", r"^dashboard/pickup/?$", r"^dashboard/check/?$",
        r"^dashboard/hotels/(?P<hotel_id>[^/]+)/?$", r"^dashboard/status/?$",
        r"^prices/?$", r"^prices/night/?$", r"^prices/decisions/?$", r"^pricing/?$",
        r"^prices/hotels/(?P<hotel_id>[^/]+)/?$", r"^prices/hotels/(?P<hotel_id>[^/]+)/preview/?$",
        r"^prices/hotels/(?P<hotel_id>[^/]+)/proposal/?$",
        r"^events/?$", r"^events/feed/?$", r"^events/feed/status/?$", "",
        r"^login/?$", r"^logout/?$", r"^swagger/?$", r"^redoc/?$", r"^swagger\.json/?$",
        r"^healthz/?$", r"^readyz/?$", r"^metrics/?$", r"^admin$", "favicon.ico",
    }  # fmt: skip
    assert {path for path in patterns(get_resolver()) if not path.startswith("admin/")} == known
