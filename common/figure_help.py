"""What each figure counts, with an example: said beside the figure and on the help page.

One text for both, so that a figure means the same wherever it stands.
"""

from typing import NamedTuple


class FigureHelp(NamedTuple):
    """A figure's name, what it counts, and an example."""

    name: str
    counts: str
    example: str


FIGURES = {
    "net": FigureHelp(
        "Net room-nights",
        "Room-nights booked less room-nights cancelled. One room for one night is one room-night. "
        "By night of stay it is what is on the books; by booking date it is what the day's "
        "bookings and cancellations added.",
        "Two rooms for three nights are booked, one room's three nights are cancelled: 6 − 3 = 3.",
    ),
    "gross": FigureHelp(
        "Gross bookings",
        "Room-nights booked, those cancelled later included.",
        "Two rooms for three nights: 6, also after one of them is cancelled.",
    ),
    "cancelled": FigureHelp(
        "Cancelled",
        "Room-nights cancelled. A no-show is not cancelled: it stays on the books.",
        "One room for three nights is cancelled: 3.",
    ),
    "rate": FigureHelp(
        "Cancellation rate",
        "By night of stay: the share of the room-nights booked for these nights that is cancelled. "
        "By booking date it is Cancelled against booked: all cancellations of these days by their "
        "bookings; most cancel earlier bookings, so it may pass 100 %.",
        "10 room-nights booked for Saturday, 3 of them cancelled: 30 %.",
    ),
    "revenue": FigureHelp(
        "Revenue",
        "The sum of the rates of the room-nights on the books, in the hotel's currency. "
        "Room-nights without a rate or in another currency are left out, and counted beside it.",
        "Three room-nights at 100, 100 and 130: 330.",
    ),
    "adr": FigureHelp(
        "ADR",
        "Average daily rate: revenue by the room-nights that have a rate.",
        "330 for three room-nights: 110.",
    ),
    "revpar": FigureHelp(
        "RevPAR",
        "Revenue per available room: revenue by all room-nights for sale, sold or not.",
        "330 on a night with 10 rooms for sale: 33.",
    ),
    "occupancy": FigureHelp(
        "Occupancy",
        "Room-nights on the books by room-nights for sale. Closed nights have no rooms for sale "
        "and do not count; above 100 % a night is overbooked.",
        "38 of 40 rooms: 95 %.",
    ),
    "came-in": FigureHelp(
        "What came in",
        "What bookings less cancellations added in the last hours of data, for whatever nights. "
        "The hours end with the newest event's hour, not at midnight.",
        "4 room-nights booked, 1 cancelled since yesterday at this hour: +3.",
    ),
    "pace": FigureHelp(
        "Pace",
        "What is on the books, beside what was on the books last year the same number of days "
        "before: a night beside the same weekday 364 days earlier, a month beside the same month. "
        "How last year ended includes what was booked and cancelled later.",
        "60 days before Friday, 3 July: 20 room-nights. Last year, 60 days before its Friday: 16. "
        "Pace is +4; that Friday ended with 38.",
    ),
    "pickup": FigureHelp(
        "Pickup",
        "How many room-nights the coming nights have gained or lost on the newest day since its "
        "midnight, and in the 7 and 30 days that end with it.",
        "On the books for Saturday: 25 a week ago, 31 now. Pickup of 7 days: +6.",
    ),
    "breakdown": FigureHelp(
        "Breakdown",
        "The same room-nights by segment, channel or room type, as the booking system names them.",
        "60 of 100 room-nights came over one channel: its share is 60 %.",
    ),
    "usual": FigureHelp(
        "Usual by now",
        "How many room-nights nights like this one usually have on the books so many days before.",
        "30 days before, Saturdays in June usually have 18; this one has 22 and is ahead.",
    ),
    "forecast": FigureHelp(
        "Forecast",
        "How many room-nights the night is expected to end with, at the recommended price. Four "
        "times in five it ends within the interval beside it.",
        "34, from 30 to 38.",
    ),
    "price": FigureHelp(
        "Recommended price",
        "The price that is expected to earn the most, within the hotel's minimum and maximum. "
        "A price that a person has set is held until it is released.",
        "Base price 100, a Saturday in July and little left to sell: 142.",
    ),
}  # fmt: skip
