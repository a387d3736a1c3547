"""apaleo, by its public API: inventory, booking and rate plan v1 (apaleo.dev), facts of 2025.

What changes a reservation or its nights' prices changes `modified`: one stream by that time has
everything. What a block holds and nobody has picked is tentative. A rate plan
is for one unit group; prices of a plan that is derived from another follow from it.

apaleo limits: 200 calls a minute for trials (3,500 else), 50 price updates of a plan in 20 minutes,
200 rows a page. Times have no fractions of a second; `to` is the first moment not asked for.
"""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.adapters.adapter import (
    Access,
    Adapter,
    Body,
    ChangesPage,
    Choice,
    CredentialsRefused,
    Named,
    NeededText,
    NightPrice,
    OddAnswer,
    PageLost,
    Property,
    Raw,
)
from connections.adapters.apaleo_reservations import (
    BEDROOM,
    block_body,
    block_number,
    is_bedroom,
    name_of,
    reservation_body,
    word_of,
)
from connections.adapters.vendor_http import VendorHttp
from connections.adapters.vendor_values import moment_of, required_text

TOKENS_FROM: Final = {"https://api.apaleo.com": "https://identity.apaleo.com"}
ROWS_A_PAGE: Final = 200
BLOCKS_PATH: Final = "/booking/v1/blocks"
BLOCKS: Final = "blocks"  # begins the pages of the second stream
PLAN_OF: Final = "rate_of_"  # begins the names of choices; a unit group's id follows
NO_PLAN: Final = "-"
OVERNIGHT: Final = {"timeSliceTemplate": "OverNight"}


