"""Room-nights that are on the books and what they are worth: sums, and the figures made of them.

A night of a reservation counts once or not at all, with its latest rate. Sums are exact, amounts
are decimal texts of the hotel's currency. A hotel whose room-nights are not followed one by one has
the net of its events, and no revenue.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any, Literal

from django.db.models import F, Q, QuerySet, Sum

from common.currencies import CURRENCY_DECIMALS, THOUSANDTHS, format_thousandths
from dashboard_service.figures.available_dates import DatesWithData, dates_with_data
from dashboard_service.figures.hotel_currency import currency_of, is_followed
from dashboard_service.hotel_profiles import get_profile
from dashboard_service.models import (
    DashboardData,
    HotelProfile,
    PaceData,
    PerformanceData,
    PickupData,
)

By = Literal["room_type", "channel", "segment"]
BREAKDOWNS: tuple[By, ...] = ("room_type", "channel", "segment")


@dataclass(kw_only=True)
class Sold:
    """Net room-nights, and the revenue of those with a rate in the hotel's currency."""

    room_nights: int = 0
    with_rate: int = 0  # in the hotel's currency
    revenue: int = 0  # thousandths of the currency's unit
    in_other_currencies: int = 0

    @property
    def without_rate(self) -> int:
        """Room-nights whose rate is not known in any currency."""
        return self.room_nights - self.with_rate - self.in_other_currencies

    def add(self, other: "Sold") -> None:
        """Add other room-nights to these."""
        self.room_nights += other.room_nights
        self.with_rate += other.with_rate
        self.revenue += other.revenue
        self.in_other_currencies += other.in_other_currencies

    def has_revenue(self) -> bool:
        """Return whether the revenue is known: there are rates, or nothing was sold."""
        return bool(self.with_rate or self.revenue or not self.room_nights)


SoldByDay = dict[date, Sold]


def total(parts: Iterable[Sold]) -> Sold:
    """Return the sum of room-nights sold."""
    result = Sold()
    for part in parts:
        result.add(part)
    return result


def sold_between(days: SoldByDay, first: date, last: date) -> Sold:
    """Return the sum of the days from `first` to `last`, both included."""
    return total(sold for day, sold in days.items() if first <= day <= last)


def figures(sold: Sold, currency: str | None, for_sale: int | None) -> dict[str, Any]:
    """Return room-nights, revenue, average rate, occupancy and RevPAR, as performance has them.

    Args:
        for_sale: room-nights for sale; None where they are not known.
    """
    has_revenue = currency is not None and sold.has_revenue()
    return {
        "room_nights": sold.room_nights,
        "room_nights_with_rate": sold.with_rate,
        "revenue": format_thousandths(sold.revenue, currency) if has_revenue and currency else None,
        "currency": currency,
        "average_rate": _ratio(sold.revenue, sold.with_rate, currency),
        "rooms_for_sale": for_sale,
        "occupancy": sold.room_nights / for_sale if for_sale else None,
        "revpar": _ratio(sold.revenue, for_sale, currency) if has_revenue else None,
    }


def _ratio(thousandths: int, by: int | None, currency: str | None) -> str | None:
    """Return an amount by a number, rounded half up to the currency's decimals."""
    if not by or currency is None:
        return None
    unit = Decimal(1).scaleb(-CURRENCY_DECIMALS.get(currency, 2))
    amount = (Decimal(thousandths) / THOUSANDTHS / by).quantize(unit, ROUND_HALF_UP)
    return str(amount or abs(amount))  # not "-0.00"


