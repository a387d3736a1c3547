"""Forecast of the final net room-nights of each coming night of stay, with an 80 % interval.

Every forecast is made from a handful of *pickup* forecasts (Weatherford and Kimes 2003; Zakhary,
El Gayar and Atiya 2008; Pereira and others 2023): what is on the books, plus what past nights
still gained from the same number of days before on. They differ in which past nights they ask.
Which of them to believe, and how far, is learned for every number of days before from the errors
that each would have made on the hotel's own past nights (combination of forecasts: Bates and
Granger 1969; convex weights by least squares: Granger and Ramanathan 1984). The interval comes
from the past errors of that very combination, as in split conformal prediction.

Words: *room-night*, one room sold for one night; *net*, bookings less cancellations; *on the
books*, net room-nights of a night of stay by the end of a day; *pickup*, final less on the books;
*days before* (lead time, horizon), night of stay less booking day.

Pure computation: no database, no clock, no randomness. Equal input, equal output.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

WEEK: Final = 7
YEAR: Final = 52 * WEEK  # days; keeps the weekday
RECENT: Final = 8 * WEEK  # days of "the last 8 weeks"
SEASON: Final = 4 * WEEK  # days to each side that count as the same season
HISTORY: Final = 4 * YEAR  # nights to learn from; what is older says little of today
HALF_LIFE: Final = YEAR  # days after which a past error counts half
INTERVAL: Final = 0.8  # share of the outcomes that the interval should hold
SETTLING: Final = 2 * WEEK  # first nights seen, which lack the guests who had arrived before
COMPLETE: Final = 0.9  # share of the pickup that a night must have had the time to show
PRIOR_NIGHTS: Final = 4 * WEEK  # past nights that the belief held before any error weighs
CAUTION: Final = 100.0  # nights by which the weights are held at the inverse squared errors
FEW: Final = 5  # nights, too few errors to make an interval of
STAY: Final = 3  # nights of a usual stay
SEASONS: Final = YEAR // 2  # nights after which the errors of fewer methods count half
DESCENTS: Final = 100  # steps of the least squares; more change no forecast visibly
MARGIN: Final = WEEK  # nights to each side over which the pace is smoothed
LONGEST: Final = 365  # days before; earlier bookings count as made then

# Days before for which the weights are learned; between them they are interpolated.
LEARNED_LEADS: Final = np.array(
    [*range(1, 9), 10, 12, 14, 17, 21, 28, 35, 42, 56, 70, 90, 120, 150, 180, 240, 300, 365]
)

# What the hotel must have lived through decides which methods can speak: weeks, then a year, then
# a year whose nights were watched from their first booking on.
METHODS: Final = (
    *("books", "recent", "weekday", "advanced", "fill", "fill_weekday", "year", "share"),
    *("season", "season_weekday", "season_fill", "season_growth"),
    *("level", "pace", "pace_share"),
)
STAGES: Final = (8, 12, 15)  # so many of METHODS speak
BOOKS, ADVANCED, LEVEL = (METHODS.index(name) for name in ("books", "advanced", "level"))


class Bookings:
    """Net room-nights of one hotel by night of stay and booking day, as they accumulate."""

    def __init__(
        self,
        nights: npt.ArrayLike,
        booking_days: npt.ArrayLike,
        net: npt.ArrayLike,
    ) -> None:
        """Three equal-length arrays: proleptic ordinals of night and booking day, room-nights."""
        columns = (nights, booking_days, net)
        rows = [np.asarray(column, dtype=np.int64).ravel() for column in columns]
        if len({len(row) for row in rows}) != 1:
            raise ValueError("nights, booking_days and net must be of equal length")
        order = np.argsort(rows[1], kind="stable")
        self._nights, self._days, self._net = (row[order] for row in rows)

    def until(self, as_of: date) -> tuple[Ints, Ints, Ints]:
        """Nights, booking days and net room-nights of what was known at the end of as_of."""
        end = int(np.searchsorted(self._days, as_of.toordinal(), side="right"))
        return self._nights[:end], self._days[:end], self._net[:end]

    def on_the_books(self, as_of: date, first: date, days: int) -> Ints:
        """Net room-nights at the end of as_of of each of the nights first … first + days - 1."""
        nights, _, net = self.until(as_of)
        row = nights - first.toordinal()
        inside = (row >= 0) & (row < days)
        return np.bincount(row[inside], net[inside], minlength=days).astype(np.int64)


class Known:
    """What was known at the end of one day, in tables of night of stay by days before.

    Row r is the night self.base + r; the last night past is row self.today.
    """

    def __init__(self, bookings: Bookings, as_of: date, days: int, capacity: int | None) -> None:
        nights, booked, net = bookings.until(as_of)
        now = as_of.toordinal()
        first_night = int(nights.min()) if len(nights) else now + 1
        first_day = int(booked[0]) if len(booked) else now + 1
        self.longest = max(days, LONGEST) + MARGIN
        self.capacity = capacity or 0
        self.base = min(max(first_night, now + 1 - HISTORY), now)
        self.today = now - self.base
        self.first_day = first_day - self.base
        self.rows = self.today + 1 + self.longest
        gains = self._gains(nights, booked, net)
        self.final: Floats = gains.sum(axis=1)
        self.books: Floats = gains[:, :0:-1].cumsum(axis=1)[:, ::-1]
        self._books_sum = _running(self.books)
        self._final_sum = _running(self.final)
        self._books_by_week = _running(self.books, WEEK)
        self._final_by_week = _running(self.final, WEEK)
        self._advance = self._advanced_pickup(gains)
        seen = np.maximum.accumulate(self.final[: self.today + 1])
        self.most: Floats = np.maximum(seen, self.capacity)
        self.first_complete = self._first_complete_night(first_night - self.base)

    def _gains(self, nights: Ints, booked: Ints, net: Ints) -> Floats:
        """Net room-nights by night and days before + 1; column 0 is after the night."""
        row = nights - self.base
        inside = (row >= 0) & (row < self.rows)
        lead = np.clip((nights - booked)[inside], -1, self.longest)
        width = self.longest + 2
        cell = row[inside] * width + lead + 1
        flat = np.bincount(cell, net[inside], minlength=self.rows * width)
        return flat.astype(np.float64).reshape(self.rows, -1)

    def _advanced_pickup(self, gains: Floats) -> Floats:
        """Mean net room-nights taken in the last 8 weeks at fewer than k days before, per (day, k).

        The "advanced" pickup of Zakhary and others (2008): it also counts what the nights still
        to come have gained, so that a month of history says something of 3 months before.
        """
        day = np.arange(self.today + 1)
        lead = np.arange(self.longest + 1)
        night = np.minimum(day[:, None] + lead, self.rows - 1)
        total = _running(gains[night, lead + 1])
        # the first day is partly seen, or holds all that was booked before
        first = np.clip(np.maximum(day - RECENT + 1, self.first_day + 1), 0, day + 1)
        days = np.maximum(day + 1 - first, WEEK)
        mean = (total[day + 1] - total[first]) / days[:, None]
        return np.concatenate([np.zeros((len(day), 1)), mean.cumsum(axis=1)], axis=1)

    def _first_complete_night(self, first_night: int) -> int:
        """The first row whose final room-nights were booked while the hotel was watched."""
        curve = self._advance[-1]
        window = int(np.argmax(curve >= COMPLETE * curve.max()))
        return max(self.first_day + window, first_night + SETTLING)

    def first_night(self, lead: Ints) -> Ints:
        """The first row of which is known what was on the books so many days before."""
        return np.maximum(self.first_day + lead, 0)

    def mean(self, first: Ints, last: Ints, lead: Ints) -> tuple[Floats, Floats]:
        """Mean final and mean on the books, lead days before, of the rows first … last."""
        first = np.maximum(first, self.first_night(lead))
        count = last + 1 - first
        low, high = np.where(count > 0, first, 0), np.where(count > 0, last + 1, 0)
        some = np.where(count > 0, count, np.nan)
        final = self._final_sum[high] - self._final_sum[low]
        books = self._books_sum[high, lead] - self._books_sum[low, lead]
        return final / some, books / some

    def mean_weekly(self, last: Ints, weeks: Ints | int, lead: Ints) -> tuple[Floats, Floats]:
        """Mean final and mean on the books of up to so many rows last, last - 7, last - 14, …"""
        known = (last - self.first_night(lead)) // WEEK + 1
        count = np.minimum(weeks, known)
        high = np.where(count > 0, last + WEEK, 0)
        low = np.where(count > 0, high - WEEK * count, 0)
        some = np.where(count > 0, count, np.nan)
        final = self._final_by_week[high] - self._final_by_week[low]
        books = self._books_by_week[high, lead] - self._books_by_week[low, lead]
        return final / some, books / some

    def advance(self, row: Ints, lead: Ints) -> Floats:
        return self._advance[np.maximum(row, 0), lead]

    def around(self, row: Ints, lead: Ints) -> Floats:
        """On the books on the day that is lead days before row, mean of the nights around."""
        total = np.zeros(np.broadcast(row, lead).shape)
        for shift in range(-MARGIN, MARGIN + 1):
            near = np.clip(row + shift, 0, self.rows - 1)
            total += self.books[near, np.clip(lead + shift, 0, self.longest)]
        return np.maximum(total / (2 * MARGIN + 1), 0.0)


def _running(table: Floats, step: int = 1) -> Floats:
    """Sums of the rows r - step, r - 2 step, … for each r; rows 0 … step - 1 are 0."""
    weeks = -(-len(table) // step)
    padded = np.zeros((weeks * step, *table.shape[1:]))
    padded[: len(table)] = table
    sums = padded.reshape(weeks, step, *table.shape[1:]).cumsum(axis=0).reshape(padded.shape)
    return np.concatenate([np.zeros((step, *table.shape[1:])), sums])


def _filled(room: Floats, books: Floats, final: Floats, before: Floats) -> Floats:
    """On the books, plus the share of the free rooms that past nights still sold.

    Pickup is bounded by the rooms that are left: room - (room - books) x (room - final) / (room -
    before), with the means final and before of past nights.
    """
    left = np.clip((room - final) / np.maximum(room - before, 1.0), 0.0, 1.5)
    return room - (room - books) * left


def _candidates(known: Known, row: Ints, lead: Ints) -> Floats:
    """The forecast of each of METHODS for row, made lead days before; nan where it knows nothing.

    Row and lead are arrays of one shape; nothing after row - lead is used.
    """
    day = row - lead
    day_or_0 = np.maximum(day, 0)
    books = known.books[row, lead]
    room = known.most[day_or_0]

    final, before = known.mean(day - RECENT + 1, day, lead)
    same_weekday = row - WEEK * -(-lead // WEEK)
    final_w, before_w = known.mean_weekly(same_weekday, RECENT // WEEK, lead)
    final_y, before_y = known.mean_weekly(same_weekday, YEAR // WEEK, lead)
    advance = known.advance(day, lead)

    share = np.minimum(books * final / np.maximum(before, 1.0), 1.1 * room)

    past = row - YEAR
    final_s, before_s = known.mean(past - SEASON, np.minimum(past + SEASON, day), lead)
    after = np.minimum(2, (day - past) // WEEK)  # weeks after last year's night, as far as past
    final_l, before_l = known.mean_weekly(past + WEEK * after, after + 3, lead)
    level, _ = known.mean_weekly(past + WEEK * after, after + 3, np.zeros_like(lead))
    level = np.where(past - 2 * WEEK >= known.first_complete, level, np.nan)
    around, around_past = known.around(row, lead), known.around(past, lead)
    growth = (advance + 2.0) / np.maximum(known.advance(day - YEAR, lead) + 2.0, 0.1)
    growth = np.where(day - YEAR - RECENT > max(known.first_day, 0), growth, 1.0)

    forecasts = (
        books,
        books + final - before,
        books + final_w - before_w,
        books + advance,
        _filled(room, books, final, before),
        _filled(room, books, final_w, before_w),
        books + final_y - before_y,
        np.where(before < 1.0, books + final - before, share),
        books + final_s - before_s,
        books + final_l - before_l,
        _filled(room, books, final_l, before_l),
        books + (final_l - before_l) * np.clip(growth, 0.5, 2.0),
        level,
        level + around - around_past,
        np.minimum(level * np.clip((around + 1) / (around_past + 1), 0.3, 3.0), 1.1 * room),
    )
    table = np.stack([np.broadcast_to(forecast, books.shape) for forecast in forecasts])
    unseen = past < known.first_night(lead)
    table[STAGES[0] : STAGES[1], unseen] = np.nan
    table[LEVEL + 1 :, unseen] = np.nan
    table[BOOKS + 1 :, day < 0] = np.nan
    return table


@dataclass(frozen=True)
class NightForecast:
    """Final net room-nights of one night: expected, and the ends of the 80 % interval."""

    night: date
    on_the_books: int
    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class _Learned:
    """What the past errors teach, for each of leads; weights is one table [lead, method] a stage.

    The quantiles of the error are in units of _scale; nan where no error was seen.
    """

    leads: Ints
    weights: tuple[Floats, ...]
    low: Floats
    high: Floats


def _simplex(points: Floats) -> Floats:
    """The nearest weights, none below 0 and of sum 1, to each point (last axis)."""
    size = points.shape[-1]
    ordered = -np.sort(-points, axis=-1)
    excess = (ordered.cumsum(axis=-1) - 1.0) / np.arange(1, size + 1)
    last = (ordered > excess).sum(axis=-1, keepdims=True) - 1
    shift: Floats = np.take_along_axis(excess, last, axis=-1)
    return np.maximum(points - shift, 0.0)


def _least_squares(gram: Floats, held: Floats, start: Floats) -> Floats:
    """Convex weights w that minimise w'Gw + held |w - start|^2, a problem per leading index.

    Nesterov's projected gradient. As the weights sum to 1, w'Gw with the gram matrix G of the
    errors is the squared error of the combination.
    """
    step = 1.0 / (np.trace(gram, axis1=-2, axis2=-1) + held + 1e-9)[:, None]
    weights = ahead = start
    for turn in range(DESCENTS):
        slope = np.einsum("gij,gj->gi", gram, ahead) + held[:, None] * (ahead - start)
        before, weights = weights, _simplex(ahead - step * slope)
        ahead = weights + turn / (turn + 3.0) * (weights - before)
    return weights


def _weights(errors: Floats, trust: Floats, prior: Floats) -> Floats:
    """Weights [lead, method] from past errors [method, lead, night], each trusted so far.

    Least squares, held at the inverse squared errors of the methods (Bates and Granger), which in
    turn give way to the prior where there are few nights.
    """
    gram: Floats = np.einsum("mgn,kgn->gmk", errors * trust, errors, optimize=True)
    nights = trust.sum(axis=1, keepdims=True)
    square = np.diagonal(gram, axis1=1, axis2=2) / np.maximum(nights, 1e-9)
    inverse = 1.0 / np.maximum(square, 1e-9)
    inverse = inverse / inverse.sum(axis=1, keepdims=True)
    start = (nights * inverse + PRIOR_NIGHTS * prior) / (nights + PRIOR_NIGHTS)
    return _least_squares(gram, CAUTION * np.median(square, axis=1), start)


def _prior(lower: Floats | None, size: int, leads: int) -> Floats:
    """Weights before any error is seen: the advanced pickup; with a year, half last year's.

    A level ignores most of what is on the books and must earn its weight.
    """
    prior = np.zeros((leads, size))
    if lower is None:
        prior[:, ADVANCED] = 1.0
        return prior
    new = size - lower.shape[1]
    share = 0.0 if size > LEVEL else 0.5
    prior[:, : lower.shape[1]] = (1.0 - share) * lower
    prior[:, lower.shape[1] :] = share / new
    return prior


def _scale(books: Floats, expected: Floats) -> Floats:
    """How far a forecast may err, room-nights up to a factor.

    Between the Poisson error of the pickup, all that a hotel without cancellations would have, and
    that of the level, for what is cancelled and booked again: their geometric mean.
    """
    pickup = 1.0 + np.abs(expected - books)
    scale: Floats = (pickup * (1.0 + np.maximum(expected, 0.0))) ** 0.25
    return scale


def _quantile(values: Floats, weights: Floats, share: float) -> float:
    """The smallest value that has at least so large a share of the weights up to it."""
    order = np.argsort(values, kind="stable")
    total = weights[order].cumsum()
    place = int(np.searchsorted(total, share * total[-1]))
    return float(values[order[min(place, len(values) - 1)]])


def _learn(known: Known, leads: Ints) -> _Learned:
    """Weights and error quantiles from the forecasts that could have been made of past nights."""
    first = max(min(SETTLING, known.today // 4), known.today + 1 - 2 * YEAR, 0)
    row, lead = np.meshgrid(np.arange(first, known.today + 1), leads)
    forecasts = _candidates(known, row, lead)
    final = known.final[row]
    speaks = ~np.isnan(forecasts)
    forecasts = np.where(speaks, forecasts, 0.0)
    trust = 0.5 ** ((known.today - row) / HALF_LIFE)
    weights: list[Floats] = []
    fitted, counted = np.full(row.shape, np.nan), trust
    for size in STAGES:
        usable = speaks[:size].all(axis=0)
        # what fewer methods got wrong fades out, but not before more seasons were seen
        fade = SEASONS / (SEASONS + usable.sum(axis=1, keepdims=True))
        counted = np.where(usable, trust, fade * counted)
        prior = _prior(weights[-1] if weights else None, size, len(leads))
        weights.append(_weights(forecasts[:size] - final, trust * usable, prior))
        combined = np.einsum("gm,mgn->gn", weights[-1], forecasts[:size])
        fitted = np.where(usable, combined, fitted)
    errors = (final - fitted) / _scale(forecasts[BOOKS], fitted)
    low, high = _error_quantiles(errors, counted)
    return _Learned(leads, tuple(weights), low, high)


def _error_quantiles(errors: Floats, trust: Floats) -> tuple[Floats, Floats]:
    """Ends of the interval per lead (rows), in units of _scale; nan where errors are too few.

    The share is raised to (n + 1) / n as in split conformal prediction. Nights next to each other
    share their guests, so that those of one stay count as one observation in n. A combination
    learned from few nights also fits them better than it will fit the next ones: wider, by root
    of 1 + PRIOR_NIGHTS / nights.
    """
    ends = np.full((2, len(errors)), np.nan)
    for place, (error, weight) in enumerate(zip(errors, trust, strict=True)):
        seen = ~np.isnan(error)
        nights = float(weight[seen].sum())
        if nights < FEW:
            continue
        share = min((1.0 + INTERVAL) / 2.0 * (1.0 + STAY / nights), 1.0)
        wider = np.sqrt(1.0 + PRIOR_NIGHTS / nights)
        ends[0, place] = -wider * _quantile(-error[seen], weight[seen], share)
        ends[1, place] = wider * _quantile(error[seen], weight[seen], share)
    return ends[0], ends[1]


def _between(leads: Ints, learned_leads: Ints, values: Floats) -> Floats:
    """Values [learned lead, …] at leads, linear between the learned ones."""
    place = np.clip(np.searchsorted(learned_leads, leads, side="right") - 1, 0, None)
    after = np.minimum(place + 1, len(learned_leads) - 1)
    gap = np.maximum(learned_leads[after] - learned_leads[place], 1)
    part = np.clip((leads - learned_leads[place]) / gap, 0.0, 1.0)
    part = part.reshape(-1, *[1] * (values.ndim - 1))
    mixed: Floats = values[place] * (1.0 - part) + values[after] * part
    return mixed


def _needed(leads: Ints) -> Ints:
    """The learned leads between which leads lie."""
    after = np.searchsorted(LEARNED_LEADS, leads)
    at = np.concatenate([after, np.searchsorted(LEARNED_LEADS, leads, side="right") - 1])
    needed: Ints = LEARNED_LEADS[np.unique(np.clip(at, 0, len(LEARNED_LEADS) - 1))]
    return needed


def _expected(learned: _Learned, candidates: Floats, leads: Ints) -> Floats:
    """The learned combination of the methods that speak."""
    speaks = ~np.isnan(candidates)
    values = np.where(speaks, candidates, 0.0)
    # a lead longer than the history: no past forecast to learn from, so the plain mean
    simple = [ADVANCED, LEVEL]
    heard = np.maximum(speaks[simple].sum(axis=0), 1)
    expected: Floats = np.where(speaks[ADVANCED], values[simple].sum(axis=0) / heard, values[BOOKS])
    for size, weights in zip(STAGES, learned.weights, strict=True):
        combined = np.einsum("gm,mg->g", _between(leads, learned.leads, weights), values[:size])
        expected = np.where(speaks[:size].all(axis=0), combined, expected)
    return np.maximum(expected, 0.0)


def _widths(learned: _Learned, leads: Ints) -> tuple[Floats, Floats]:
    """Ends of the interval in units of _scale; beyond the leads seen they grow with their root."""
    seen = ~np.isnan(learned.low)
    if not seen.any():
        return np.full(len(leads), -np.inf), np.full(len(leads), np.inf)
    known_leads = learned.leads[seen]
    within = np.minimum(leads, known_leads[-1])
    below = np.maximum(-_between(within, known_leads, learned.low[seen]), 0.0)
    above = np.maximum(_between(within, known_leads, learned.high[seen]), 0.0)
    # the few errors of the longest lead do not say on which side the next ones will be
    unseen = leads > within
    farther = np.maximum(below, above) * np.sqrt(leads / within)
    return -np.where(unseen, farther, below), np.where(unseen, farther, above)


def predict(known: Known, leads: Ints) -> tuple[Floats, Floats, Floats]:
    """Expected final net room-nights and interval ends of the nights so many days ahead."""
    learned = _learn(known, _needed(leads))
    row = known.today + leads
    books = known.books[row, leads]
    expected = _expected(learned, _candidates(known, row, leads), leads)
    ceiling = np.maximum(books, _ceiling(known))
    expected = np.minimum(expected, ceiling)
    below, above = _widths(learned, leads)
    scale = _scale(books, expected)
    low = np.maximum(expected + below * scale, 0.0)
    # of a hotel without any past night nothing is known but the rooms
    most = np.maximum(2.0 * expected, known.books.max())
    high = np.where(np.isfinite(above), expected + above * scale, np.maximum(most, known.capacity))
    high = np.minimum(high, ceiling)
    return expected, np.minimum(low, expected), np.maximum(high, expected)


def _ceiling(known: Known) -> float:
    """The most room-nights to expect of a night: the rooms, or the most a hotel ever had.

    A hotel may overbook, so that what it once had on the books counts. Without a year of nights
    and without a known capacity there is no ceiling.
    """
    if known.capacity == 0 and known.today < YEAR:
        return float("inf")
    return max(float(known.capacity), float(known.books.max()))


def forecast(
    bookings: Bookings, as_of: date, days: int = LONGEST, capacity: int | None = None
) -> list[NightForecast]:
    """The nights as_of + 1 … as_of + days, from what was known at the end of as_of.

    Capacity is the number of rooms to sell, if known: no forecast goes above it, except where the
    hotel has sold more before.
    """
    if days < 1:
        return []
    return coming(Known(bookings, as_of, days, capacity), as_of, days)


def coming(known: Known, as_of: date, days: int) -> list[NightForecast]:
    """The same of what is known already."""
    leads = np.arange(1, days + 1)
    books = known.books[known.today + leads, leads]
    expected, low, high = predict(known, leads)
    columns = np.stack([books, expected, low, high], axis=1).tolist()
    return [
        NightForecast(as_of + timedelta(days=ahead), round(booked), middle, down, up)
        for ahead, (booked, middle, down, up) in enumerate(columns, start=1)
    ]


def expected_curve(
    bookings: Bookings, as_of: date, night: date | None = None, days: int = LONGEST
) -> Floats:
    """What should be on the books k days before, as a share of the final; k = 0 … days.

    The ratio of the sums over past nights that are like night, by default the day after as_of: the
    last 8 weeks and, once they were seen, the same season last year. Above 1 where cancellations
    outweigh late bookings. nan where the hotel has no such past.
    """
    known = Known(bookings, as_of, days, None)
    lead = np.arange(days + 1)
    ahead = np.full_like(lead, (night - as_of).days if night else 1)
    return usual_shares(known, ahead, lead)


def usual_shares(known: Known, ahead: Ints, lead: Ints) -> Floats:
    """The same for nights so many days ahead, each so many days before."""
    today = np.full_like(lead, known.today)
    past = today + ahead - YEAR
    means = [
        known.mean(today - RECENT + 1, today, lead),
        known.mean(past - SEASON, np.minimum(past + SEASON, today), lead),
    ]
    final, books = np.nansum(np.array(means), axis=0)
    share: Floats = books / np.where(final > 0, final, np.nan)
    return share
