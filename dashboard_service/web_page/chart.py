"""The data of the page's chart: the table's rows as columns, and pace by night of stay.

Pace is three lines: what is on the books, what was on them at the same time last year, and how last
year ended. They are those of the pace table; where it compares nothing, last year has no line.
"""

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard_service.web_page.measures import Measure
from dashboard_service.web_page.page_choice import Choice

PACE_LINES: Final[dict[str, Promise]] = {
    "before": gettext_lazy("Same time last year"),
    "ended": gettext_lazy("How last year ended"),
}


def chart_columns(
    choice: Choice,
    rows: list[dict[str, Any]],
    measure: Measure,
    pace: dict[str, Any] | None,
) -> dict[str, Any]:
    """Return the chart's columns; the net line ends at the newest day instead of falling to 0.

    Args:
        pace: as `pace_panel.chart_pace` returns it; its rows stand for the periods of `rows`.
    """
    series = []
    if measure.is_room_nights:
        series = [
            _series("gross", _("Gross"), [row["gross"] for row in rows]),
            _series("cancelled", _("Cancelled"), [row["cancelled"] for row in rows]),
        ]
    if pace is not None:
        series += _pace_lines(pace["rows"])
    else:
        key, name = ("net", _("Net")) if measure.is_room_nights else ("value", measure.title)
        values = [None if row["is_to_come"] else row["value"] for row in rows]
        series.append(_series(key, name, values))
        if choice.period != "year" and _has_any(last_year := [row["last_year"] for row in rows]):
            figure = _("Net") if measure.is_room_nights else measure.word
            name = _("%(figure)s a year before") % {"figure": figure}
            series.append(_series("last_year", name, last_year))
    return {
        "period": choice.period,
        "unit": measure.unit,
        "key": [row["key"] for row in rows],
        "opens": [row["opens"] for row in rows],
        "series": series,
    }


def _pace_lines(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines of pace; those of last year without the periods known in part only."""
    lines = [_series("net", _("On the books"), [row["now"] for row in rows])]
    for key, name in PACE_LINES.items():
        values = [None if row["is_in_part"] else row[key] for row in rows]
        if _has_any(values):
            lines.append(
                _series({"before": "same_time", "ended": "last_year"}[key], str(name), values)
            )
    return lines


def _has_any(values: list[Any]) -> bool:
    return any(float(value or 0) for value in values)


def _series(key: str, name: str, values: list[Any]) -> dict[str, Any]:
    """Return one line or row of bars; amounts, which are exact texts, as numbers."""
    numbers = [float(value) if isinstance(value, str) else value for value in values]
    return {"id": key, "name": name, "values": numbers}
