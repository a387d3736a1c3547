"""The page's breakdown: what was sold by segment, channel and room type, beside last year."""

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard_service.figures.sold_room_nights import By, Sold, figures, total
from dashboard_service.web_page.hotel_data import HotelData
from dashboard_service.web_page.measures import Measure, measure_of
from dashboard_service.web_page.page_choice import Choice
from dashboard_service.web_page.year_comparison import Comparison

_NAMES: Final[dict[By, Promise]] = {
    "segment": gettext_lazy("Segment"),
    "channel": gettext_lazy("Channel"),
    "room_type": gettext_lazy("Room type"),
}
_NOUNS: Final[dict[By, Promise]] = {  # the same within a sentence
    "segment": gettext_lazy("segment"),
    "channel": gettext_lazy("channel"),
    "room_type": gettext_lazy("room type"),
}


def breakdown_panel(
    choice: Choice, data: HotelData, measure: Measure, comparison: Comparison
) -> dict[str, Any]:
    """Return a table for each description that the hotel's events carry; none for other hotels.

    Last year is the same period as it ended; of a period of bookings that is not over, the same
    days. A word has no rooms of its own, so occupancy is compared by room-nights. Where last year
    is known in part only, its values have no change.
    """
    if not data.books.is_followed:
        return {"breakdowns": []}
    if measure.key == "occupancy":
        measure = measure_of("room_nights", data)
    before = (comparison.first, comparison.last) if comparison.is_there else None
    now = data.books.by_word(data.basis, *choice.span)
    last = data.books.by_word(data.basis, *before) if before else {}
    tables = [
        _table(choice, data, measure, by, now[by], last.get(by), is_in_part=comparison.is_in_part)
        for by in _NAMES
    ]
    shown = [table for table in tables if any(row["word"] for row in table["rows"])]
    return {
        "breakdowns": shown,
        "breakdown_names": _listed([table["noun"] for table in shown]),
        "breakdown_measure": measure,
        # Whole units: two tables stand side by side.
        "breakdown_unit": "amount:0" if measure.key == "revenue" else measure.unit,
    }


def _listed(nouns: list[str]) -> str:
    """Return nouns as they stand in a sentence: "segment, channel and room type"."""
    *before, last = nouns or [""]
    if not before:
        return last
    return _("%(before)s and %(last)s") % {"before": ", ".join(before), "last": last}


def _table(
    choice: Choice,
    data: HotelData,
    measure: Measure,
    by: By,
    now: dict[str, Sold],
    last: dict[str, Sold] | None,
    *,
    is_in_part: bool,
) -> dict[str, Any]:
    whole = total(now.values())
    currency = data.books.currency

    def row(sold: Sold, sold_last: Sold | None) -> dict[str, Any]:
        compared = _row(measure, currency, sold, sold_last, whole)
        return compared | ({"change": None, "mood": ""} if is_in_part else {})

    rows = [
        {
            **row(now.get(word, Sold()), None if last is None else last.get(word, Sold())),
            "word": word,
        }
        for word in {*now, *(last or {})}
    ]
    rows.sort(key=lambda row: (-row["order"], row["word"]))
    return {
        "by": by,
        "name": str(_NAMES[by]),
        "noun": str(_NOUNS[by]),
        "rows": rows,
        "total": row(whole, None if last is None else total(last.values())),
        "address": choice.performance_address + f"&by={by}",
    }


def _row(
    measure: Measure, currency: str | None, now: Sold, last: Sold | None, whole: Sold
) -> dict[str, Any]:
    shown = figures(now, currency, None)
    value = measure.value(shown)
    value_last = None if last is None else measure.value(figures(last, currency, None))
    change = None
    if value is not None and value_last is not None and float(value_last) > 0:
        change = (float(value) - float(value_last)) / float(value_last)
    return {
        **shown,
        "share": now.room_nights / whole.room_nights if whole.room_nights > 0 else None,
        "last": value_last,
        "change": change,
        "mood": "" if not change else "good" if change > 0 else "bad",
        "order": now.revenue if measure.key == "revenue" else now.room_nights,
    }
