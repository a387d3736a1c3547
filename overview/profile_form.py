"""What the forms of a hotel's profile offer: time zones, currencies, countries, languages."""

from typing import Any, Final
from zoneinfo import available_timezones

from django.conf import settings

from common.currencies import DECIMALS_IN_USE, USUAL_DECIMALS
from common.public_holidays import regions_by_country
from dashboard_service.models import HotelProfile

# By currency, for reading amounts that a person types; of the others it is the usual number.
UNUSUAL_DECIMALS: Final = {
    code: decimals for code, decimals in DECIMALS_IN_USE.items() if decimals != USUAL_DECIMALS
}


def profile_form(profile: HotelProfile) -> dict[str, Any]:
    """Return the template context of the fields of a hotel's profile."""
    return {
        "zones": sorted(name for name in available_timezones() if _is_place(name)),
        "currencies": sorted(DECIMALS_IN_USE),
        "unusual_decimals": UNUSUAL_DECIMALS,
        "regions_by_country": regions_by_country(),
        "regions": regions_by_country().get(profile.country, ()),
        "languages": language_choices(),
    }


def language_choices() -> list[dict[str, Any]]:
    """Return the languages of the pages, each with its code and its own name of itself."""
    return [{"code": code, "name_local": name} for code, name in settings.LANGUAGES]


def _is_place(name: str) -> bool:
    return "/" in name and not name.startswith(("Etc/", "SystemV/"))