class ApaleoAdapter(Adapter):
    """A property in apaleo."""

    vendor = "apaleo"
    title = "apaleo"
    addresses = {"https://api.apaleo.com": "apaleo"}
    needed = (
        NeededText(
            "client_id",
            gettext_lazy("Client ID"),
            gettext_lazy("Of the custom app in your apaleo account."),
            is_secret=False,
        ),
        NeededText("client_secret", gettext_lazy("Client secret"), gettext_lazy("Of that app.")),
    )
    what_to_do = (
        gettext_lazy("In apaleo, open Apps, then Connected apps, and add a custom app."),
        gettext_lazy("Leave personal data of guests off: nothing here needs it."),
        gettext_lazy(
            "Give it the scopes properties.read, unitgroups.read, reservations.read, "
            "rateplans.read, rates.read and, to send prices, rates.manage."
        ),
        gettext_lazy("Copy its client ID and client secret."),
        gettext_lazy(
            "Have the topics Reservation and Block of apaleo's webhooks sent to the address that "
            "is shown when you are connected. Without them changes come a minute later."
        ),
    )
    tried = gettext_lazy(
        "apaleo's public documentation and an emulator in this project's tests, not apaleo itself"
    )
    calls_per_window = (200, 60.0)
    prices_at_once = 1000

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._http = VendorHttp(access.address, self.calls_per_window, access.before_call)
        self._zone = ZoneInfo("UTC")
        self._currency = ""
        self._plans: Sequence[Raw] = ()

    def properties(self) -> Sequence[Named]:
        return [
            Named(required_text(row, "id"), name_of(row))
            for row in self._rows("/inventory/v1/properties", "properties")
            if not row.get("isTemplate")
        ]

    def open_property(self) -> Property:
        number = self.access.property_id
        found = self._call("GET", f"/inventory/v1/properties/{quote(number, safe='')}")
        zone = required_text(found, "timeZone")
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise OddAnswer("the property has no known time zone") from None
        self._currency = required_text(found, "currencyCode")
        now = self._http.now or datetime.now(UTC)  # by the `Date` header
        return Property(number, name_of(found), zone, self._currency, now)

    def questions(self) -> Sequence[Choice]:
        plans = self._base_plans()
        groups = {row["id"]: name_of(row) for row in self._unit_groups()}
        labels = {
            row["id"]: f"{name_of(row)} ({groups.get(row['unitGroup']['id'], row['id'])})"
            for row in plans
        }
        options = [Named(number, label) for number, label in labels.items()]
        found = [Choice("rate_id", _("The rate plan that has our prices"), options)]
        chosen = self.access.choices.get("rate_id")
        group_of = {row["id"]: row["unitGroup"]["id"] for row in plans}
        for number, name in groups.items() if chosen in group_of else ():
            own = [one for one in options if group_of[one.id] == number]
            if own and group_of[chosen] != number:
                label = _("The rate plan of %(room_type)s with our prices") % {"room_type": name}
                own.append(Named(NO_PLAN, _("none")))
                found.append(Choice(f"{PLAN_OF}{number}", label, own))
        return found

    def room_types(self) -> Sequence[Named]:
        """Return the unit groups that have a plan whose prices are set."""
        plans = self._chosen_plans()
        return [Named(row["id"], word_of(row)) for row in self._unit_groups() if row["id"] in plans]

    def rates(self) -> Sequence[Named]:
        return [Named(row["id"], name_of(row)) for row in self._base_plans()]

    def read_changes(self, since: datetime, until: datetime, page: str) -> ChangesPage:
        """A page begins at the time of the last one's last change: what changes leaves the window.

        Where more rows than a page have one time, a page is the next of that time, if it is still
        as long as it was.
        """
        stream, _space, place = page.partition(" ")
        if stream == BLOCKS:
            return self._read_blocks(since, until, int(place))
        begin = stream or _second(since)
        number, expected = (int(one) for one in place.split()) if place else (1, None)
        query = {
            "propertyIds": self.access.property_id,
            "dateFilter": "Modification",
            "from": begin,
            "to": _second(until + timedelta(seconds=1)),
            "sort": "updated:asc",
            "expand": "timeSlices",
        }
        rows, count = self._page("/booking/v1/reservations", "reservations", query, number)
        if expected is not None and count != expected:
            raise PageLost("reservations changed while they were read")
        times = [moment_of(row["modified"]) for row in rows]
        if times != sorted(times):
            raise OddAnswer("the reservations are not in the order of their changes")
        if number * ROWS_A_PAGE >= count:
            next_page = f"{BLOCKS} 1"
        elif (last := _second(times[-1])) != begin:
            next_page = last
        else:
            next_page = f"{begin} {number + 1} {count}"
        return ChangesPage([*rows, *self._blocks_of(rows, until)], next_page)

    def reservation_id(self, raw: Raw) -> str:
        return block_number(raw["block"]) if "block" in raw else str(raw["id"])

    def reservation(self, raw: Raw) -> Body:
        if "block" in raw:
            return block_body(raw["block"], raw["read_until"], self._zone, self._currency)
        return reservation_body(raw, self._zone, self._currency)

    def send_prices(self, prices: Sequence[NightPrice]) -> None:
        """Set prices; restrictions are sent along as they are: left out, they would be deleted."""
        plans = self._chosen_plans()
        amounts: dict[str, dict[date, Decimal]] = defaultdict(dict)
        for price in prices:
            amounts[plans[price.room_type_id]][price.night] = price.amount
        for plan, by_night in amounts.items():
            slices = self._rates_of(plan, min(by_night), max(by_night))
            rates = []
            for night, amount in sorted(by_night.items()):
                if night not in slices:
                    raise OddAnswer(f"the rate plan has no time slice on {night}")
                present = slices[night]
                rate: Body = {"from": present["from"], "to": present["to"]}
                rate["price"] = {"amount": float(amount), "currency": self._currency}
                if present.get("restrictions"):
                    rate["restrictions"] = present["restrictions"]
                rates.append(rate)
            self._call("PUT", _rates_path(plan), json={"rates": rates})

    def read_prices(self, first: date, last: date) -> Mapping[tuple[str, date], Decimal]:
        plans = self._chosen_plans()
        slices = {plan: self._rates_of(plan, first, last) for plan in set(plans.values())}
        return {
            (room_type_id, night): Decimal(str(row["price"]["amount"]))
            for room_type_id, plan in plans.items()
            for night, row in slices[plan].items()
            if row.get("price")
        }

    def renew_secrets(self) -> Mapping[str, str] | None:
        secrets, address = self.access.secrets, self.access.address
        http = VendorHttp(
            TOKENS_FROM.get(address, address), self.calls_per_window, self.access.before_call
        )
        client = b64encode(f"{secrets['client_id']}:{secrets['client_secret']}".encode()).decode()
        try:
            answer = http.call(
                "POST", "/connect/token", form={"grant_type": "client_credentials"},
                headers={"Authorization": f"Basic {client}"},
            )  # fmt: skip
        except OddAnswer as error:
            if error.status == 400:  # OAuth's answer to an unknown client
                raise CredentialsRefused("apaleo does not know this client ID or secret") from None
            raise
        return {**secrets, "access_token": required_text(answer, "access_token")}

    @classmethod
    def webhook(
        cls, headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]
    ) -> Sequence[str]:
        """Return the property. Two accounts may have one of the same id: a nudge too many."""
        try:
            return [str(orjson.loads(body)["propertyId"])]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return ()

    def _blocks_of(self, rows: Sequence[Raw], until: datetime) -> Sequence[Raw]:
        """Return the blocks from which reservations were picked."""
        numbers = {row["blockId"] for row in rows if row.get("blockId")}
        query = {"expand": "timeSlices"}
        return [
            {
                "block": self._call("GET", f"{BLOCKS_PATH}/{quote(number, safe='')}", query=query),
                "read_until": _second(until),
            }
            for number in sorted(numbers)
        ]

    def _read_blocks(self, since: datetime, until: datetime, number: int) -> ChangesPage:
        """Return those that changed then, and all that are to come: a pick need not change one."""
        query = {
            "propertyIds": self.access.property_id,
            "unitGroupTypes": BEDROOM,
            **OVERNIGHT,
            "expand": "timeSlices",
        }
        rows, count = self._page(BLOCKS_PATH, "blocks", query, number)
        yesterday = until - timedelta(days=1)
        found = [
            {"block": row, "read_until": _second(until)}
            for row in rows
            if since <= moment_of(row["modified"]) <= until
            or (row["status"] != "Canceled" and moment_of(row["to"]) > yesterday)
        ]
        return ChangesPage(found, f"{BLOCKS} {number + 1}" if number * ROWS_A_PAGE < count else "")

    def _base_plans(self) -> Sequence[Raw]:
        """Return the plans of nights whose prices can be set."""
        if not self._plans:
            query = {"propertyId": self.access.property_id, "isDerived": "false", **OVERNIGHT}
            self._plans = self._rows("/rateplan/v1/rate-plans", "ratePlans", query)
        return self._plans

    def _chosen_plans(self) -> Mapping[str, str]:
        """Return rate plans by unit group, and as "" the one of prices without a room type."""
        first = self.access.choices["rate_id"]
        groups = {row["id"]: row["unitGroup"]["id"] for row in self._base_plans()}
        if first not in groups:
            raise OddAnswer("the chosen rate plan is not one whose prices can be set any more")
        others = {
            name.removeprefix(PLAN_OF): plan
            for name, plan in self.access.choices.items()
            if name.startswith(PLAN_OF) and plan in groups
        }
        return {**others, groups[first]: first, "": first}

    def _rates_of(self, plan: str, first: date, last: date) -> Mapping[date, Raw]:
        """Return a plan's rates by night, those without a price too."""
        query = {"from": str(first), "to": str(last + timedelta(days=1))}
        found = {
            moment_of(row["from"]).astimezone(self._zone).date(): row
            for row in self._rows(_rates_path(plan), "rates", query)
        }
        return {night: row for night, row in found.items() if first <= night <= last}

    def _unit_groups(self) -> Sequence[Raw]:
        query = {"propertyId": self.access.property_id}
        rows = self._rows("/inventory/v1/unit-groups", "unitGroups", query)
        return [row for row in rows if is_bedroom(row)]

    def _rows(self, path: str, field: str, query: Mapping[str, str] | None = None) -> list[Raw]:
        """Return the rows of all pages."""
        rows: list[Raw] = []
        number = 1
        while True:
            page, count = self._page(path, field, query or {}, number)
            rows += page
            if number * ROWS_A_PAGE >= count:
                return rows
            number += 1

    def _page(
        self, path: str, field: str, query: Mapping[str, str], number: int
    ) -> tuple[list[Raw], int]:
        """Return a page and how many rows all pages have. Raises: OddAnswer."""
        pages = {"pageNumber": str(number), "pageSize": str(ROWS_A_PAGE)}
        answer = self._call("GET", path, query={**query, **pages})
        if answer is None:  # 204: no rows
            return [], 0
        if not isinstance(answer, dict) or not isinstance(answer.get(field), list):
            raise OddAnswer(f"{path} answered no {field}")
        return answer[field], int(answer["count"])

    def _call(self, method: str, path: str, **options: Any) -> Any:
        if not (token := self.access.secrets.get("access_token")):
            raise CredentialsRefused("there is no access token yet")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return self._http.call(method, path, headers=headers, **options)


def _rates_path(plan: str) -> str:
    return f"/rateplan/v1/rate-plans/{quote(plan, safe='')}/rates"


def _second(moment: datetime) -> str:
    """Return a moment like `2026-01-31T12:00:00Z`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
