"""What was booked and cancelled since a moment, with its money, in sum."""

from __future__ import annotations

from typing import Any

from common.currencies import currency_decimals, format_thousandths
from dashboard_service.figures.activity_since import ActivitySince


def what_came_in(activity: ActivitySince) -> dict[str, Any]:
    """Return room-nights booked, cancelled and net, with revenue as decimal texts.

    Amounts are None for a hotel without revenue. `changed` is what new rates added to room-nights
    that stayed on the books.
    """
    total, currency = activity.total(), activity.currency
    amounts = {
        "booked_revenue": total.booked_revenue,
        "cancelled_revenue": total.cancelled_revenue,
        "changed_revenue": total.repriced_revenue,
        "net_revenue": total.net_revenue,
    }
    return {
        "booked": total.booked,
        "cancelled": total.cancelled,
        "net": total.net,
        "nights": len(activity.nights),
        "without_rate": total.without_rate if currency else 0,
        "has_changed_rates": bool(currency and total.repriced_revenue),
        "is_exact": activity.is_exact,
        "since": activity.since,
        "currency": currency,
        "amount": f"amount:{currency_decimals(currency)}" if currency else "",
        "signed_amount": f"signed-amount:{currency_decimals(currency)}" if currency else "",
        **{
            name: format_thousandths(amount, currency) if currency else None
            for name, amount in amounts.items()
        },
    }
