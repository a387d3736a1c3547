"""Rooms that were booked in one minute, whatever they are called in the booking system.

A reservation of several rooms, or a group's rooming list, reaches the ledger as bookings of single
rooms with one time. A room belongs to the minute of its first booking, whatever was booked, moved
or cancelled later. All of it is read from the reservations' own events, so that it depends on the
events alone and not on their order; hotels whose rooms are not followed have none.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count

from common.room_night_value import BOOKING, Move, differences
from dashboard_service.encoded_reservations import booked_minute, decode
from dashboard_service.hotel_profiles import get_profile
from dashboard_service.models import ReservationState, RoomNightHotel

MINUTES_AT_ONCE = 500  # in one statement


class RoomNightChange(NamedTuple):
    """One room-night more or less on the books; night and day as proleptic ordinals."""

    night: int
    day: int  # in the hotel's time zone
    net: int  # 1 or -1


class BookedRoom(NamedTuple):
    """The nights for which a room was ever booked, and what came and went of them."""

    nights: frozenset[int]
    changes: list[RoomNightChange]


class BookedTogether(NamedTuple):
    """The rooms that were first booked in one minute."""

    minute: datetime  # UTC
    rooms: list[BookedRoom]


def rooms_booked_together(
    hotel_id: int, at_least: int, since: datetime | None = None
) -> list[BookedTogether]:
    """Return the minutes in which a hotel got bookings of at least so many rooms, in order of time.

    Args:
        since: only minutes from the one of this moment on, which is read in no time; default: all.
    Raises:
        django.db.Error.
    """
    if not RoomNightHotel.objects.filter(hotel_id=hotel_id, is_counted=True).exists():
        return []
    states = ReservationState.objects.filter(hotel_id=hotel_id).order_by()
    # Rows that a process of the old version inserted, until they are recounted.
    unknown = [
        (booked_minute(text), text)
        for text in states.filter(booked_minute=None).values_list("events", flat=True)
    ]
    many = states.exclude(booked_minute=None).exclude(booked_minute="")
    if since is not None:
        first = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
        many = many.filter(booked_minute__gte=first)
        unknown = [(minute, text) for minute, text in unknown if minute >= first]
    found = many.values("booked_minute").annotate(rooms=Count("id")).filter(rooms__gte=at_least)
    shared = {str(minute) for minute in found.values_list("booked_minute", flat=True)}
    minutes = sorted(shared | {minute for minute, _ in unknown if minute})
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for start in range(0, len(minutes), MINUTES_AT_ONCE):
        chosen = states.filter(booked_minute__in=minutes[start : start + MINUTES_AT_ONCE])
        for minute, text in chosen.values_list("booked_minute", "events").iterator():
            texts[str(minute)].append(text)
    for minute, text in unknown:
        if minute:
            texts[minute].append(text)
    zone = ZoneInfo(get_profile(hotel_id).counted_time_zone)
    return [
        BookedTogether(
            datetime.fromisoformat(minute).replace(tzinfo=UTC),
            # In one order, whatever the database's is.
            [_booked_room(text, zone) for text in sorted(texts[minute])],
        )
        for minute in sorted(texts)
        if len(texts[minute]) >= at_least
    ]


def _booked_room(text: str, zone: ZoneInfo) -> BookedRoom:
    moves_of: defaultdict[int, list[Move]] = defaultdict(list)
    for move, nights in decode(text).items():
        for night in nights:
            moves_of[night].append(move)
    booked = frozenset(
        night for night, moves in moves_of.items() if any(move[1] == BOOKING for move in moves)
    )
    # The nights of a stay mostly have the same events.
    changes_of = {tuple(moves): _changes(moves, zone) for moves in moves_of.values()}
    changes = [
        RoomNightChange(night, day, net)
        for night in sorted(moves_of)
        for day, net in changes_of[tuple(moves_of[night])]
    ]
    return BookedRoom(booked, changes)


def _changes(moves: Sequence[Move], zone: ZoneInfo) -> list[tuple[int, int]]:
    """Return the days on which a room-night came or went, and which of the two."""
    if len(moves) == 1:  # most
        return [(_day(moves[0][0], zone), 1)] if moves[0][1] == BOOKING else []
    return [
        (_day(found.time, zone), found.room_nights)
        for found in differences(moves)
        if found.room_nights
    ]


@lru_cache(maxsize=10_000)  # rooms of one group have one time
def _day(time: str, zone: ZoneInfo) -> int:
    return datetime.fromisoformat(time).replace(tzinfo=UTC).astimezone(zone).date().toordinal()
