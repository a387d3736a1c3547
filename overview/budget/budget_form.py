"""What a person typed into the budget's table: read as a whole, or refused with each reason.

The fields are `room_nights_1` … `room_nights_12` and `revenue_1` … `revenue_12`; an empty one plans
nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from common.typed_numbers import NotANumber, read_amount, read_whole_number
from dashboard_service.budgets.monthly_budgets import MONTHS
from overview.budget.budget_file import check_limits
from overview.budget.budget_months import Plan, amount_text

Texts = dict[str, str]  # by field


@dataclass
class TypedBudget:
    """The plans of a form; void if there are errors."""

    plans: dict[int, Plan] = field(default_factory=dict)
    errors: Texts = field(default_factory=dict)


def field_texts(plans: Mapping[int, Plan], currency: str | None) -> Texts:
    """Return what the fields show for plans."""
    texts = {}
    for month, (room_nights, revenue) in plans.items():
        texts[f"room_nights_{month}"] = "" if room_nights is None else str(room_nights)
        texts[f"revenue_{month}"] = amount_text(revenue, currency)
    return texts


def read_form(form: Mapping[str, str], currency: str | None) -> TypedBudget:
    """Return the plans of a form.

    Args:
        currency: of the revenue; None where it is not known, and revenue is refused.
    """
    typed = TypedBudget()
    for month in range(1, MONTHS + 1):
        nights_text = form.get(f"room_nights_{month}", "").strip()
        revenue_text = form.get(f"revenue_{month}", "").strip()
        room_nights = revenue = None
        try:
            if nights_text:
                room_nights = read_whole_number(nights_text)
                check_limits(room_nights, None)
        except (NotANumber, ValueError) as error:
            typed.errors[f"room_nights_{month}"] = str(error)
        try:
            if revenue_text:
                if currency is None:
                    raise ValueError(_("the hotel's currency is not known"))
                revenue = read_amount(revenue_text, currency)
                check_limits(None, revenue)
        except (NotANumber, ValueError) as error:
            typed.errors[f"revenue_{month}"] = str(error)
        typed.plans[month] = (room_nights, revenue)
    return typed
