"""Cloudbeds, by its PMS API v1.3 (developers.cloudbeds.com, its OpenAPI file at
github.com/cloudbeds/openapi-specs): facts as of August 2026.

What changed is read by when it changed, with what each night of each room costs. Cloudbeds says
that not every change is stamped: so what is ahead is read whole once a day, at the property's
midnight. In which time zone it compares moments is not documented: it is asked for both, and what
is too much is left out. A price belongs to a rate of one room type; it is set by a job, and is
confirmed when the job says so.

Limits: 5 calls a second of a property, 100 reservations a page, 30 intervals a change of rates.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
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
    OddAnswer,
    PageLost,
    Property,
    Raw,
)
from connections.adapters.cloudbeds.cloudbeds_calls import (
    CloudbedsCalls,
    Interval,
    rows_of,
    text_of,
)
from connections.adapters.cloudbeds.cloudbeds_reservations import (
    MAX_WORD,
    house_things,
    moment_there,
    reservation_body,
    segment_of,
)
from connections.adapters.house_use import SEGMENT, SOURCE, house_use_of, house_use_question
from connections.adapters.price_runs import price_runs
from connections.adapters.vendor_values import required_text

RESERVATIONS_A_PAGE: Final = 100
NIGHTS_A_LOOK: Final = 31  # of prices that are read at once
CORRECTED_WITHIN: Final = timedelta(days=7)  # after check-out; older stays are read when stamped
REPEATED_BY_CLOCKS: Final = timedelta(hours=1)  # when they are set back in autumn
CHANGED, AHEAD = "changed", "ahead"  # begin the pages of the two streams
BASE_RATE: Final = "base"  # a room type's own rate: the one without a rate plan
RESERVATIONS: Final = "getReservationsWithRateDetails"


class CloudbedsAdapter(Adapter):
    """A property in Cloudbeds."""

    vendor = "cloudbeds"
    title = "Cloudbeds"
    addresses = {"https://api.cloudbeds.com": "Cloudbeds"}
    needed = (
        NeededText("token", _("API key"), _("Of your property; or an access token of OAuth 2.0.")),
        NeededText("refresh_token", _("Refresh token"), _("With OAuth only."), is_required=False),
        NeededText("client_id", _("Client ID"), _("With OAuth only."), is_required=False),
        NeededText("client_secret", _("Client secret"), _("With OAuth only."), is_required=False),
    )
    what_to_do = (
        _(
            "In Cloudbeds, under Apps & Marketplace, API Credentials, make new credentials with an "
            "API key. Its scopes: read hotel, reservation, room and rate; write rate for prices."
        ),
        _(
            "A technology partner of Cloudbeds may use OAuth 2.0 instead: enter the access token, "
            "the refresh token, and the client's ID and secret."
        ),
        _(
            "When you are connected, subscribe the address that is shown to the events "
            "reservation/created, status_changed, dates_changed, accommodation_changed and "
            "deleted (postWebhook). Without them changes come some minutes later."
        ),
    )
    tried = _(
        "Cloudbeds's public documentation and an emulator in this project's tests, "
        "not Cloudbeds itself"
    )
    calls_per_window = (5, 1.0)
    longest_window = timedelta(days=30)
    overlap = timedelta(minutes=15)
    seconds_between = 300
    prices_at_once = 500

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._calls = CloudbedsCalls(access, self.calls_per_window)
        self._zone = ZoneInfo("UTC")
        self._currency = ""

    def properties(self) -> Sequence[Named]:
        return [
            Named(text_of(row, "propertyID"), text_of(row, "propertyName"))
            for row in self._calls.pages("getHotels")
        ]

    def open_property(self) -> Property:
        number = self.access.property_id
        for row in self._calls.pages("getHotels", propertyIDs=number):
            if text_of(row, "propertyID") == number:
                break
        else:
            raise OddAnswer("the access is not for this property any more")
        zone, currencies = required_text(row, "propertyTimezone"), row["propertyCurrency"]
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise OddAnswer("the property has no known time zone") from None
        currency = currencies[0] if isinstance(currencies, list) else currencies
        self._currency = required_text(currency, "currencyCode")
        return Property(number, text_of(row, "propertyName"), zone, self._currency, self._now())

    def questions(self) -> Sequence[Choice]:
        found = [Choice("rate_id", gettext("The rate that has our prices"), self.rates())]
        if self.access.choices.get("rate_id"):
            label = gettext("The room type that has our price where we have one for all rooms")
            found.append(Choice("room_type_id", label, self.room_types()))
            found.append(self._house_use())
        return found

    def _house_use(self) -> Choice:
        """Ask what tells house use. Cloudbeds lists no segments: those of the last changes are."""
        sources = [
            Named(text_of(row, "sourceID"), text_of(row, "sourceName"))
            for row in rows_of(self._calls.get("getSources", propertyIDs=self.access.property_id))
        ]
        answer = self._calls.get(
            RESERVATIONS, propertyID=self.access.property_id, sortByRecent="true",
            pageNumber="1", pageSize=str(RESERVATIONS_A_PAGE),
        )  # fmt: skip
        found = dict(segment_of(room) for one in rows_of(answer) for room in one["rooms"])
        segments = [Named(number, name) for number, name in sorted(found.items()) if number]
        return house_use_question(self.access.choices, {SEGMENT: segments, SOURCE: sources})

    def room_types(self) -> Sequence[Named]:
        """Return the room types of which the chosen rate has prices that can be set."""
        rate_numbers = self._rate_numbers()
        return [
            Named(number, text_of(row, "roomTypeName")[:MAX_WORD])
            for row in self._calls.pages("getRoomTypes", propertyIDs=self.access.property_id)
            if (number := text_of(row, "roomTypeID")) in rate_numbers
        ]

    def rates(self) -> Sequence[Named]:
        plans: dict[str, str] = {}
        for row in self._rate_rows():
            name = row.get("ratePlanNamePrivate") or row.get("ratePlanNamePublic")
            plans.setdefault(_plan(row), str(name or gettext("Base rate of each room type")))
        return [Named(number, name) for number, name in plans.items()]

    def read_changes(self, since: datetime, until: datetime, page: str) -> ChangesPage:
        stream, number, total_before = (page or f"{CHANGED}:1:").split(":")
        today = until.astimezone(self._zone).date()
        filters = {"reservationCheckOutFrom": str(today - CORRECTED_WITHIN)}
        if stream == CHANGED:
            begins = self._both_clocks(since - REPEATED_BY_CLOCKS)
            ends = self._both_clocks(until + REPEATED_BY_CLOCKS)
            filters = {"modifiedFrom": min(begins), "modifiedTo": max(ends)}
        answer = self._calls.get(
            RESERVATIONS, **filters, propertyID=self.access.property_id,
            includeDeleted="true", sortByRecent="true", pageNumber=number,
            pageSize=str(RESERVATIONS_A_PAGE),
        )  # fmt: skip
        rows, total = rows_of(answer), int(answer["total"])
        is_last = int(number) * RESERVATIONS_A_PAGE >= total
        if (total_before and total < int(total_before)) or not (rows or is_last):
            # Those that left have drawn others over to pages that were read.
            raise PageLost("reservations left the pages while they were read")
        # What is ahead and changed in this window was read with the changes.
        rows = [
            one
            for one in rows
            if (since <= moment_there(one, "dateModified", self._zone) <= until)
            == (stream == CHANGED)
        ]
        if not is_last:
            next_page = f"{stream}:{int(number) + 1}:{total}"
        else:
            begin = (since + self.overlap).astimezone(self._zone).date()
            is_new_day = begin < today and stream == CHANGED
            # Windows of an import that are long past would read what is ahead each time.
            is_recent = self._now() - until < timedelta(days=1)
            next_page = f"{AHEAD}:1:" if is_new_day and is_recent else ""
        # What is read whole was so at least when the window began: later stamps stay newer.
        as_of = since.isoformat() if stream == AHEAD else ""
        return ChangesPage([{"reservation": one, "as_of": as_of} for one in rows], next_page)

    def reservation_id(self, raw: Raw) -> str:
        return str(raw["reservation"]["reservationID"])

    def read_reservation(self, number: str) -> Raw | None:
        answer = self._calls.get(
            RESERVATIONS, propertyID=self.access.property_id, reservationID=number,
            includeDeleted="true", pageNumber="1", pageSize="1",
        )  # fmt: skip
        found = [{"reservation": one, "as_of": ""} for one in rows_of(answer)]
        # Should the filter be unknown one day, others are answered.
        return next((raw for raw in found if self.reservation_id(raw) == number), None)

    def reservation(self, raw: Raw) -> Body:
        body = reservation_body(raw, self._zone, self._currency)
        return body | house_use_of(self.access.choices, house_things(raw["reservation"]))

    def send_prices(self, prices: Sequence[NightPrice]) -> None:
        nights = [price.night for price in prices]
        # Prices that it shows need no job, unless jobs under way may still change them: so what a
        # slow or a partly refused job has set is not sent again and again.
        shown = (
            {}
            if self._calls.jobs(status="in_progress")
            else self.read_prices(min(nights), max(nights))
        )
        rate_numbers = self._rate_numbers()
        intervals: list[Interval] = []
        open_prices = [
            price
            for price in prices
            if shown.get((price.room_type_id, price.night)) != price.amount
        ]
        for run in price_runs(open_prices, longest=len(prices)):
            rate_number = rate_numbers.get(run[0].room_type_id)
            if rate_number is None:
                raise OddAnswer("the chosen rate has no price of the chosen room type any more")
            first, last = run[0].night, run[-1].night  # both are included
            interval = {"startDate": str(first), "endDate": str(last), "rate": str(run[0].amount)}
            intervals.append((rate_number, interval))
        self._calls.set_prices(intervals)

    def read_prices(self, first: date, last: date) -> Mapping[tuple[str, date], Decimal]:
        prices: dict[tuple[str, date], Decimal] = {}
        begin = first
        while begin <= last:
            end = min(last, begin + timedelta(days=NIGHTS_A_LOOK - 1))
            for row in self._rate_rows(begin, end, detailedRates="true"):
                for day in (row.get("roomRateDetailed") or ()) if self._is_chosen(row) else ():
                    # `rateBase` in the documentation; `rate` as in getRate.
                    amount = day.get("rate") if day.get("rateBase") is None else day["rateBase"]
                    if amount is not None:
                        night = date.fromisoformat(day["date"])
                        prices[text_of(row, "roomTypeID"), night] = Decimal(str(amount))
            begin = end + timedelta(days=1)
        base = self.access.choices.get("room_type_id")
        return prices | {
            ("", night): amount for (number, night), amount in prices.items() if number == base
        }

    def renew_secrets(self) -> Mapping[str, str] | None:
        return self._calls.renewed()

    @classmethod
    def webhook(
        cls, headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]
    ) -> Sequence[str]:
        try:
            fields = orjson.loads(body).items()
        except (orjson.JSONDecodeError, AttributeError):
            return ()
        # It is written propertyID or propertyId, as a number or as a text, by the event.
        names = ("propertyid_str", "propertyid")
        return list({str(value) for name, value in fields if name.lower() in names})

    def _both_clocks(self, moment: datetime) -> tuple[str, str]:
        """Return a moment as UTC and the property's clock say it."""
        zones = (UTC, self._zone)
        first, second = (f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" for zone in zones)
        return first, second

    def _now(self) -> datetime:
        return self._calls.http.now or datetime.now(UTC)  # by the `Date` header

    def _is_chosen(self, row: Raw) -> bool:
        return _plan(row) == self.access.choices.get("rate_id")

    def _rate_numbers(self) -> Mapping[str, str]:
        """Return the numbers of the chosen rate by room type; that of "" has the hotel's price."""
        numbers = {
            text_of(row, "roomTypeID"): text_of(row, "rateID")
            for row in self._rate_rows()
            if self._is_chosen(row)
        }
        base = self.access.choices.get("room_type_id")
        return numbers | ({"": numbers[base]} if base in numbers else {})

    def _rate_rows(
        self, first: date | None = None, last: date | None = None, **query: str
    ) -> list[Raw]:
        """Return the rates that are not derived from others: those alone can be set."""
        first = first or self._now().astimezone(self._zone).date()
        departure = (last or first) + timedelta(days=1)
        answer = self._calls.get(
            "getRatePlans", **query, propertyIDs=self.access.property_id,
            startDate=str(first), endDate=str(departure),
        )  # fmt: skip
        return [row for row in rows_of(answer) if not row.get("isDerived")]


def _plan(row: Raw) -> str:
    return str(row.get("ratePlanID") or BASE_RATE)
