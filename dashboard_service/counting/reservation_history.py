"""From events to the histories of reservations, which the dashboard keeps (`encoded_reservations`).

A late event can so be folded in at its place.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from common.currencies import THOUSANDTHS
from common.room_night_value import CHANGE, Move
from dashboard_service.data_provider_client import ProviderError
from dashboard_service.encoded_reservations import History, Reservation

_PLAIN_FIELDS = 6  # of an event without rate and words
_WORDS = ("room_type", "channel", "segment")
_NOTHING_NAMED = (None, "", "", "", "")
_RICH_FIELDS = frozenset(("rate", *_WORDS))
_RATE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?", re.ASCII)
_CANONICAL_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?Z", re.ASCII
)


def rich_hotels(events: list[dict[str, Any]]) -> set[int]:
    """Return the hotels with an event that has a rate, a room type, a channel or a segment."""
    # This is all that hotels without money pay, so a page without such events is found quickly. (A
    # change that names none of them changes nothing.)
    if max(map(len, events), default=0) <= _PLAIN_FIELDS:
        return set()
    return {event["hotel_id"] for event in events if not _RICH_FIELDS.isdisjoint(event)}


def add_events(
    histories: dict[Reservation, History], events: Iterable[dict[str, Any]], hotels: set[int]
) -> None:
    """Add the events of some hotels to histories.

    Raises: ProviderError when an event's time, date, rate or word is invalid.
    """
    nights: list[int] = []
    latest: tuple[Any, ...] = ()
    for event in events:
        hotel = event["hotel_id"]
        if hotel not in hotels:
            continue
        get = event.get
        fields = (
            hotel, event["room_reservation_id"], event["event_timestamp"], event["status"],
            get("rate"), get("currency"), get("room_type"), get("channel"), get("segment"),
        )  # fmt: skip
        if fields != latest:  # the nights of a stay mostly come one after the other
            latest = fields
            move = _move(*fields[2:])
            if move[1] == CHANGE and move[2:] == _NOTHING_NAMED:
                nights = []  # it changes nothing, and does not make a hotel one that is followed
                continue
            history = histories.get(fields[:2])
            if history is None:
                history = histories[fields[:2]] = {}
            nights = history.setdefault(move, [])
        nights.append(night_number(event["night_of_stay"]))


def merge(first: History | None, second: History) -> History:
    """Return the events of two histories of one reservation; neither is changed."""
    merged = {move: nights.copy() for move, nights in (first or {}).items()}
    for move, nights in second.items():
        merged.setdefault(move, []).extend(nights)
    return merged


def _move(time: str, status: int, rate: Any, currency: Any, *words: Any) -> Move:
    return _utc_time(time), status, *_rate(rate, currency), *_words(*words)


@lru_cache(maxsize=10_000)  # the nights of one booking have one time
def _utc_time(text: str) -> str:
    if _CANONICAL_TIME.fullmatch(text):
        return text[:-1]
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo is None else time.astimezone(UTC)).strftime(
            "%Y-%m-%dT%H:%M:%S" + (".%f" if time.microsecond else "")
        )
    except (ValueError, OverflowError) as error:
        raise ProviderError(f"an event has an invalid time: {text!r}") from error


@lru_cache(maxsize=10_000)
def _rate(rate: Any, currency: Any) -> tuple[int | None, str]:
    if rate is None:
        return None, ""
    if not (isinstance(rate, str) and _RATE.fullmatch(rate)):
        raise ProviderError(f"an event's rate is no decimal text: {rate!r}")
    if not (isinstance(currency, str) and len(currency) == 3):
        raise ProviderError(f"an event's rate has no currency: {currency!r}")
    whole, _, part = rate.partition(".")
    return int(whole) * THOUSANDTHS + int(part.ljust(3, "0")), currency


@lru_cache(maxsize=10_000)
def _words(*words: Any) -> tuple[str, str, str]:
    for name, word in zip(_WORDS, words, strict=True):
        if word is not None and not (isinstance(word, str) and 0 < len(word) <= 40):
            raise ProviderError(f"an event's {name} is no text of 1 to 40 characters: {word!r}")
    room_type, channel, segment = (word or "" for word in words)
    return room_type, channel, segment


@lru_cache(maxsize=10_000)
def night_number(text: str) -> int:
    """Return a date as a proleptic ordinal. Raises: ProviderError unless it is YYYY-MM-DD."""
    try:
        night = date.fromisoformat(text)
    except ValueError as error:
        raise ProviderError(f"an event has an invalid date: {error}") from error
    if night.isoformat() != text:
        raise ProviderError(f"an event's date is not spelled as YYYY-MM-DD: {text!r}")
    return night.toordinal()
