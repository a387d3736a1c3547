"""What each figure counts, with an example: said beside the figure and on the help page.

One text for both, so that a figure means the same wherever it stands.
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class FigureHelp(NamedTuple):
    """A figure's name, what it counts, and an example."""

    name: Promise
    counts: Promise
    example: Promise


FIGURES = {
    "net": FigureHelp(
        _("Net room-nights"),
        _(
            "Room-nights booked less room-nights cancelled. One room for one night is one room-"
            "night. By night of stay it is what is on the books; by booking date it is what the"
            " day's bookings and cancellations added."
        ),
        _(
            "Two rooms for three nights are booked, one room's three nights are cancelled: 6 − "
            "3 = 3."
        ),
    ),
    "gross": FigureHelp(
        _("Gross bookings"),
        _("Room-nights booked, those cancelled later included."),
        _("Two rooms for three nights: 6, also after one of them is cancelled."),
    ),
    "cancelled": FigureHelp(
        _("Cancelled"),
        _("Room-nights cancelled. A no-show is not cancelled: it stays on the books."),
        _("One room for three nights is cancelled: 3."),
    ),
    "rate": FigureHelp(
        _("Cancellation rate"),
        _(
            "By night of stay: the share of the room-nights booked for these nights that is "
            "cancelled. By booking date it is Cancelled against booked: all cancellations of "
            "these days by their bookings; most cancel earlier bookings, so it may pass 100 %."
        ),
        _("10 room-nights booked for Saturday, 3 of them cancelled: 30 %."),
    ),
    "revenue": FigureHelp(
        _("Revenue"),
        _(
            "The sum of the rates of the room-nights on the books, in the hotel's currency. "
            "Room-nights without a rate or in another currency are left out, and counted beside"
            " it."
        ),
        _("Three room-nights at 100, 100 and 130: 330."),
    ),
    "adr": FigureHelp(
        _("ADR"),
        _("Average daily rate: revenue by the room-nights that have a rate."),
        _("330 for three room-nights: 110."),
    ),
    "revpar": FigureHelp(
        _("RevPAR"),
        _("Revenue per available room: revenue by all room-nights for sale, sold or not."),
        _("330 on a night with 10 rooms for sale: 33."),
    ),
    "occupancy": FigureHelp(
        _("Occupancy"),
        _(
            "Room-nights on the books by room-nights for sale. Closed nights have no rooms for "
            "sale and do not count; above 100 % a night is overbooked."
        ),
        _("38 of 40 rooms: 95 %."),
    ),
    "came-in": FigureHelp(
        _("What came in"),
        _(
            "What bookings less cancellations added in the last hours of data, for whatever "
            "nights. The hours end with the newest event's hour, not at midnight."
        ),
        _("4 room-nights booked, 1 cancelled since yesterday at this hour: +3."),
    ),
    "pace": FigureHelp(
        _("Pace"),
        _(
            "What is on the books, beside what was on the books last year the same number of "
            "days before: a night beside the same weekday 364 days earlier, a month beside the "
            "same month. How last year ended includes what was booked and cancelled later."
        ),
        _(
            "60 days before Friday, 3 July: 20 room-nights. Last year, 60 days before its "
            "Friday: 16. Pace is +4; that Friday ended with 38."
        ),
    ),
    "portfolio-pace": FigureHelp(
        _("Pace of the coming nights"),
        _(
            "What the next 90 nights have on the books, less what the same weekdays 364 days "
            "earlier had at the same time. A dash where last year is not known, or in part "
            "only."
        ),
        _(
            "On the books for the next 90 nights: 1,150. Last year at the same time: 1,000. "
            "Pace is +150, +15 %."
        ),
    ),
    "pickup": FigureHelp(
        _("Pickup"),
        _(
            "How many room-nights the coming nights have gained or lost on the newest day since"
            " its midnight, and in the 7 and 30 days that end with it."
        ),
        _("On the books for Saturday: 25 a week ago, 31 now. Pickup of 7 days: +6."),
    ),
    "breakdown": FigureHelp(
        _("Breakdown"),
        _(
            "The same room-nights by segment, channel or room type, as the booking system names"
            " them."
        ),
        _("60 of 100 room-nights came over one channel: its share is 60 %."),
    ),
    "usual": FigureHelp(
        _("Usual by now"),
        _(
            "How many room-nights nights like this one usually have on the books so many days "
            "before."
        ),
        _("30 days before, Saturdays in June usually have 18; this one has 22 and is ahead."),
    ),
    "forecast": FigureHelp(
        _("Forecast"),
        _(
            "How many room-nights the night is expected to end with, at the recommended price. "
            "Four times in five it ends within the interval beside it."
        ),
        _("34, from 30 to 38."),
    ),
    "month-forecast": FigureHelp(
        _("Forecast of a month"),
        _(
            "What a month is expected to end with: nights gone as they were, coming nights with"
            " what is on the books and still to come. Further room-nights count at the price in"
            " force where prices are automatic, else at the average rate."
        ),
        _("900 room-nights on the books of July, 250 still expected: 1,150, from 1,090 to 1,200."),
    ),
    "price": FigureHelp(
        _("Recommended price"),
        _(
            "The price that is expected to earn the most, within the hotel's minimum and "
            "maximum. A price that a person has set is held until it is released."
        ),
        _("Base price 100, a Saturday in July and little left to sell: 142."),
    ),
}
