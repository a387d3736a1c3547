"""Forecast of a hotel's months: room-nights and revenue, each with an 80 % interval.

Nights gone count as they were, coming ones by the nightly forecast; the interval is that of the
coming nights together (`total_interval`). A month has no forecast where the rooms of a night are
not known, or where it reaches beyond the nights that are forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import numpy as np
from django.conf import settings

from common.currencies import THOUSANDTHS, format_amount, minor_unit
from dashboard_service import figures_for_pricing
from dashboard_service.figures_for_pricing import Sold, SoldNights
from pricing_service.demand.demand_outlook import Outlook, first_coming_night, load_outlook
from pricing_service.models import Mode, NightPrice
from pricing_service.month_forecast.month_revenue import (
    NightToCome,
    forecast_revenue,
    usual_rates,
)
from pricing_service.month_forecast.total_interval import Nights, TotalForecast, TotalForecaster
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules

ONE_DAY: Final = timedelta(days=1)
COLUMNS: Final = (
    "hotel_id", "year", "month", "as_of", "stale_since", "nights", "nights_gone", "on_the_books",
    "room_nights", "room_nights_low", "room_nights_high", "currency", "revenue_on_the_books",
    "revenue", "revenue_low", "revenue_high",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class MonthForecast:
    """A month's forecast; amounts in thousandths of the currency's unit.

    Attributes:
        first: the month's first night.
        nights_gone: nights of the month that are over, or no longer on sale.
        on_the_books: room-nights of all its nights.
        room_nights: None where there is no forecast.
        revenue_on_the_books: None where no rate is known.
        revenue: None where there is no forecast, or no rate is known.
    """

    first: date
    as_of: date
    stale_since: date | None
    nights: int
    nights_gone: int
    on_the_books: int
    room_nights: TotalForecast | None
    currency: str | None
    revenue_on_the_books: int | None
    revenue: TotalForecast | None

    @property
    def last(self) -> date:
        """The month's last night."""
        return self.first + (self.nights - 1) * ONE_DAY


def forecast_months(
    hotel_id: int, first: date | None = None, last: date | None = None
) -> list[MonthForecast]:
    """Return the forecast of each month from that of a date to that of another, in order of time.

    Args:
        first: default: the first coming night.
        last: default: the last month whose nights are all forecast, eleven months later.
    Raises:
        django.db.Error.
    """
    hotel = figures_for_pricing.hotel(hotel_id)
    hotel_rules = load_rules(hotel_id)
    coming = first_coming_night(hotel, hotel_rules)
    begin = (first or coming).replace(day=1)
    end = _next_month(last) if last else begin.replace(year=begin.year + 1)
    months = []
    while begin < end:
        months.append(begin)
        begin = _next_month(begin)
    if not months:
        return []
    return _Forecaster(hotel_id, hotel_rules, coming, months).forecasts()


