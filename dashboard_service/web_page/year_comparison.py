"""Comparison of the chosen month or year with the year before, like with like.

A span that is over is compared with the whole span a year earlier. A running span is compared with
what was known of that span on the same day a year earlier: the industry's "same time last year".
"""

from dataclasses import dataclass
from datetime import date, timedelta

from dashboard_service.figures.pace import (
    LARGEST_UNKNOWN_SHARE,
    on_the_books_as_of,
    same_day_last_year,
)
from dashboard_service.figures.period_figures import first_and_last_day
from dashboard_service.figures.sold_room_nights import Sold, sold_between, total
from dashboard_service.models import Basis
from dashboard_service.room_nights import RoomNights, RoomNightsByDay, total_between
from dashboard_service.web_page.hotel_data import HotelData
from dashboard_service.web_page.page_choice import Choice


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The dates of last year's figures, and how much of them is known."""

    first: date
    last: date
    as_of: date | None  # only events until the end of this day count; None for all events
    is_running: bool  # the chosen span is not over
    is_there: bool  # there is data to compare with
    nights_from: date | None  # the hotel's first night, where it is later than `first`
    known_from: date | None  # the hotel's first event, where earlier bookings may be missing
    is_in_part: bool  # so much may be missing that no change is shown


def compare_with_last_year(
    choice: Choice, today: date, first_day: date, first_booked: date
) -> Comparison:
    """Return what the chosen span is compared with.

    Args:
        today: the newest day with data.
        first_day: the hotel's first day with data on the chosen basis.
        first_booked: the day of its first event; what was on the books before is unknown.
    """
    first, last = first_and_last_day(choice.year - 1, choice.month)
    is_running = choice.span[1] > today
    is_stay = choice.basis == Basis.STAY
    end = same_day_last_year(today)
    as_of = end if is_running and is_stay else None
    if is_running and not is_stay:
        last = min(last, end)
    # Nights may be booked up to a year ahead: in the hotel's first year of data such bookings may
    # be missing.
    is_new = first_booked > (as_of or first) - timedelta(days=365 if is_stay else 0)
    nights_from = first_day if is_stay and first < first_day <= last else None
    return Comparison(
        first=first,
        last=last,
        as_of=as_of,
        is_running=is_running,
        is_there=first <= last and first_day <= last and first_booked <= (as_of or last),
        nights_from=nights_from,
        known_from=first_booked if is_new else None,
        is_in_part=nights_from is not None
        or (is_new and (not is_stay or _booked_before(choice, first, first_booked, today))),
    )


def _booked_before(choice: Choice, first: date, first_booked: date, today: date) -> bool:
    """Return whether last year's unknown bookings may be many: as many as this year's tell.

    Of this year's nights, the share that was booked before the day that corresponds to the first
    event of last year's.
    """
    shift = choice.span[0] - first
    nights = choice.hotel_id, *choice.span
    by_then = on_the_books_as_of(*nights, first_booked + shift - timedelta(days=1)).gross
    by_now = on_the_books_as_of(*nights, today).gross
    return by_then > by_now * LARGEST_UNKNOWN_SHARE or not by_now


def room_nights_last_year(
    choice: Choice, days: RoomNightsByDay, comparison: Comparison
) -> RoomNights | None:
    """Return the room-nights to compare with; None where there is no data.

    Args:
        days: room-nights on the chosen basis, of last year at least.
    """
    if not comparison.is_there:
        return None
    first, last = comparison.first, comparison.last
    if comparison.as_of is not None:
        return on_the_books_as_of(choice.hotel_id, first, last, comparison.as_of)
    return total_between(days, first, last)


def sold_last_year(data: HotelData, comparison: Comparison) -> Sold:
    """Return what was sold of what the chosen span is compared with."""
    first, last, as_of = comparison.first, comparison.last, comparison.as_of
    if as_of is not None:
        return total(data.books.by_night(first, last, as_of).values())
    return sold_between(data.sold, first, last)
