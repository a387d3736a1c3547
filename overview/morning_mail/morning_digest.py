"""The morning of a hotel in short, as title, text and HTML: the same numbers as the morning's page.

It tells of the last day, since the same hour yesterday, whenever its reader last looked: a mail
says the same to each of them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from common.access_rights import Ability
from common.mails import one_line, public_address
from dashboard_service import figures_for_pricing
from overview.morning.ahead_and_behind import nights_that_need_a_person
from overview.morning.hotel_morning import HotelMorning, load_morning
from overview.morning.nights_that_moved import nights_that_moved
from overview.morning.since_when import same_hour_yesterday
from overview.morning.unusual import what_is_unusual
from overview.morning.what_came_in import what_came_in

NIGHTS_NAMED: Final = 5
NEXT_NIGHTS: Final = 7


class Digest(NamedTuple):
    """A morning mail's words, and the same as facts for programs."""

    title: str
    text: str
    html: str
    link: str


def morning_digest(hotel_id: int, abilities: Collection[Ability], language: str) -> Digest:
    """Return the morning of a hotel in short.

    Args:
        abilities: of the reader.
        language: the code of the reader's.
    Raises:
        django.db.Error.
    """
    since = same_hour_yesterday(figures_for_pricing.hotel(hotel_id).local_time)
    morning = load_morning(hotel_id, since, abilities)
    link = f"{reverse('morning')}?{urlencode({'hotel_id': hotel_id, 'since': 'yesterday'})}"

    def rendered(name: str) -> str:
        return render_to_string(f"overview/morning_mail/{name}", context).strip()

    with translation.override(language):
        context = _context(morning, hotel_id) | _sides() | {"page": public_address(link)}
        return Digest(rendered("title.txt"), rendered("text.txt"), rendered("mail.html"), link)


def _sides() -> dict[str, str]:
    """Return the sides of the active language's lines: mail programs know only left and right."""
    if translation.get_language_bidi():
        return {"start": "right", "end": "left", "gap": "0 2px 16px"}
    return {"start": "left", "end": "right", "gap": "16px 2px 0"}


def _context(morning: HotelMorning, hotel_id: int) -> dict[str, Any]:
    tonight = morning.first
    nights = [tonight + timedelta(days=number) for number in range(NEXT_NIGHTS)]
    return {
        "hotel": one_line(morning.hotel.name),
        "hotel_id": hotel_id,
        "time_zone": morning.hotel.time_zone,
        "today": morning.hotel.today,
        "came_in": what_came_in(morning.activity),
        "nights": [
            {
                "night": night,
                "on_the_books": morning.on_the_books(night),
                "rooms": morning.rooms_of(night),
                "occupancy": morning.occupancy(night),
                "price": (morning.price_rows.get(night) or {}).get("price"),
            }
            for night in nights
        ],
        "currency": morning.hotel_rules.rules.currency if morning.hotel_rules else "",
        "unusual": what_is_unusual(morning, morning.activity.since, timezone.now()),
        "needs": nights_that_need_a_person(morning)[:NIGHTS_NAMED] if morning.has_prices else [],
        "moved": nights_that_moved(morning)[:NIGHTS_NAMED],
        "prices": public_address(f"{reverse('pricing')}?{urlencode({'hotel_id': hotel_id})}"),
        "alerts": public_address(f"{reverse('alerts')}?{urlencode({'hotel_id': hotel_id})}"),
    }
