"""Any system that serves its reservations in our own form: the example for the next adapter.

What the system has to serve, with the token as `Authorization: Bearer …`, is in
docs/connections.md. Its webhook is signed with HMAC-SHA256.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connections.adapters import adapter as frame
from connections.adapters.adapter import Named, NeededText, NotUnderstood, Raw
from connections.adapters.vendor_http import VendorHttp

# Nothing else of a reservation is looked at; so nothing about its guest goes anywhere.
FIELDS = [
    "reservation_id",
    "booked_at",
    "updated_at",
    "cancelled_at",
    "currency",
    "channel",
    "segment",
]
ROOM_FIELDS = ["room_id", "room_type", "arrival", "departure", "rate"]
NIGHT_FIELDS = ["night", "rate"]
STATUSES = ("confirmed", "tentative", "cancelled", "no_show")


class GenericAdapter(frame.Adapter):
    """A system that serves reservations in the form of `POST /reservations/`."""

    vendor = "generic"
    title = _("Another system that serves its reservations")
    needed = (
        NeededText("token", _("Access token"), _("The system's, for reading and for prices.")),
        NeededText(
            "refresh_token", _("Refresh token"), _("Where tokens expire."), is_required=False
        ),
        NeededText("signing_key", _("Webhook key"), _("Where it signs."), is_required=False),
    )
    what_to_do = (
        _("Let your system serve its reservations as described in the documentation."),
        _("Make a token there that may read reservations and set prices."),
    )
    tried = _("an emulator in this project's tests")
    calls_per_window = (120, 60.0)

    def __init__(self, access: frame.Access) -> None:
        super().__init__(access)
        self._http = VendorHttp(access.address, self.calls_per_window, access.before_call)

    def properties(self) -> Sequence[Named]:
        return _named(self._call("GET", "/properties"))

    def open_property(self) -> frame.Property:
        found = self._call("GET", self._path())
        now = self._http.now or datetime.now(UTC)  # by the `Date` header
        name, zone, currency = (str(found[key]) for key in ("name", "time_zone", "currency"))
        return frame.Property(self.access.property_id, name, zone, currency, now)

    def questions(self) -> Sequence[frame.Choice]:
        return (frame.Choice("rate_id", gettext("The rate that has our prices"), self.rates()),)

    def room_types(self) -> Sequence[Named]:
        return _named(self._call("GET", f"{self._path()}/room-types"))

    def rates(self) -> Sequence[Named]:
        return _named(self._call("GET", f"{self._path()}/rates"))

    def read_changes(self, since: datetime, until: datetime, page: str) -> frame.ChangesPage:
        query = {"since": since.isoformat(), "until": until.isoformat()}
        query |= {"page": page} if page else {}
        answer = self._call("GET", f"{self._path()}/reservations", query=query)
        return frame.ChangesPage(list(answer["reservations"]), str(answer.get("next_page") or ""))

    def reservation_id(self, raw: Raw) -> str:
        return str(raw["reservation_id"])

    def reservation(self, raw: Raw) -> frame.Body:
        status = raw["status"]
        if status not in STATUSES:
            raise NotUnderstood(f"its status is none of {', '.join(STATUSES)}")
        body = _only(raw, FIELDS) | {"house_use": raw.get("house_use") is True}
        return body | {"status": status, "rooms": [_room(room) for room in raw["rooms"]]}

    def read_reservation(self, number: str) -> Raw | None:
        query = {"reservation_id": number}
        rows = self._call("GET", f"{self._path()}/reservations", query=query)["reservations"]
        # A system that does not know the parameter answers others.
        return next((raw for raw in rows if self.reservation_id(raw) == number), None)

    def send_prices(self, prices: Sequence[frame.NightPrice]) -> None:
        rows = [
            {"room_type_id": one.room_type_id, "night": str(one.night), "price": str(one.amount)}
            for one in prices
        ]
        self._call("PUT", self._prices_path(), json={"prices": rows})

    def read_prices(self, first: date, last: date) -> Mapping[tuple[str, date], Decimal]:
        query = {"first": str(first), "last": str(last)}
        return {
            (row["room_type_id"], date.fromisoformat(row["night"])): Decimal(row["price"])
            for row in self._call("GET", self._prices_path(), query=query)
        }

    def renew_secrets(self) -> Mapping[str, str] | None:
        if not (refresh := self.access.secrets.get("refresh_token")):
            return None
        fresh = self._http.call("POST", "/token", json={"refresh_token": refresh})
        return {**self.access.secrets, "token": str(fresh["token"])}

    @classmethod
    def webhook(
        cls, headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]
    ) -> Sequence[str]:
        key = secrets.get("signing_key", "").encode()
        expected = hmac.new(key, body, hashlib.sha256).hexdigest()
        if key and not hmac.compare_digest(expected, headers.get("X-Signature", "")):
            raise frame.SignatureWrong
        return ()

    def _path(self) -> str:
        return f"/properties/{self.access.property_id}"

    def _prices_path(self) -> str:
        return f"{self._path()}/rates/{self.access.choices['rate_id']}/prices"

    def _call(self, method: str, path: str, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.access.secrets['token']}"}
        return self._http.call(method, path, headers=headers, **options)


def _named(rows: Any) -> list[Named]:
    return [Named(str(row["id"]), str(row["name"])) for row in rows]


def _room(room: Raw) -> frame.Body:
    nights = [_only(night, NIGHT_FIELDS) for night in room.get("nights") or ()]
    return _only(room, ROOM_FIELDS) | ({"nights": nights} if "nights" in room else {})


def _only(values: Raw, names: Sequence[str]) -> frame.Body:
    return {name: values[name] for name in names if values.get(name) is not None}
