"""apaleo, by its public API (apaleo.dev): inventory, booking, rate plan, settings; facts of 2026.

What changes a reservation or its nights' prices changes `modified`: one stream by that time has
everything. Blocks are always read: what one holds and nobody has picked is stated as tentative.

apaleo limits: 200 calls a minute for trials (3,500 else), 50 price updates of a plan in 20 minutes,
200 rows a page. Times have no fractions of a second; `to` is the first moment not asked for.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.adapters.adapter import (
    Access,
    Adapter,
    Body,
    ChangesPage,
    Choice,
    Named,
    NeededText,
    NightPrice,
    OddAnswer,
    PageLost,
    Property,
    Raw,
)
from connections.adapters.apaleo.apaleo_calls import ApaleoCalls
from connections.adapters.apaleo.apaleo_plans import NO_PLAN, OVERNIGHT, PLAN_OF, ApaleoPlans
from connections.adapters.apaleo.apaleo_reservations import (
    BEDROOM,
    block_body,
    block_id_of,
    block_number,
    is_bedroom,
    is_block_number,
    name_of,
    reservation_body,
    word_of,
)
from connections.adapters.house_use import RATE, SEGMENT, house_use_of, house_use_question
from connections.adapters.vendor_values import moment_of, required_text, webhook_field

RESERVATIONS_PATH: Final = "/booking/v1/reservations"
BLOCKS_PATH: Final = "/booking/v1/blocks"
BLOCKS: Final = "blocks"  # begins the pages of the second stream
SLICES: Final = {"expand": "timeSlices"}  # with what each night costs


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
            "rateplans.read, rates.read and, to send prices, rates.manage. To choose the market "
            "segment of house use it needs setup.read too."
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
    seconds_between = 300
    prices_at_once = 1000

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._calls = ApaleoCalls(access, self.calls_per_window)
        self._plans = ApaleoPlans(self._calls, access.property_id)
        self._zone = ZoneInfo("UTC")
        self._currency = ""

    def properties(self) -> Sequence[Named]:
        return [
            Named(required_text(row, "id"), name_of(row))
            for row in self._calls.rows("/inventory/v1/properties", "properties")
            if not row.get("isTemplate")
        ]

    def open_property(self) -> Property:
        number = self.access.property_id
        found = self._calls.call("GET", f"/inventory/v1/properties/{quote(number, safe='')}")
        zone = required_text(found, "timeZone")
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise OddAnswer("the property has no known time zone") from None
        self._currency = required_text(found, "currencyCode")
        return Property(number, name_of(found), zone, self._currency, self._calls.now)

    def questions(self) -> Sequence[Choice]:
        plans = self._plans.base()
        groups = {row["id"]: name_of(row) for row in self._unit_groups()}
        options = [Named(row["id"], _plan_label(row, groups)) for row in plans]
        found = [Choice("rate_id", _("The rate plan that has our prices"), options)]
        chosen = self.access.choices.get("rate_id")
        group_of = {row["id"]: row["unitGroup"]["id"] for row in plans}
        for number, name in groups.items() if chosen in group_of else ():
            own = [one for one in options if group_of[one.id] == number]
            if own and group_of[chosen] != number:
                label = _("The rate plan of %(room_type)s with our prices") % {"room_type": name}
                own.append(Named(NO_PLAN, _("none")))
                found.append(Choice(f"{PLAN_OF}{number}", label, own))
        if chosen in group_of:
            found.append(self._house_use(groups))
        return found

    def _house_use(self, groups: Mapping[str, str]) -> Choice:
        """Ask what tells house use: apaleo has no mark for it. A plan is one of any kind."""
        segments = [Named(required_text(row, "id"), name_of(row)) for row in self._segments()]
        plans = [Named(row["id"], _plan_label(row, groups)) for row in self._plans.all()]
        return house_use_question(self.access.choices, {SEGMENT: segments, RATE: plans})

    def _segments(self) -> Sequence[Raw]:
        """Return the market segments; none where the app may not read them."""
        query = {"propertyIds": self.access.property_id}
        try:
            return self._calls.rows("/settings/v1/market-segments", "marketSegments", query)
        except OddAnswer as error:
            if error.status == 403:
                return ()
            raise

    def room_types(self) -> Sequence[Named]:
        """Return the unit groups that have a plan whose prices are set."""
        plans = self._plans.chosen(self.access.choices)
        return [Named(row["id"], word_of(row)) for row in self._unit_groups() if row["id"] in plans]

    def rates(self) -> Sequence[Named]:
        return [Named(row["id"], name_of(row)) for row in self._plans.base()]

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
            **SLICES,
        }
        found = self._calls.page(RESERVATIONS_PATH, "reservations", query, number)
        rows = found.rows
        if expected is not None and found.count != expected:
            raise PageLost("reservations changed while they were read")
        times = [moment_of(row["modified"]) for row in rows]
        if times != sorted(times):
            raise OddAnswer("the reservations are not in the order of their changes")
        if found.is_last:
            next_page = f"{BLOCKS} 1"
        elif (last := _second(times[-1])) != begin:
            next_page = last
        else:
            next_page = f"{begin} {number + 1} {found.count}"
        return ChangesPage([*rows, *self._blocks_of(rows, until)], next_page)

    def reservation_id(self, raw: Raw) -> str:
        return block_number(raw["block"]) if "block" in raw else str(raw["id"])

    def read_reservation(self, number: str) -> Raw | None:
        """Return a reservation, or what nobody has picked of a block yet.

        Args:
            number: a reservation's id (as `XPGMSXGF-1`), a block's, or ours of a block.
        """
        path = f"{RESERVATIONS_PATH}/{quote(number, safe='')}"
        found = None if is_block_number(number) else self._calls.find(path, query=SLICES)
        if found is not None:
            return dict(found)
        path = f"{BLOCKS_PATH}/{quote(block_id_of(number), safe='')}"
        block = self._calls.find(path, query=SLICES)
        return None if block is None else {"block": block, "read_until": _second(self._calls.now)}

    def reservation(self, raw: Raw) -> Body:
        one = raw.get("block", raw)
        body = (
            block_body(one, raw["read_until"], self._zone, self._currency)
            if "block" in raw
            else reservation_body(raw, self._zone, self._currency)
        )
        things = {
            kind: (one.get(field) or {}).get("id")
            for kind, field in ((SEGMENT, "marketSegment"), (RATE, "ratePlan"))
        }
        return body | house_use_of(self.access.choices, things)

    def send_prices(self, prices: Sequence[NightPrice]) -> None:
        """Set prices; restrictions are sent along as they are: left out, they would be deleted."""
        plans = self._plans.chosen(self.access.choices)
        amounts: dict[str, dict[date, Decimal]] = defaultdict(dict)
        for price in prices:
            amounts[plans[price.room_type_id]][price.night] = price.amount
        for plan, by_night in amounts.items():
            slices = self._plans.rates(plan, min(by_night), max(by_night), self._zone)
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
            self._plans.set_rates(plan, rates)

    def read_prices(self, first: date, last: date) -> Mapping[tuple[str, date], Decimal]:
        plans = self._plans.chosen(self.access.choices)
        slices = {
            plan: self._plans.rates(plan, first, last, self._zone) for plan in set(plans.values())
        }
        return {
            (room_type_id, night): Decimal(str(row["price"]["amount"]))
            for room_type_id, plan in plans.items()
            for night, row in slices[plan].items()
            if row.get("price")
        }

    def renew_secrets(self) -> Mapping[str, str] | None:
        return self._calls.renewed()

    @classmethod
    def webhook(
        cls, headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]
    ) -> Sequence[str]:
        """Return the property. Two accounts may have one of the same id: a nudge too many."""
        return webhook_field(body, "propertyId")

    def _blocks_of(self, rows: Sequence[Raw], until: datetime) -> Sequence[Raw]:
        """Return the blocks from which reservations were picked, as far as they are there."""
        numbers = {row["blockId"] for row in rows if row.get("blockId")}
        found = (
            self._calls.find(f"{BLOCKS_PATH}/{quote(number, safe='')}", query=SLICES)
            for number in sorted(numbers)
        )
        return [
            {"block": block, "read_until": _second(until)} for block in found if block is not None
        ]

    def _read_blocks(self, since: datetime, until: datetime, number: int) -> ChangesPage:
        """Return those that changed then, and all that are to come: a pick need not change one."""
        query = {
            "propertyIds": self.access.property_id,
            "unitGroupTypes": BEDROOM,
            **OVERNIGHT,
            **SLICES,
        }
        page = self._calls.page(BLOCKS_PATH, "blocks", query, number)
        yesterday = until - timedelta(days=1)
        found = [
            {"block": row, "read_until": _second(until)}
            for row in page.rows
            if since <= moment_of(row["modified"]) <= until
            or (row["status"] != "Canceled" and moment_of(row["to"]) > yesterday)
        ]
        return ChangesPage(found, "" if page.is_last else f"{BLOCKS} {number + 1}")

    def _unit_groups(self) -> Sequence[Raw]:
        query = {"propertyId": self.access.property_id}
        rows = self._calls.rows("/inventory/v1/unit-groups", "unitGroups", query)
        return [row for row in rows if is_bedroom(row)]


def _plan_label(row: Raw, groups: Mapping[str, str]) -> str:
    return f"{name_of(row)} ({groups.get(row['unitGroup']['id'], row['id'])})"


def _second(moment: datetime) -> str:
    """Return a moment like `2026-01-31T12:00:00Z`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
