"""A year's months: budget, on the books, last year, forecast, and the difference to the budget.

Room-nights and revenue are those of performance by night of stay. Last year's months are as they
ended; those that are not over have their forecast, where there is one, and count as such.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from common.currencies import THOUSANDTHS, currency_decimals, minor_unit
from dashboard_service.budgets.monthly_budgets import MONTHS, Budget, budgets_of_year
from dashboard_service.figures.period_figures import first_and_last_day
from dashboard_service.figures.sold_room_nights import Sold, SoldByDay, SoldRoomNights, sold_between
from dashboard_service.models import Basis
from pricing_service.month_forecast.month_forecast import MonthForecast
from pricing_service.month_forecast.recent_forecasts import recent_forecast_months

Plan = tuple[int | None, Decimal | None]
FORECAST_YEARS: Final = 1  # ahead; a month that begins later has no forecast


@dataclass(frozen=True)
class Figures:
    """Room-nights and revenue (in the currency's unit) of a month; None where not known."""

    room_nights: int | float | None
    revenue: Decimal | None


@dataclass(frozen=True, kw_only=True)
class BudgetMonth:
    """One month of the page."""

    first: date
    is_over: bool
    budget: Budget
    on_the_books: Figures
    last_year: Figures
    is_last_year_forecast: bool
    forecast: MonthForecast | None

    @property
    def expected(self) -> Figures:
        """What the month is expected to end with, or ended with."""
        if self.is_over:
            return self.on_the_books
        return _expected(self.forecast) or Figures(None, None)

    @property
    def difference(self) -> Figures:
        """What is expected, less the budget."""
        nights, revenue = self.expected.room_nights, self.expected.revenue
        plan = self.budget
        return Figures(
            None if nights is None or plan.room_nights is None else nights - plan.room_nights,
            None if revenue is None or plan.revenue is None else revenue - plan.revenue,
        )

    @property
    def revenue_ends(self) -> tuple[Decimal, Decimal] | None:
        """The ends of the forecast revenue's interval."""
        if self.forecast is None or self.forecast.revenue is None:
            return None
        return _units(self.forecast.revenue.low), _units(self.forecast.revenue.high)


class BudgetYear:
    """A hotel's year by month, read once. Raises: django.db.Error."""

    def __init__(self, hotel_id: int, year: int, today: date, *, with_forecast: bool) -> None:
        """Read it.

        Args:
            today: in the hotel's time zone.
            with_forecast: whether the reader may see forecasts, which need prices.
        """
        self.hotel_id, self.year = hotel_id, year
        books = SoldRoomNights(hotel_id)
        self.currency = books.currency
        first, last = date(year - 1, 1, 1), date(year, 12, 31)
        sold = books.by_day(Basis.STAY.value, first, last)
        budgets = budgets_of_year(hotel_id, year)
        forecasts = _forecasts(hotel_id, first, last, today) if with_forecast else {}
        self.months = [
            _month(
                year, number, budgets[number], sold, forecasts, today, has_money=bool(self.currency)
            )
            for number in range(1, MONTHS + 1)
        ]

    @property
    def plans(self) -> dict[int, Plan]:
        """The saved budget by month."""
        return {
            month.first.month: (month.budget.room_nights, month.budget.revenue)
            for month in self.months
        }

    @property
    def has_plan(self) -> bool:
        """Whether anything is planned."""
        return any(plan != (None, None) for plan in self.plans.values())

    def proposal(self, percent: Decimal) -> dict[int, Plan]:
        """Return last year with so many percent more or less, as a budget; nothing is saved."""
        factor = 1 + percent / 100
        found: dict[int, Plan] = {}
        for month in self.months:
            nights, revenue = month.last_year.room_nights, month.last_year.revenue
            found[month.first.month] = (
                None if nights is None else max(0, round(Decimal(nights) * factor)),
                None if revenue is None else self._rounded(max(Decimal(0), revenue * factor)),
            )
        return found

    def totals(self) -> dict[str, Figures]:
        """Return the sums of the year; None where a month of it is not known."""
        return {
            "budget": Figures(
                _sum([month.budget.room_nights for month in self.months], may_lack=True),
                _sum([month.budget.revenue for month in self.months], may_lack=True),
            ),
            **{
                name: Figures(
                    _sum([getattr(month, name).room_nights for month in self.months]),
                    _sum([getattr(month, name).revenue for month in self.months]),
                )
                for name in ("on_the_books", "last_year", "expected")
            },
            "difference": Figures(
                _sum([month.difference.room_nights for month in self.months]),
                _sum([month.difference.revenue for month in self.months]),
            ),
        }

    def _rounded(self, amount: Decimal) -> Decimal:
        return amount.quantize(minor_unit(self.currency or ""), ROUND_HALF_UP)


def amount_text(amount: Decimal | None, currency: str | None) -> str:
    """Return an amount for an input: readable in one way only, whatever the reader's language."""
    if amount is None:
        return ""
    decimals = currency_decimals(currency or "")
    text = f"{amount.quantize(Decimal(1).scaleb(-decimals)):f}"
    # Three digits after the sign could be thousands; a fourth one says that they are none.
    return f"{text}0" if decimals == 3 else text


def _forecasts(hotel_id: int, first: date, last: date, today: date) -> dict[date, MonthForecast]:
    """Return the forecasts of months that are not over, by their first day."""
    begin = max(first, today.replace(day=1))
    end = min(last, date(today.year + FORECAST_YEARS, today.month, 1))
    if begin > end:
        return {}
    return {month.first: month for month in recent_forecast_months(hotel_id, begin, end)}


def _month(
    year: int,
    number: int,
    budget: Budget,
    sold: SoldByDay,
    forecasts: dict[date, MonthForecast],
    today: date,
    *,
    has_money: bool,
) -> BudgetMonth:
    first, last = first_and_last_day(year, number)
    before_first, before_last = first_and_last_day(year - 1, number)
    before_forecast = _expected(forecasts.get(before_first))
    before = _figures(sold, before_first, before_last, has_money=has_money)
    return BudgetMonth(
        first=first,
        is_over=last < today,
        budget=budget,
        on_the_books=_figures(sold, first, last, has_money=has_money),
        last_year=before_forecast or before,
        is_last_year_forecast=before_forecast is not None,
        forecast=forecasts.get(first),
    )


def _figures(sold: SoldByDay, first: date, last: date, *, has_money: bool) -> Figures:
    own: Sold = sold_between(sold, first, last)
    return Figures(
        own.room_nights, _units(own.revenue) if has_money and own.has_revenue() else None
    )


def _expected(forecast: MonthForecast | None) -> Figures | None:
    if forecast is None or forecast.room_nights is None:
        return None
    revenue = forecast.revenue
    return Figures(
        round(forecast.room_nights.expected), _units(revenue.expected) if revenue else None
    )


def _units(thousandths: float) -> Decimal:
    return Decimal(round(thousandths)) / THOUSANDTHS


def _sum(values: list[Any], *, may_lack: bool = False) -> Any:
    """Return a sum; None where a value is not known, or none is planned."""
    known = [value for value in values if value is not None]
    if not known or (not may_lack and len(known) < len(values)):
        return None
    return sum(known)
