"""Times without offset that are a hotel's local times, converted to UTC while a file is read.

A converted event equals the one that a sender writes who knows the offset: it has the same
identity. A time that has an offset keeps it. Where clocks change:

- A time that does not exist (clocks go forward) is read with the offset before the change: 02:30
  of a gap from 02:00 to 03:00 is 03:30.
- A time that occurs twice (clocks go back) is the first of the two.
"""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from common.value_limits import MAX_HOTEL_ID
from data_provider.event_validation import (
    EventRow,
    FieldError,
    canonical_timestamp,
    has_offset,
    parse_timestamp,
    parse_whole_number,
)

ZoneOfHotel = Callable[[int], tzinfo]  # by the hotel's number; may raise ZoneUnknown


class ZoneUnknown(Exception):
    """The time zone of a hotel cannot be found out now; the message says why."""


def event_from_local_groups(
    event_from_groups: Callable[..., EventRow | None], hotel_group: int, zone_of_hotel: ZoneOfHotel
) -> Callable[..., EventRow | None]:
    """Return `event_from_groups` for files of local times. Raises (called): ZoneUnknown.

    The year is limited in UTC.

    Args:
        hotel_group: the index of the hotel's number among the groups; the day and time follow it.
    """

    def event(*groups: str) -> EventRow | None:
        before, rest = groups[:hotel_group], groups[hotel_group + 3 :]
        hotel_id, day, time = groups[hotel_group : hotel_group + 3]
        try:
            local = datetime.fromisoformat(f"{day} {time}")
            zone = zone_of_hotel(int(hotel_id))
            offset = zone.utcoffset(local.replace(tzinfo=zone))
            day, time = str(local - (offset or timedelta(0))).split(" ")
        except (ValueError, OverflowError):  # no such day, or a time before the year 1
            return None
        return event_from_groups(*before, hotel_id, day, time, *rest)

    return event


def with_utc_time(values: dict[str, str], zone_of_hotel: ZoneOfHotel) -> dict[str, str]:
    """Return the values of a row with its time in UTC; unchanged when it or the hotel is invalid.

    Raises: ZoneUnknown.
    """
    text = values["event_timestamp"]
    try:
        hotel_id = parse_whole_number(values["hotel_id"], 1, MAX_HOTEL_ID)
        if has_offset(text):
            return values
        time = parse_timestamp(text, zone_of_hotel(hotel_id))
        return values | {"event_timestamp": canonical_timestamp(time)}
    except FieldError:  # `parse_event` finds it again, and reports it with the row's other faults
        return values
