"""Reads and saves a hotel's budget of a year, as a whole.

Amounts are exact: thousandths of the unit of the currency that the hotel had when they were saved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import router, transaction
from django.utils.translation import gettext as _

from common.currencies import THOUSANDTHS, format_thousandths
from dashboard_service.figures.hotel_currency import currency_of
from dashboard_service.hotel_profiles import MAX_ROOMS, get_profile
from dashboard_service.models import MonthlyBudget

MONTHS: Final = 12
MAX_ROOM_NIGHTS: Final = MAX_ROOMS * 31
MAX_REVENUE: Final = Decimal(10) ** 12  # of a month; below it


class NoCurrency(ValueError):
    """Revenue cannot be planned while the hotel's currency is not known; nothing was changed."""

    def __init__(self, hotel_id: int) -> None:
        super().__init__(
            _("the currency of hotel %(hotel)d is not known: enter it in the hotel's profile first")
            % {"hotel": hotel_id}
        )


@dataclass(frozen=True)
class Budget:
    """What is planned for a month: room-nights, and revenue in the currency's unit."""

    room_nights: int | None = None
    revenue: Decimal | None = None
    currency: str | None = None  # of the revenue
    updated_at: datetime | None = None


def budgets_of_year(hotel_id: int, year: int) -> dict[int, Budget]:
    """Return the budget of each month from 1 to 12, also of those without any.

    Raises: django.db.Error.
    """
    budgets = {month: Budget() for month in range(1, MONTHS + 1)}
    for row in MonthlyBudget.objects.filter(hotel_id=hotel_id, year=year):
        revenue = None if row.revenue is None else Decimal(row.revenue) / THOUSANDTHS
        budgets[row.month] = Budget(row.room_nights, revenue, row.currency or None, row.updated_at)
    return budgets


def save_budgets(
    hotel_id: int, year: int, months: Mapping[int, tuple[int | None, Decimal | None]]
) -> None:
    """Save the budget of a whole year: months that are not named, or have nothing, have none then.

    Args:
        months: room-nights and revenue by month; valid values, with the currency's decimals.
    Raises:
        NoCurrency: there is revenue, and nobody knows in which currency.
        django.db.Error: nothing was changed.
    """
    planned = {month: plan for month, plan in months.items() if plan != (None, None)}
    currency = budget_currency(hotel_id)
    if currency is None and any(revenue is not None for _, revenue in planned.values()):
        raise NoCurrency(hotel_id)
    with transaction.atomic(using=router.db_for_write(MonthlyBudget)):
        rows = MonthlyBudget.objects.filter(hotel_id=hotel_id, year=year)
        rows.exclude(month__in=planned).delete()
        current = {row.month: row for row in rows.select_for_update()}
        for month, (room_nights, revenue) in sorted(planned.items()):
            amount = None if revenue is None else int(revenue * THOUSANDTHS)
            values = (room_nights, amount, "" if amount is None else currency or "")
            row = current.get(month) or MonthlyBudget(hotel_id=hotel_id, year=year, month=month)
            if row.pk is None or values != (row.room_nights, row.revenue, row.currency):
                row.room_nights, row.revenue, row.currency = values
                row.save()


def budget_currency(hotel_id: int) -> str | None:
    """Return the currency in which a hotel's revenue is planned: that of its figures."""
    return currency_of(hotel_id, get_profile(hotel_id).currency)


def serialize_budgets(hotel_id: int, year: int) -> list[dict[str, Any]]:
    """Return the rows of `GET /dashboard/budgets/`."""
    return [
        {
            "hotel_id": hotel_id,
            "year": year,
            "month": month,
            "room_nights": budget.room_nights,
            "revenue": None
            if budget.revenue is None
            else format_thousandths(int(budget.revenue * THOUSANDTHS), budget.currency or ""),
            "currency": budget.currency,
            "updated_at": budget.updated_at,
        }
        for month, budget in budgets_of_year(hotel_id, year).items()
    ]
