"""The hotels' names and time zones, as `common.hotel_directory` offers them to other apps."""

from collections.abc import Collection

from dashboard_service.hotel_profiles import get_profile, get_profiles
from dashboard_service.models import HotelFigures


class ProfileDirectory:
    """Answers from the profiles; see common.hotel_directory.HotelDirectory."""

    def names(self, hotels: Collection[int]) -> dict[int, str]:
        profiles = get_profiles(sorted(hotels))
        return {number: str(profile) for number, profile in profiles.items()}

    def with_figures(self, limit: int) -> list[int]:
        numbers = HotelFigures.objects.order_by("hotel_id").values_list("hotel_id", flat=True)
        return list(numbers[:limit])

    def time_zone(self, hotel_id: int) -> str:
        return get_profile(hotel_id).time_zone