class _Forecaster:
    """What the forecasts of a hotel's months are made of, read once."""

    def __init__(
        self,
        hotel_id: int,
        hotel_rules: HotelPricingRules | None,
        coming: date,
        months: Sequence[date],
    ) -> None:
        self._months = months
        self._coming = coming
        end = _next_month(months[-1]) - ONE_DAY
        self._sold = figures_for_pricing.sold_nights(hotel_id, _year_before(months[0]), end)
        # A history is read only where a month has coming nights within its reach.
        is_wanted = end >= coming and months[0] < coming + settings.PRICED_NIGHTS * ONE_DAY
        self._outlook = load_outlook(hotel_id, hotel_rules) if is_wanted else None
        self._as_of = self._outlook.as_of if self._outlook else coming
        self._prices = _paid_prices(hotel_rules, self._sold, coming, end)
        self._places: dict[date, int] = {}
        self._total: TotalForecaster | None = None
        if self._outlook and self._outlook.history and self._outlook.situations:
            self._read_nights(self._outlook)

    def _read_nights(self, outlook: Outlook) -> None:
        """Keep the nights that are forecast; tonight, whose day is nearly over, is not one."""
        assert outlook.history is not None
        forecast = [
            (situation, forecast)
            for situation, forecast in zip(outlook.situations, outlook.forecasts, strict=True)
            if 0 < (situation.night - outlook.as_of).days <= settings.PRICED_NIGHTS
        ]
        if not forecast:
            return
        found, own = zip(*forecast, strict=True)
        self._nights = Nights(
            leads=np.array([(night.night - outlook.as_of).days for night in found]),
            books=np.array([float(night.on_the_books) for night in own]),
            expected=np.array([night.expected for night in own]),
            low=np.array([night.low for night in own]),
            high=np.array([night.high for night in own]),
            most=np.array([float(max(f.rooms, o.on_the_books)) for f, o in forecast]),
        )
        self._places = {night.night: place for place, night in enumerate(own)}
        self._total = TotalForecaster(outlook.history, self._nights)

    def forecasts(self) -> list[MonthForecast]:
        return [self._forecast(month) for month in self._months]

    def _forecast(self, month: date) -> MonthForecast:
        end = _next_month(month)
        nights = [month + number * ONE_DAY for number in range((end - month).days)]
        sold = _sum(self._sold, month, end)
        room_nights = self._room_nights(nights)
        has_rates = self._sold.currency is not None and sold.has_revenue()
        revenue = None
        if (
            room_nights is not None
            and self._sold.currency is not None
            and (sold.with_rate or not sold.room_nights)
        ):
            before = _sum(self._sold, _year_before(month), _year_before(end))
            rates = usual_rates(sold.revenue, sold.with_rate, before.revenue, before.with_rate)
            revenue = forecast_revenue(sold.revenue, self._to_come(nights), room_nights, rates)
        return MonthForecast(
            first=month,
            as_of=self._as_of,
            stale_since=self._outlook.stale_since if self._outlook else None,
            nights=len(nights),
            nights_gone=sum(night < self._coming for night in nights),
            on_the_books=sold.room_nights,
            room_nights=room_nights,
            currency=self._sold.currency,
            revenue_on_the_books=sold.revenue if has_rates else None,
            revenue=revenue,
        )

    def _room_nights(self, nights: Sequence[date]) -> TotalForecast | None:
        """Return the room-nights of a month; None where a coming night has no forecast."""
        known = self._sold.by_night
        gone = sum(
            known[night].room_nights for night in nights if night < self._coming and night in known
        )
        coming = [night for night in nights if night >= self._coming]
        tonight = self._tonight() if coming and coming[0] == self._as_of else None
        total = TotalForecast(gone, gone, gone)
        if tonight is not None:
            total = _added(total, tonight)
            coming = coming[1:]
        if not coming:
            return total
        if self._total is None or any(night not in self._places for night in coming):
            return None
        part = slice(self._places[coming[0]], self._places[coming[-1]] + 1)
        return _added(total, self._total.total(part))

    def _tonight(self) -> TotalForecast | None:
        """Return the forecast of tonight, while it is on sale."""
        outlook = self._outlook
        if outlook is None or not outlook.forecasts or outlook.forecasts[0].night != self._as_of:
            return None
        night = outlook.forecasts[0]
        return TotalForecast(night.expected, night.low, night.high)

    def _to_come(self, nights: Sequence[date]) -> list[NightToCome]:
        """Return the coming nights of a month that has a forecast."""
        found = []
        for night in nights:
            place = self._places.get(night)
            if place is not None:
                columns = (self._nights.books, self._nights.expected)
                books, expected = (float(column[place]) for column in columns)
                width = float(self._nights.high[place] - self._nights.low[place])
            elif night == self._as_of and (tonight := self._tonight()):
                books = float(self._outlook.forecasts[0].on_the_books) if self._outlook else 0.0
                expected, width = tonight.expected, tonight.high - tonight.low
            else:
                continue
            found.append(NightToCome(expected - books, width, self._prices.get(night)))
        return found


def _paid_prices(
    hotel_rules: HotelPricingRules | None, sold: SoldNights, first: date, last: date
) -> dict[date, float]:
    """Return the prices that guests are taken to pay, in thousandths, by night."""
    if hotel_rules is None or hotel_rules.rules.mode != Mode.AUTOMATIC:
        return {}
    rows = NightPrice.objects.filter(
        hotel_id=hotel_rules.rules.hotel_id, night__range=(first, last), rooms__gt=0
    )
    return {
        night: float(price * THOUSANDTHS)
        for night, price, currency in rows.values_list("night", "price", "currency")
        if (currency or hotel_rules.rules.currency) == sold.currency
    }


def _sum(sold: SoldNights, first: date, end: date) -> Sold:
    """Return what is on the books from a night to before another."""
    result = Sold()
    for night, own in sold.by_night.items():
        if first <= night < end:
            result.add(own)
    return result


def _added(total: TotalForecast, other: TotalForecast) -> TotalForecast:
    return TotalForecast(
        total.expected + other.expected, total.low + other.low, total.high + other.high
    )


def _next_month(day: date) -> date:
    return (day.replace(day=1) + 31 * ONE_DAY).replace(day=1)


def _year_before(month: date) -> date:
    return month.replace(year=month.year - 1)


def serialize_month(hotel_id: int, month: MonthForecast) -> dict[str, Any]:
    """Return a month as REST shows it, with the keys of COLUMNS in their order."""
    room_nights, revenue = month.room_nights, month.revenue
    values = {
        "hotel_id": hotel_id,
        "year": month.first.year,
        "month": month.first.month,
        "as_of": month.as_of,
        "stale_since": month.stale_since,
        "nights": month.nights,
        "nights_gone": month.nights_gone,
        "on_the_books": month.on_the_books,
        "room_nights": room_nights and round(room_nights.expected, 1),
        "room_nights_low": room_nights and round(room_nights.low, 1),
        "room_nights_high": room_nights and round(room_nights.high, 1),
        "currency": month.currency,
        "revenue_on_the_books": _amount(month.revenue_on_the_books, month.currency),
        "revenue": revenue and _amount(revenue.expected, month.currency),
        "revenue_low": revenue and _amount(revenue.low, month.currency),
        "revenue_high": revenue and _amount(revenue.high, month.currency),
    }
    return {name: values[name] for name in COLUMNS}


def _amount(thousandths: float | None, currency: str | None) -> str | None:
    """Return an amount with the currency's decimals, rounded half up."""
    if thousandths is None or currency is None:
        return None
    amount = Decimal(str(thousandths)) / THOUSANDTHS
    return format_amount(amount.quantize(minor_unit(currency), ROUND_HALF_UP), currency)
