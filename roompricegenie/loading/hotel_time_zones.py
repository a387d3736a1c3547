"""The time zones of a load's local times: one for all hotels, or that of each hotel's profile.

A profile belongs to the dashboard service, which is asked over HTTP, once for each hotel: a zone
that is changed during a load applies from the next load on.
"""

import time
from collections import defaultdict
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError

from dashboard_service.models import known_time_zone
from data_provider.csv_loading.local_times import ZoneUnknown
from roompricegenie import dashboard_client

ZONE_OF_PROFILE = "hotel"  # the option's value instead of a zone's name
RETRY_SECONDS = 10  # a restart of the dashboard service ends no load
POLL_SECONDS = 1
MAX_NAMED_HOTELS = 10  # of one zone, in the report


class HotelTimeZones:
    """Returns the zone of a hotel when called with its number. Raises (called): ZoneUnknown.

    Args:
        zone: of all hotels; None asks for the zone of each hotel's profile.
    """

    def __init__(self, zone: ZoneInfo | None) -> None:
        self._zone = zone
        self._asked: dict[int, ZoneInfo] = {}

    @classmethod
    def of_option(cls, value: str) -> "HotelTimeZones":
        """Return the zones of `--timezone VALUE`. Raises: ValueError with its reason."""
        if value == ZONE_OF_PROFILE:
            return cls(None)
        try:
            known_time_zone(value)
        except ValidationError as error:
            raise ValueError(
                f"{error.message}, or `{ZONE_OF_PROFILE}` for the zone of each hotel's profile"
            ) from error
        return cls(ZoneInfo(value))

    def __call__(self, hotel_id: int) -> ZoneInfo:
        if self._zone is not None:
            return self._zone
        zone = self._asked.get(hotel_id)
        if zone is None:
            zone = self._asked[hotel_id] = _zone_of_profile(hotel_id)
        return zone

    def __str__(self) -> str:
        """Name the zones that were used, with their hotels; empty if no hotel was asked for."""
        if self._zone is not None:
            return self._zone.key
        hotels_of_zone: defaultdict[str, list[int]] = defaultdict(list)
        for hotel_id, zone in sorted(self._asked.items()):
            hotels_of_zone[zone.key].append(hotel_id)
        return ", ".join(
            f"{name} ({_name_hotels(hotels)})" for name, hotels in sorted(hotels_of_zone.items())
        )


def _zone_of_profile(hotel_id: int) -> ZoneInfo:
    give_up = time.monotonic() + RETRY_SECONDS
    while True:
        try:
            return ZoneInfo(dashboard_client.fetch_time_zone(hotel_id))
        except dashboard_client.DashboardUnavailable as error:
            if time.monotonic() >= give_up:
                raise ZoneUnknown(
                    f"the time zone of hotel {hotel_id} is unknown: {error}"
                ) from error
            time.sleep(POLL_SECONDS)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ZoneUnknown(
                f"the time zone of hotel {hotel_id} is unknown here: {error}; update tzdata"
            ) from error


def _name_hotels(hotels: list[int]) -> str:
    names = ", ".join(map(str, hotels[:MAX_NAMED_HOTELS]))
    more = len(hotels) - MAX_NAMED_HOTELS
    return f"hotel{'s' if len(hotels) > 1 else ''} {names}" + (f" and {more:,} more" * (more > 0))
