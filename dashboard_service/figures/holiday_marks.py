"""Public holidays of a hotel's country and region, to be marked in every view of nights."""

from datetime import date

from common.access_rights import Ability
from common.night_marks import Marks, MarkSource, NightMark
from common.number_and_date_texts import current_language
from common.public_holidays import holidays_of
from dashboard_service.models import HotelProfile


def _marks(hotel_id: int, first: date, last: date) -> Marks:
    """Raises: django.db.Error."""
    place = _place(hotel_id)
    if place is None:
        return {}
    country, region = place
    language = current_language()
    return {
        day: [NightMark("holiday", name) for name in names]
        for year in range(first.year, last.year + 1)
        for day, names in holidays_of(country, region, year, language).items()
        if first <= day <= last
    }


def _place(hotel_id: int) -> tuple[str, str] | None:
    profile = HotelProfile.objects.filter(pk=hotel_id).exclude(country="")
    return profile.values_list("country", "region").first()


SOURCE = MarkSource(Ability.READ_DASHBOARD, _marks, _place)
