"""Time zones in which the days of each hotel's figures begin.

A hotel's figures are in one time zone at a time. After a change of the profile's time zone the
counted one differs from it until the hotel is recounted.
"""

from dashboard_service.models import HotelProfile

HotelTimeZones = dict[int, str]  # hotel number to time zone; a hotel that is missing is in UTC


def counted_time_zones() -> HotelTimeZones:
    """Return the time zones that the stored figures are in."""
    profiles = HotelProfile.objects.exclude(counted_time_zone="UTC")
    return dict(profiles.values_list("hotel_id", "counted_time_zone"))


def requested_time_zones() -> HotelTimeZones:
    """Return the time zones of the profiles, which a recount applies."""
    profiles = HotelProfile.objects.exclude(time_zone="UTC")
    return dict(profiles.values_list("hotel_id", "time_zone"))
