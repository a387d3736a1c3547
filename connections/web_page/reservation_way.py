"""One reservation on its way: what the booking system says now, the ledger, events and figures.

Nothing of it is stored: the booking system is asked anew, where it can be asked for a single one,
and only what `POST /reservations/` has a field for is shown, so nothing about its guest.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.stored_reasons import in_words
from connections.adapters.adapter import SHAPE_ERRORS, Adapter, Body, NotUnderstood, VendorFailure
from connections.connection_setup import kind_of, reservation_there
from connections.models import Connection
from connections.own_services import OwnServiceFailure, json_of, send
from connections.reading.counting import HOUSE_USE, counts
from connections.secret_encryption import SecretsUnreadable

EVENTS = {1: gettext_lazy("booked"), 2: gettext_lazy("cancelled"), 3: gettext_lazy("changed")}
STATUSES = {
    "confirmed": gettext_lazy("confirmed"),
    "tentative": gettext_lazy("tentative"),
    "cancelled": gettext_lazy("cancelled"),
    "no_show": gettext_lazy("no-show"),
}


def way_of_reservation(connection: Connection, number: str) -> dict[str, Any]:
    """Return what the page shows of a reservation.

    Args:
        number: as people see it in the booking system, or its id there.
    """
    way: dict[str, Any] = {"number": number, **_there(connection, number)}
    id_there = way.get("id") or number
    way["read"] = connection.reservations.filter(reservation_id=id_there).first()
    way["not_understood"] = connection.problems.filter(reservation_id=id_there).first()
    try:
        way |= _here(connection.hotel_id, id_there)
    except OwnServiceFailure as failure:
        way["ledger_problem"] = in_words(str(failure))
    way["is_unknown"] = not (way["read"] or way["not_understood"] or way.get("ledger"))
    return way


def _there(connection: Connection, number: str) -> dict[str, Any]:
    """Return the booking system's present answer as it is understood, or why there is none."""
    try:
        if kind_of(connection).read_reservation is Adapter.read_reservation:
            return {"cannot_ask": True}
        adapter, raw = reservation_there(connection, number)
        if raw is None:
            return {"not_there": True}
        found = {"id": adapter.reservation_id(raw)}
    except (VendorFailure, SecretsUnreadable) as failure:
        return {"vendor_problem": in_words(str(failure))}
    except SHAPE_ERRORS:
        return {"vendor_problem": _("it answered something that is not as documented")}
    try:
        return found | {"there": _understood(adapter.reservation(raw), connection)}
    except NotUnderstood as reason:
        return found | {"why_not": in_words(str(reason))}
    except SHAPE_ERRORS:  # without its text, which may quote the answer
        return found | {"why_not": _("a field is missing or of another kind")}


def _understood(body: Body, connection: Connection) -> dict[str, Any]:
    return {
        "status": _status(body),
        "is_cancelled": body["status"] == "cancelled",
        "counts": counts(body, connection) and body["status"] != "cancelled",
        "booked_at": _moment(body.get("booked_at")),
        "updated_at": _moment(body.get("updated_at")),
        "cancelled_at": _moment(body.get("cancelled_at")),
        **{name: body.get(name) for name in ("currency", "channel", "segment")},
        "rooms": [_room(room) for room in body.get("rooms", [])],
    }


def _status(body: Body) -> str:
    status = str(STATUSES.get(body["status"], body["status"]))
    return (
        _("Owner or house use, %(status)s") % {"status": status} if body.get(HOUSE_USE) else status
    )


def _room(room: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "room_type": room.get("room_type"),
        "arrival": parse_date(str(room.get("arrival", ""))),
        "departure": parse_date(str(room.get("departure", ""))),
        "rate": room.get("rate"),
        "nights": [
            {"night": parse_date(str(one["night"])), "rate": one.get("rate")}
            for one in room.get("nights", [])
        ],
    }


def _here(hotel_id: int, number: str) -> dict[str, Any]:
    """Return the ledger's part, and which of its events the figures count.

    Raises: OwnServiceFailure.
    """
    url = f"{settings.EVENTS_API_BASE_URL}/reservations/{hotel_id}/{quote(number, safe='')}/"
    response = send("GET", url, query={"with_events": "true"})
    if response.status_code == 404:
        return {}
    if response.status_code != 200:
        raise OwnServiceFailure(f"the ledger answered {response.status_code}")
    found = json_of(response)
    counted = _counted_until()
    events = [
        {
            "at": _moment(row["event_timestamp"]),
            "what": EVENTS.get(row["status"], ""),
            "night": parse_date(row["night_of_stay"]),
            "rate": row.get("rate"),
            "currency": row.get("currency"),
            "is_counted": counted is not None and row["id"] <= counted,
        }
        for row in found["events"]
    ]
    ledger = {
        "status": STATUSES.get(found["status"], found["status"]),
        "updated_at": _moment(found["updated_at"]),
        "currency": found.get("currency"),
        "rooms": [_room(room) for room in found["rooms"] if found["status"] != "cancelled"],
    }
    waiting = {event["night"] for event in events if not event["is_counted"]}
    ledger["nights"] = sum(len(room["nights"]) for room in ledger["rooms"])
    return {"ledger": ledger, "events": events, "waiting": sorted(waiting)}


def _counted_until() -> int | None:
    """Return the last event that the figures count; None where nobody says. Raises: as `send`."""
    response = send("GET", f"{settings.DASHBOARD_API_BASE_URL}/dashboard/status/")
    if response.status_code != 200:
        return None
    position = json_of(response).get("position")
    return position if isinstance(position, int) else None


def _moment(text: Any) -> Any:
    try:
        return parse_datetime(str(text)) if text else None
    except ValueError:
        return None