class SoldRoomNights:
    """Reads the room-nights that a hotel has sold: its own, one by one, else its events' net."""

    def __init__(self, hotel_id: int, profile: HotelProfile | None = None) -> None:
        """Read what the hotel's sums depend on.

        Args:
            profile: the hotel's, where the caller has read it already.
        """
        self.hotel_id = hotel_id
        self.is_followed = is_followed(hotel_id)
        self.currency = currency_of(hotel_id, (profile or get_profile(hotel_id)).currency)

    @cached_property
    def dates(self) -> DatesWithData:
        """Which dates of the hotel have data."""
        return dates_with_data(self.hotel_id)

    @property
    def has_money(self) -> bool:
        """Whether any room-night has a rate, or had one."""
        return self.is_followed and self.currency is not None and self._has_rates()

    def _has_rates(self) -> bool:
        return PerformanceData.objects.filter(hotel_id=self.hotel_id).exclude(currency="").exists()

    def by_day(self, basis: str, first: date, last: date) -> SoldByDay:
        """Return the days with data from `first` to `last`, both included."""
        return {day: sold for (day, _), sold in self.by_day_and_word(basis, None, first, last)}

    def by_word(self, basis: str, first: date, last: date) -> dict[By, dict[str, Sold]]:
        """Return what was sold from `first` to `last` by each description, "" where there is none.

        One statement: the rows have all three descriptions.
        """
        rows = PerformanceData.objects.filter(
            hotel_id=self.hotel_id, basis=basis, day__range=(first, last)
        )
        words: dict[By, dict[str, Sold]] = {by: {} for by in BREAKDOWNS}
        for key, sold in self._sums(rows, *BREAKDOWNS):
            for by, word in zip(BREAKDOWNS, key, strict=True):
                words[by].setdefault(word, Sold()).add(sold)
        return {
            by: {word: sold for word, sold in found.items() if sold != Sold()}
            for by, found in words.items()
        }

    def by_day_and_word(
        self, basis: str, by: By | None, first: date, last: date
    ) -> Iterable[tuple[tuple[date, str], Sold]]:
        """Return what was sold by day, and by a description where `by` names one."""
        selection = {"hotel_id": self.hotel_id, "basis": basis, "day__range": (first, last)}
        if not self.is_followed:
            counts = DashboardData.objects.filter(**selection).values_list(
                "day", F("gross_booking_count") - F("cancellation_count")
            )
            return [((day, ""), Sold(room_nights=net)) for day, net in counts]
        names = ("day", *([by] if by else []))
        sums = self._sums(PerformanceData.objects.filter(**selection), *names)
        return [((key[0], key[1] if by else ""), sold) for key, sold in sums]

    def by_night(self, first: date, last: date, as_of: date | None = None) -> SoldByDay:
        """Return nights from `first` to `last` by events until the end of `as_of`; None for all."""
        [nights] = self.by_night_as_of(first, last, [as_of])
        return nights

    def by_night_as_of(
        self, first: date, last: date, moments: Sequence[date | None]
    ) -> list[SoldByDay]:
        """Return nights from `first` to `last` as they were at the end of each of some days.

        One statement, because a night has a row for each day on which it was booked.

        Args:
            moments: days; None for all events.
        """
        known = [Q(day__lte=date.max if day is None else day) for day in moments]
        selection = Q(hotel_id=self.hotel_id, night_of_stay__range=(first, last))
        if not self.is_followed:
            net = F("gross_booking_count") - F("cancellation_count")
            sums = {f"net_{n}": Sum(net, filter=day, default=0) for n, day in enumerate(known)}
            counts = PickupData.objects.filter(selection).order_by().values_list("night_of_stay")
            rows = [
                (night, [Sold(room_nights=number) for number in nets])
                for night, *nets in counts.annotate(**sums)
            ]
        else:
            pace = PaceData.objects.filter(selection)
            rows = [
                (night, sold) for (night,), *sold in self._sums_if(pace, known, "night_of_stay")
            ]
        return [{night: sold[n] for night, sold in rows} for n in range(len(known))]

    def _sums(self, rows: QuerySet, *names: str) -> Iterable[tuple[tuple[Any, ...], Sold]]:
        """Yield the sums of rows of performance or pace by some of their columns."""
        yield from self._sums_if(rows, [Q()], *names)

    def _sums_if(self, rows: QuerySet, conditions: Sequence[Q], *names: str) -> Iterable[Any]:
        """Yield a key of columns and the sums of its rows that meet each condition."""
        own = Q(currency=self.currency or "-")
        sums: dict[str, Sum] = {}
        for number, condition in enumerate(conditions):
            sums |= {
                f"nights_{number}": Sum("room_nights", filter=condition or None, default=0),
                f"own_{number}": Sum("room_nights_with_rate", filter=own & condition, default=0),
                f"amount_{number}": Sum("revenue", filter=own & condition, default=0),
                f"all_{number}": Sum("room_nights_with_rate", filter=condition or None, default=0),
            }
        width = len(names)
        for row in rows.order_by().values_list(*names).annotate(**sums):
            values = row[width:]
            yield (
                row[:width],
                *(
                    Sold(
                        room_nights=nights,
                        with_rate=with_rate,
                        revenue=revenue,
                        in_other_currencies=every - with_rate,
                    )
                    for nights, with_rate, revenue, every in zip(*[iter(values)] * 4, strict=True)
                ),
            )
