"""Whether a hotel's data are stale: its events have stopped, as `event_rhythm` says.

Dashboard and prices ask here, so that one page never calls a hotel up to date that the other calls
stale.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.timesince import timesince

from dashboard_service.figures.event_rhythm import FEWEST_DAYS, LEARNED_DAYS, silent_since
from dashboard_service.figures.rooms_for_sale import RoomsForSaleByNight
from dashboard_service.models import Basis, DashboardData


def stale_since(
    hotel_id: int, newest: date | None, today: date, spans: Sequence[tuple[date, date, int]]
) -> date | None:
    """Return the day of a hotel's newest event if the silence since is unusually long; else None.

    Args:
        newest: as `newest_day` returns it.
        today: in the time zone of the hotel's figures.
        spans: the hotel's rooms by date; days without a room for sale are no silence.
    Raises:
        django.db.Error.
    """
    # Of most hotels this is all that is asked.
    if newest is None or (today - newest).days <= FEWEST_DAYS:
        return None
    rows = DashboardData.objects.filter(
        hotel_id=hotel_id,
        basis=Basis.BOOKED.value,
        day__range=(newest - timedelta(days=LEARNED_DAYS), newest),
    )
    rooms = RoomsForSaleByNight(None, spans)
    days = list(rows.order_by("day").values_list("day", flat=True))
    return silent_since(days, today, lambda day: rooms(day) != 0)


def age_in_words(day: date, today: date) -> str:
    """Return how long ago a day was, by its largest unit: "10 months"."""
    return timesince(day, today, depth=1)
