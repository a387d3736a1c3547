"""What a hotel's days show the engine, counted by night of stay and span of lead time.

Sold-out nights hide demand: a span counts only as far as rooms were for sale, and so does the day
on which the last room went, in part (of the day's c bookings the last came, on average, after the
share c / (c + 1) of the day). Prices are means of logarithms: over the time for sale (`price_log`),
and over the bookings (`booked_price_log`). The two differ, because a price that follows bookings
changes within a span; taking one for the other would teach that dear nights sell well.

Pure: no database, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from pricing_service.demand.bookings import WEEK, Floats, Ints
from pricing_service.engine.hotel_history import History
from pricing_service.engine.hotel_rules import HotelRules
from pricing_service.engine.lead_bins import LEADS, LEARNING
from pricing_service.engine.room_batches import Batches, learn_batches

PAST_NIGHTS: Final = 730  # nights to learn from
# Cancellations a day assumed before any are seen: 0.4 % of what is on the books, as much evidence
# as 20 room-nights on the books for a day.
PRIOR_CANCELLED, PRIOR_BOOKS_DAYS = 0.075, 20.0


@dataclass(frozen=True)
class Observations:
    """Counts of each night (row) in each span of `lead_bins.LEARNING` (column).

    Attributes:
        nights: ordinals of the nights, consecutive.
        counts: room-nights booked while rooms were for sale, damped (`room_batches`).
        time: days of the span that were observed with rooms for sale, over the span's days.
        price_log, booked_price_log: log of the price over what the night is worth; 0 if unknown.
        has_price: where the price is known, 1.
        first_price_log: of each night's first price, if it was known before any booking; else 0.
        daily_counts, daily_time: the same by single day before.
        cancelling: share of what is on the books that cancels in a day, by span.
        first_day: ordinal of the first day observed.
    """

    nights: Ints
    counts: Floats
    time: Floats
    price_log: Floats
    booked_price_log: Floats
    has_price: Floats
    first_price_log: Floats
    daily_counts: Floats
    daily_time: Floats
    cancelling: Floats
    batches: Batches
    first_day: int

    @property
    def total(self) -> Floats:
        """Damped room-nights of each night."""
        total: Floats = self.counts.sum(axis=1)
        return total


def observe(
    rules: HotelRules,
    history: History,
    as_of: int,
    nights: tuple[int, int],
    batches: Batches | None = None,
    first_day: int | None = None,
) -> Observations:
    """Count what happened before the day as_of (an ordinal).

    Args:
        nights: ordinals of the first and the last night.
        batches: by which the counts are damped; learned from these nights where none are given.
        first_day: ordinal of the first day observed; that of the first event if not given.
    """
    known = history.day < as_of
    night, day = history.night[known], history.day[known]
    first, last = nights
    if first_day is None:
        first_day = int(day.min()) if len(day) else as_of
    count = last - first + 1
    ordinals = np.arange(first, first + count)
    booked = _by_lead(night - first, night - day, history.booked[known], count)
    cancelled = _by_lead(night - first, night - day, history.cancelled[known], count)
    rooms = np.array([rules.rooms_on(date.fromordinal(int(n))) for n in ordinals], dtype=float)
    gained = booked - cancelled
    evening = gained[:, ::-1].cumsum(axis=1)[:, ::-1]  # on the books at the end of each day
    morning = np.maximum(evening - gained, 0.0)
    booked, cancelled, morning, evening = (
        table[:, 1:] for table in (booked, cancelled, morning, evening)
    )
    days = ordinals[:, None] - np.arange(LEADS)
    is_observed = ((days < as_of) & (days >= first_day)).astype(float)
    is_open = is_observed * (morning < rooms[:, None])
    of_day = np.where(evening >= rooms[:, None], booked / (booked + 1.0), 1.0)
    daily_time = is_open * of_day
    counts = booked * is_open
    batches = batches or learn_batches(counts, is_open)
    daily_counts = batches.damped(counts)
    logs = _price_logs(rules, history, ordinals, as_of)
    is_priced = ~np.isnan(logs)
    logs = np.where(is_priced, logs, 0.0)
    priced_time = LEARNING.sums(daily_time * is_priced)
    counts_by_span = LEARNING.sums(daily_counts)
    on_the_books = LEARNING.sums(morning * is_observed).sum(axis=0)
    left = LEARNING.sums(cancelled * is_observed).sum(axis=0)
    cancelling = (left + PRIOR_CANCELLED) / (on_the_books + PRIOR_BOOKS_DAYS)
    return Observations(
        nights=ordinals,
        counts=counts_by_span,
        time=LEARNING.sums(daily_time) / LEARNING.widths,
        price_log=_ratio(LEARNING.sums(daily_time * logs), priced_time),
        booked_price_log=_ratio(LEARNING.sums(daily_counts * logs), counts_by_span),
        has_price=(priced_time > 0).astype(float),
        first_price_log=_first_prices(logs, is_priced, booked * (days < as_of // WEEK * WEEK)),
        daily_counts=daily_counts,
        daily_time=daily_time,
        cancelling=np.clip(cancelling, 0.0, 0.2),
        batches=batches,
        first_day=first_day,
    )


def learned_nights(history: History, as_of: int, ahead: int) -> tuple[int, int]:
    """Return the first and the last night to learn from (ordinals), with the coming ones.

    Args:
        ahead: number of nights from as_of on.
    """
    night = history.night[history.day < as_of]
    first = min(int(night.min()), as_of) if len(night) else as_of
    return max(first, as_of - PAST_NIGHTS), as_of + ahead - 1


def on_the_books(history: History, first: int, nights: int) -> Ints:
    """Return the room-nights on the books of the nights from first (an ordinal) on."""
    row = history.night - first
    inside = (row >= 0) & (row < nights)
    net = (history.booked - history.cancelled)[inside]
    return np.bincount(row[inside], net, minlength=nights).astype(np.int64)


def _by_lead(row: Ints, lead: Ints, room_nights: Ints, rows: int) -> Floats:
    """Return room-nights by row and lead + 1; column 0 is after the night."""
    inside = (row >= 0) & (row < rows)
    cell = row[inside] * (LEADS + 1) + np.clip(lead[inside], -1, LEADS - 1) + 1
    sums = np.bincount(cell, room_nights[inside], minlength=rows * (LEADS + 1))
    return sums.astype(np.float64).reshape(rows, LEADS + 1)


def _price_logs(rules: HotelRules, history: History, nights: Ints, as_of: int) -> Floats:
    """Return the log of each offer over what its night is worth [night, lead]; nan: unknown."""
    logs = np.full((len(nights), LEADS), np.nan)
    row, lead = history.offer_night - nights[0], history.offer_night - history.offer_day
    inside = (row >= 0) & (row < len(nights)) & (lead >= 0) & (lead < LEADS)
    inside &= history.offer_day < as_of
    worth = worth_of(rules, nights)
    row, lead = row[inside], lead[inside]
    logs[row, lead] = np.log(history.offer_price[inside] / worth[row])
    return logs


def worth_of(rules: HotelRules, nights: Ints) -> Floats:
    """Return what each night is worth by what was told: base price times calendar factors."""
    dates = [date.fromordinal(int(night)) for night in nights]
    worth: Floats = float(rules.base) * np.array([rules.calendar_factor(day) for day in dates])
    return worth


def _first_prices(logs: Floats, is_priced: npt.NDArray[np.bool_], booked: Floats) -> Floats:
    """Return each night's price at the longest lead time at which it is known.

    It is 0 if none is known, and if the night had bookings before: a price that follows bookings
    says nothing of what a person knew before any. Bookings of this week do not count in this
    (booked has none), so that another one never lowers what is believed of the night.
    """
    lead = logs.shape[1] - 1 - is_priced[:, ::-1].argmax(axis=1)
    row = np.arange(len(logs))
    booked_before = booked[:, ::-1].cumsum(axis=1)[:, ::-1] - booked
    first: Floats = np.where(booked_before[row, lead] > 0, 0.0, logs[row, lead])
    return first


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Return the ratio; 0 where the denominator is 0."""
    ratio: Floats = np.where(denominator > 0, numerator / np.maximum(denominator, 1e-9), 0.0)
    return ratio
