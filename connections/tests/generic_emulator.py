"""A system that serves its reservations in our own form, over the life of a made-up hotel."""

from datetime import date, datetime
from decimal import Decimal
from email.utils import format_datetime
from itertools import groupby
from typing import Any

from connections.tests.emulator_server import Answer, Refused, Request
from connections.tests.hotel_life import (
    CANCELLED,
    CONFIRMED,
    GUEST_MAIL,
    NO_SHOW,
    ROOM_TYPES,
    TENTATIVE,
    HotelLife,
    Stay,
)

PROPERTY, RATE = "P1", "BAR"


class GenericEmulator:
    """One property; each group of stays is a reservation with several rooms.

    Its token may expire: `tokens_spent` calls later the next one is needed, from `POST /token`.
    """

    def __init__(self, life: HotelLife, page_size: int = 7, token_calls: int | None = None) -> None:
        self.life = life
        self.page_size = page_size
        self.prices: dict[tuple[str, date], Decimal] = {}
        self.token_number = 1
        self._token_calls = token_calls
        self._calls_left = token_calls

    @property
    def token(self) -> str:
        return f"token-{self.token_number}"

    def answer(self, request: Request) -> Any:
        if request.path == "/token":
            if request.body != {"refresh_token": "refresh"}:
                raise Refused(401)
            self.token_number += 1
            self._calls_left = self._token_calls
            return {"token": self.token}
        if self._calls_left is not None:
            self._calls_left -= 1
        is_spent = self._calls_left is not None and self._calls_left < 0
        if is_spent or request.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refused(401)
        # The clock's seconds are cut off, as in every Date header.
        return Answer(
            200, self._body(request), {"Date": format_datetime(self.life.now, usegmt=True)}
        )

    def _body(self, request: Request) -> Any:
        own = f"/properties/{PROPERTY}"
        match request.method, request.path.removeprefix(own):
            case "GET", "/properties":
                return [{"id": PROPERTY, "name": "Hotel Generic"}]
            case "GET", "":
                return {
                    "name": "Hotel Generic",
                    "time_zone": str(self.life.zone),
                    "currency": "EUR",
                }
            case "GET", "/room-types":
                return [{"id": number, "name": name} for number, name in ROOM_TYPES.items()]
            case "GET", "/rates":
                return [{"id": RATE, "name": "Best available"}]
            case "GET", "/reservations":
                return self._reservations(request.query)
            case "PUT", "/rates/BAR/prices":
                for row in request.body["prices"]:
                    night = date.fromisoformat(row["night"])
                    self.prices[row["room_type_id"], night] = Decimal(row["price"])
                return {}
            case "GET", "/rates/BAR/prices":
                return [
                    {"room_type_id": number, "night": str(night), "price": str(price)}
                    for (number, night), price in self.prices.items()
                ]
        raise Refused(404)

    def _reservations(self, query: dict[str, str]) -> Any:
        if number := query.get("reservation_id"):
            found = [one for one in self.reservations() if one["reservation_id"] == number]
            rows = [{name: value for name, value in one.items() if name != "at"} for one in found]
            return {"reservations": rows, "next_page": None}
        since, until = (datetime.fromisoformat(query[name]) for name in ("since", "until"))
        found = [one for one in self.reservations() if since <= one["at"] <= until]
        # A page begins after the last one's reservation, not at a number: others leave the window.
        left = [one for one in found if _place(one) > query.get("page", "")]
        page = left[: self.page_size]
        rows = [{name: value for name, value in one.items() if name != "at"} for one in page]
        more = len(left) > len(page)
        return {"reservations": rows, "next_page": _place(page[-1]) if more else None}

    def reservations(self) -> list[dict[str, Any]]:
        """Return all reservations, in the order in which they were made."""
        stays = sorted(self.life.stays.values(), key=lambda stay: (stay.created, stay.group))
        return [self._reservation(list(rows)) for _, rows in groupby(stays, lambda one: one.group)]

    def _reservation(self, stays: list[Stay]) -> dict[str, Any]:
        statuses = {stay.status for stay in stays}
        status = next(
            (one for one in (CONFIRMED, TENTATIVE, NO_SHOW) if one in statuses), min(statuses)
        )
        times = [stay.updated for stay in stays]
        times += [item.updated for stay in stays for item in stay.items]
        at = max(times)
        rooms = [stay for stay in stays if stay.status in (status, NO_SHOW)]
        return {
            "at": at, "reservation_id": stays[0].group, "status": status,
            "booked_at": min(stay.created for stay in stays).isoformat(),
            "updated_at": at.isoformat(), "currency": "EUR", "channel": "Own website",
            "cancelled_at": at.isoformat() if status == CANCELLED else None,
            "guest": {"name": stays[0].guest, "mail": GUEST_MAIL},
            **({"house_use": True} if any(stay.house_use for stay in stays) else {}),
            "rooms": [
                {
                    "room_id": stay.id, "room_type": ROOM_TYPES[stay.room_type],
                    "guest": stay.guest,
                    "nights": [
                        {"night": str(item.night), "rate": str(item.amount)}
                        for item in sorted(stay.items, key=lambda item: item.night)
                        if item.cancelled is None or (item.with_stay and stay.status != CONFIRMED)
                    ],
                }
                for stay in rooms
            ],
        }  # fmt: skip


def _place(reservation: dict[str, Any]) -> str:
    return f"{reservation['booked_at']} {reservation['reservation_id']}"
