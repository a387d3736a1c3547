"""Which hotels are due for repricing.

A hotel is due when its figures, rooms, rules or day changed since the last time, and while an
automatic price may still move towards the recommended one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from dashboard_service import figures_for_pricing
from pricing_service.models import Mode, PricingRules, PricingState

# Minimum time between two repricings of a hotel for new figures. Changed rules do not wait.
REPRICING_INTERVAL_SECONDS = 10


def hotels_due_for_repricing() -> list[int]:
    """Return the ids of hotels to price anew, the one that has waited longest first.

    Hotels that were never priced, or whose rules changed, come before all others.
    """
    rules_updated_at = dict(
        PricingRules.objects.exclude(mode=Mode.OFF).values_list("hotel_id", "updated_at")
    )
    states = PricingState.objects.in_bulk(list(rules_updated_at))
    figures_changed_at = figures_for_pricing.changed(list(rules_updated_at))
    now = timezone.now()
    never = datetime.min.replace(tzinfo=UTC)
    due = []
    for hotel_id, updated_at in rules_updated_at.items():
        state = states.get(hotel_id)
        if state is None or state.priced_at is None or updated_at > state.priced_at:
            due.append((never, hotel_id))
        elif now - state.priced_at < timedelta(seconds=REPRICING_INTERVAL_SECONDS):
            continue
        elif state.is_unsettled or figures_changed_at.get(hotel_id) != state.figures_changed_at:
            due.append((state.priced_at, hotel_id))
        else:
            hotel = figures_for_pricing.hotel(hotel_id)
            if (hotel.today, hotel.rooms_fingerprint) != (
                state.as_of,
                state.rooms_fingerprint,
            ):
                due.append((state.priced_at, hotel_id))
    return [hotel_id for _, hotel_id in sorted(due)]
