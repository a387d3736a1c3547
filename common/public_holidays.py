"""Public holidays by country and region, from the `holidays` package.

Names are in the language that is asked for where the package has it for the country, else in
English. Countries are ISO 3166-1 alpha-2 codes, regions the package's own codes of a country's
parts (mostly ISO 3166-2 without the country). A country without a region has the holidays of the
whole country. Holidays that follow the moon are estimates until they are announced; a newer version
of the package knows more of them.
"""

import re
from datetime import date
from functools import cache, lru_cache
from typing import Final

import holidays
from django.utils.translation import gettext as _

from common.error_limits import quote_value

ENGLISH: Final = ("en_US", "en_GB", "en")
_ADDITION = re.compile(r"\s*\([^()]*\)$")  # "(estimated)", "(observed)": of a day, not of its name


@cache
def regions_by_country() -> dict[str, tuple[str, ...]]:
    """Return the known countries with the codes of their regions."""
    known = holidays.utils.list_supported_countries(include_aliases=False)
    return {country: tuple(regions) for country, regions in known.items()}


def why_unknown(country: str, region: str) -> dict[str, str]:
    """Return what is wrong with a country and a region, by "country" or "region"; {} if nothing.

    Args:
        country, region: codes; empty for none.
    """
    countries = regions_by_country()
    if country and country not in countries:
        return {
            "country": _("%(value)s is no country: give an ISO 3166-1 code like DE")
            % {"value": quote_value(country)}
        }
    if not region:
        return {}
    if not country:
        return {"region": _("needs a country")}
    known = countries[country]
    if region not in known:
        values = {"value": quote_value(region), "country": country, "names": ", ".join(known)}
        message = (
            _("%(value)s is no region of %(country)s; known are %(names)s")
            if known
            else _("%(value)s is no region of %(country)s; it has no regions: leave it out")
        )
        return {"region": message % values}
    return {}


@lru_cache(maxsize=512)
def holidays_of(
    country: str, region: str, year: int, language: str = "en"
) -> dict[date, tuple[str, ...]]:
    """Return the public holidays of a year with their names.

    Args:
        country, region: known codes, as `why_unknown` checks them; an empty region for all.
        language: of the names: "de".
    """
    days = _calendar(country, region, year, language)
    return {
        day: tuple(dict.fromkeys(_ADDITION.sub("", name) for name in days.get_list(day)))
        for day in sorted(days)
    }


@cache
def weekend_of(country: str) -> frozenset[int]:
    """Return the weekdays on which people are free, 0 for Monday; in most countries 5 and 6."""
    return frozenset(_calendar(country, "", 2024).weekend)


def _calendar(country: str, region: str, year: int, language: str = "en") -> holidays.HolidayBase:
    known = getattr(holidays, country).supported_languages
    wanted = [name for name in known if name.partition("_")[0] == language] if known else []
    names = (*ENGLISH, *wanted) if language == "en" else (*wanted, *ENGLISH)
    return holidays.country_holidays(
        country,
        subdiv=region or None,
        years=year,
        expand=False,
        language=next((name for name in names if name in known), None),
    )
