"""Mews, by its Connector API (mews-systems.gitbook.io/connector-api): facts as of January 2026.

Every call is a POST with the tokens in its body. All times are UTC; nights are days in the
property's time zone. What a night costs stands in the order items of a reservation, which change
without the reservation: both are read by when they changed. A price is set per day of a rate, for
one resource category or as the rate's own.

Mews limits: 200 calls in 30 s per access token, 1,000 rows a page, intervals of three months.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connections.adapters.adapter import (
    Access,
    Adapter,
    Body,
    ChangesPage,
    Choice,
    Named,
    NeededText,
    NightPrice,
    NotUnderstood,
    OddAnswer,
    Property,
    Raw,
)
from connections.adapters.house_use import RATE, SEGMENT, house_use_of, house_use_question
from connections.adapters.mews.mews_calls import ROWS_A_PAGE, MewsCalls
from connections.adapters.mews.mews_reservations import CHANNELS, amounts_of, name_of, nights_of
from connections.adapters.price_runs import price_runs
from connections.adapters.vendor_values import moment_of, required_text, utc_text, webhook_field

RESERVATIONS_A_PAGE: Final = 500
NIGHT_ITEMS: Final = ("SpaceOrder", "NightRebate")
TENTATIVE: Final = ("Inquired", "Optional", "Requested")
ON_THE_BOOKS: Final = ("Confirmed", "Started", "Processed")
NIGHTS_OF_A_PRICE: Final = 100  # Mews sets a price for at most so many days at once
ITEMS: Final = "items"  # begins the pages of the second stream
LENGTH_OF_AN_ID: Final = 36  # a UUID; what people see is a shorter number
MAX_WORD: Final = 40  # of a room type, channel or segment in the ledger


class MewsAdapter(Adapter):
    """A property in Mews."""

    vendor = "mews"
    title = "Mews"
    addresses = {
        "https://api.mews.com": "Mews",
        "https://api.mews-demo.com": _("Mews demo environment"),
    }
    needed = (
        NeededText("client_token", _("Client token"), _("Of this integration, from Mews.")),
        NeededText("access_token", _("Access token"), _("Of your property, from Mews Operations.")),
    )
    what_to_do = (
        _("Ask Mews (partnersuccess@mews.com) for the client token of your integration."),
        _("In Mews Operations, add the integration for your property and copy its access token."),
        _(
            "Ask Mews to post general webhooks (ServiceOrderUpdated) to the address that is shown "
            "when you are connected. Without them changes come some minutes later."
        ),
    )
    tried = _(
        "Mews's public documentation and an emulator in this project's tests, not Mews itself"
    )
    calls_per_window = (200, 30.0)
    longest_window = timedelta(days=30)
    overlap = timedelta(minutes=15)
    seconds_between = 300
    prices_at_once = 1000

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._calls = MewsCalls(access, self.calls_per_window)
        self._zone = ZoneInfo("UTC")
        self._currency = ""
        self._amount_field = "GrossValue"
        self._categories: dict[str, str] = {}
        self._segments: dict[str, str] = {}

    def properties(self) -> Sequence[Named]:
        enterprise = self._enterprise()[0]
        return [Named(required_text(enterprise, "Id"), required_text(enterprise, "Name"))]

    def open_property(self) -> Property:
        enterprise, now = self._enterprise()
        zone = required_text(enterprise, "TimeZoneIdentifier")
        try:
            self._zone = ZoneInfo(zone)
            self._currency = next(
                row["Currency"] for row in enterprise["Currencies"] if row["IsDefault"]
            )
        except (ZoneInfoNotFoundError, KeyError, TypeError, StopIteration, ValueError):
            raise OddAnswer("the property has no known time zone or currency") from None
        if enterprise.get("Pricing") == "Net":
            self._amount_field = "NetValue"
        name, number = required_text(enterprise, "Name"), required_text(enterprise, "Id")
        if number != self.access.property_id:
            raise OddAnswer("the access token is now another property's")
        return Property(number, name, zone, self._currency, now)

    def questions(self) -> Sequence[Choice]:
        services = [
            Named(required_text(row, "Id"), name_of(row))
            for row in self._calls.rows("services", "Services")
            if row.get("IsActive") and (row["Data"]["Value"] or {}).get("TimeUnitPeriod") == "Day"
        ]
        found = [Choice("service_id", gettext("The service that sells the rooms"), services)]
        if len(services) == 1:
            self.access = _with_service(self.access, services[0].id)
        if self.access.choices.get("service_id"):
            found.append(Choice("rate_id", gettext("The rate that has our prices"), self.rates()))
            found.append(self._house_use())
        return found

    def _house_use(self) -> Choice:
        """Ask what tells owner and house use: of its own a reservation in Mews does not say it."""
        things = {
            kind: [
                Named(required_text(row, "Id"), name_of(row))
                for row in self._calls.rows(resource, field, self._calls.of_service())
                if row.get("IsActive")
            ]
            for kind, resource, field in (
                (SEGMENT, "businessSegments", "BusinessSegments"), (RATE, "rates", "Rates"),
            )
        }  # fmt: skip
        return house_use_question(self.access.choices, things)

    def room_types(self) -> Sequence[Named]:
        return [
            Named(required_text(row, "Id"), name_of(row)[:MAX_WORD])
            for row in self._calls.rows(
                "resourceCategories", "ResourceCategories", self._calls.of_service()
            )
            if row.get("IsActive")
        ]

    def rates(self) -> Sequence[Named]:
        return [
            Named(required_text(row, "Id"), name_of(row))
            for row in self._calls.rows("rates", "Rates", self._calls.of_service())
            if row.get("IsActive") and not row.get("BaseRateId")  # the others follow from these
        ]

    def read_changes(self, since: datetime, until: datetime, page: str) -> ChangesPage:
        stream, _colon, cursor = page.partition(":")
        interval = {"UpdatedUtc": {"StartUtc": utc_text(since), "EndUtc": utc_text(until)}}
        if stream == ITEMS:
            rows, next_cursor = self._calls.page(
                "orderItems", "OrderItems",
                {**self._calls.of_service(), **interval, "Types": NIGHT_ITEMS}, ROWS_A_PAGE, cursor,
            )  # fmt: skip
            numbers = sorted({required_text(row, "ServiceOrderId") for row in rows})
            # What changed itself in this window is in the other stream.
            found = [
                one
                for one in self._reservations_of(numbers)
                if not since <= moment_of(one["UpdatedUtc"]) <= until
            ]
            next_page = f"{ITEMS}:{next_cursor}" if next_cursor else ""
        else:
            found, next_cursor = self._calls.page(
                "reservations", "Reservations", {**self._calls.of_service(), **interval},
                RESERVATIONS_A_PAGE, cursor, version="/2023-06-06",
            )  # fmt: skip
            next_page = f"reservations:{next_cursor}" if next_cursor else f"{ITEMS}:"
        self._load_names(found)
        items = self._items_of([required_text(one, "Id") for one in found])
        return ChangesPage(
            [{"reservation": one, "items": items[one["Id"]]} for one in found], next_page
        )

    def read_reservation(self, number: str) -> Raw | None:
        name = "ReservationIds" if len(number) == LENGTH_OF_AN_ID else "Numbers"
        filters = {**self._calls.of_service(), name: [number]}
        found = self._calls.rows("reservations", "Reservations", filters, version="/2023-06-06")
        if not found:
            return None
        self._load_names(found)
        one = found[0]
        return {"reservation": one, "items": self._items_of([one["Id"]])[one["Id"]]}

    def reservation_id(self, raw: Raw) -> str:
        return str(raw["reservation"]["Id"])

    def reservation(self, raw: Raw) -> Body:
        one, items = raw["reservation"], raw["items"]
        state = one["State"]
        is_no_show = state == "Canceled" and one.get("CancellationReason") == "NoShow"
        if state not in (*TENTATIVE, *ON_THE_BOOKS, "Canceled"):
            raise NotUnderstood("its state is not one that Mews documents")
        times = [one["UpdatedUtc"], *(item["UpdatedUtc"] for item in items)]
        body: Body = {
            "reservation_id": one["Id"],
            "status": "confirmed",
            "booked_at": one["CreatedUtc"],
            "updated_at": max(times, key=moment_of),
            "currency": self._currency,
            "channel": CHANNELS.get(one.get("Origin", "")),
            "segment": self._segments.get(one.get("BusinessSegmentId") or "") or None,
        }
        things = {SEGMENT: one.get("BusinessSegmentId"), RATE: one.get("RateId")}
        body |= house_use_of(self.access.choices, things)
        if state in TENTATIVE:
            body["status"] = "tentative"
        elif is_no_show:
            body["status"] = "no_show"
        elif state == "Canceled":
            body |= {"status": "cancelled", "cancelled_at": one.get("CancelledUtc")}
        amounts = amounts_of(items, self._zone, self._amount_field, state == "Canceled")
        nights: list[Body] = [
            {"night": str(night)}
            | ({"rate": str(max(Decimal(0), amounts[night]))} if night in amounts else {})
            for night in nights_of(one, self._zone)
        ]
        room_type = self._categories.get(one["RequestedResourceCategoryId"])
        return body | {"rooms": [{"room_id": "1", "room_type": room_type, "nights": nights}]}

    def send_prices(self, prices: Sequence[NightPrice]) -> None:
        updates = []
        for run in price_runs(prices, NIGHTS_OF_A_PRICE):
            update: Body = {
                "FirstTimeUnitStartUtc": self._day_start(run[0].night),
                "LastTimeUnitStartUtc": self._day_start(run[-1].night),
                "Value": float(run[0].amount),
            }
            if run[0].room_type_id:
                update["CategoryId"] = run[0].room_type_id
            updates.append(update)
        self._calls.post(
            "rates/updatePrice", RateId=self.access.choices["rate_id"], PriceUpdates=updates
        )

    def read_prices(self, first: date, last: date) -> Mapping[tuple[str, date], Decimal]:
        answer = self._calls.post(
            "rates/getPricing", RateId=self.access.choices["rate_id"],
            FirstTimeUnitStartUtc=self._day_start(first),
            LastTimeUnitStartUtc=self._day_start(last),
        )  # fmt: skip
        nights = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
        rows = [("", answer["BaseAmountPrices"])]
        rows += [(row["CategoryId"], row["AmountPrices"]) for row in answer["CategoryPrices"]]
        return {
            (category, night): Decimal(str(amount[self._amount_field]))
            for category, amounts in rows
            for night, amount in zip(nights, amounts, strict=False)
        }

    @classmethod
    def webhook(
        cls, headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]
    ) -> Sequence[str]:
        return webhook_field(body, "EnterpriseId")

    def _day_start(self, day: date) -> str:
        return utc_text(datetime.combine(day, time.min, self._zone))

    def _load_names(self, found: Sequence[Raw]) -> None:
        """Load the names of categories and segments where a reservation has an unknown one."""
        if any(one.get("RequestedResourceCategoryId") not in self._categories for one in found):
            rows = self._calls.rows(
                "resourceCategories", "ResourceCategories", self._calls.of_service()
            )
            self._categories = {row["Id"]: name_of(row)[:MAX_WORD] for row in rows}
        segments = {one.get("BusinessSegmentId") for one in found} - {None}
        if segments - self._segments.keys():
            rows = self._calls.rows(
                "businessSegments", "BusinessSegments", self._calls.of_service()
            )
            self._segments = {row["Id"]: name_of(row)[:MAX_WORD] for row in rows}

    def _reservations_of(self, numbers: Sequence[str]) -> list[Raw]:
        if not numbers:
            return []
        of_numbers = {"ReservationIds": numbers}
        return self._calls.rows("reservations", "Reservations", of_numbers, version="/2023-06-06")

    def _items_of(self, numbers: Sequence[str]) -> Mapping[str, list[Raw]]:
        items: dict[str, list[Raw]] = defaultdict(list)
        if numbers:
            filters = {"ServiceOrderIds": numbers, "Types": NIGHT_ITEMS, "Currency": self._currency}
            for item in self._calls.rows("orderItems", "OrderItems", filters):
                items[item["ServiceOrderId"]].append(item)
        return items

    def _enterprise(self) -> tuple[Raw, datetime]:
        answer = self._calls.post("configuration/get")
        try:
            return answer["Enterprise"], moment_of(answer["NowUtc"])
        except (KeyError, TypeError, ValueError):
            raise OddAnswer("the configuration has no enterprise or time") from None


def _with_service(access: Access, service_id: str) -> Access:
    access.choices = {**access.choices, "service_id": access.choices.get("service_id", service_id)}
    return access
