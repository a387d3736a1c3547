"""What the page shows in chart, calendar, tables and pickup: room-nights, or what they are worth.

One choice counts for the whole page. A measure that a hotel or a basis does not have cannot be
chosen, and the page says why.
"""

from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard_service.web_page.hotel_data import HotelData
from dashboard_service.web_page.page_choice import Choice

Show = Literal["room_nights", "revenue", "occupancy", "adr"]
_NAMES: Final[dict[str, Promise]] = {
    "room_nights": gettext_lazy("Room-nights"),
    "revenue": gettext_lazy("Revenue"),
    "occupancy": gettext_lazy("Occupancy"),
    "adr": gettext_lazy("ADR"),
}
_NOUNS: Final[dict[str, Promise]] = {  # the same within a sentence
    "room_nights": gettext_lazy("room-nights"),
    "revenue": gettext_lazy("revenue"),
    "occupancy": gettext_lazy("occupancy"),
    "adr": gettext_lazy("ADR"),
}
_FIGURES = {"revenue": "revenue", "occupancy": "occupancy", "adr": "average_rate"}


class Measure(NamedTuple):
    """A measure: its word, the format of its values and of a difference between two of them."""

    key: str
    word: str  # Revenue
    unit: str  # a format of common/templatetags/number_formats.py
    difference_unit: str
    currency: str | None  # of amounts

    @property
    def title(self) -> str:
        """The word with the currency of amounts: "Revenue, EUR"."""
        return f"{self.word}, {self.currency}" if self.currency else self.word

    @property
    def noun(self) -> str:
        """The word within a sentence: "revenue"."""
        return str(_NOUNS[self.key])

    @property
    def is_room_nights(self) -> bool:
        return self.key == "room_nights"

    def value(self, figures: dict[str, Any]) -> Any:
        """Return the measure's value of figures, which have the names of performance."""
        return figures[_FIGURES.get(self.key, self.key)]

    def difference(self, now: Any, before: Any) -> Any:
        """Return the difference of two values in `difference_unit`; None where one is unknown."""
        if now is None or before is None:
            return None
        if self.key == "occupancy":
            return (now - before) * 100
        if self.key == "room_nights":
            return now - before
        return str(Decimal(now) - Decimal(before))


class Option(NamedTuple):
    """A measure that can be chosen; without `choice` it is named and cannot."""

    name: str
    choice: Choice | None
    is_chosen: bool


class Options(NamedTuple):
    """The page's choice of a measure."""

    options: list[Option]  # empty where there is nothing to choose
    reasons: list[str]  # why a measure cannot be chosen
    measure: Measure


def measure_of(key: str, data: HotelData) -> Measure:
    """Return a measure for a hotel."""
    if key in ("revenue", "adr"):
        unit = f"amount:{data.decimals}"
        return Measure(key, str(_NAMES[key]), unit, f"signed-{unit}", data.books.currency)
    if key == "occupancy":
        return Measure(key, str(_NAMES[key]), "percent", "points", None)
    return Measure(key, str(_NAMES[key]), "number", "signed", None)


def measure_options(choice: Choice, data: HotelData) -> Options:
    """Return the measures that can be chosen, and the chosen one, room-nights where it cannot."""
    missing = _missing(choice, data)
    shown = choice.show if choice.show not in missing else "room_nights"
    reasons = {
        missing[key] for key in missing if missing[key] and (data.has_money or key == choice.show)
    }
    options = [
        Option(str(name), None if key in missing else choice.replace(show=key), key == shown)
        for key, name in _NAMES.items()
        if key not in missing or data.has_money
    ]
    return Options(options if len(options) > 1 else [], sorted(reasons), measure_of(shown, data))


def _missing(choice: Choice, data: HotelData) -> dict[str, str]:
    """Return the measures that cannot be shown, each with the reason."""
    missing = {}
    if not data.has_money:
        reason = _("Revenue and ADR need events with rates; this hotel has none.")
        missing = {"revenue": reason, "adr": reason}
    if not data.is_stay:
        missing["occupancy"] = _("Occupancy is known by night of stay only.")
    elif not data.rooms.is_known:
        missing["occupancy"] = _("Occupancy and RevPAR need the hotel's number of rooms.")
    return missing
