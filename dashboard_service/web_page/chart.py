"""The data of the page's chart: the table's rows as columns."""

from typing import Any

from dashboard_service.web_page.measures import Measure
from dashboard_service.web_page.page_choice import Choice


def chart_columns(choice: Choice, rows: list[dict[str, Any]], measure: Measure) -> dict[str, Any]:
    """Return the chart's columns; the net line ends at the newest day instead of falling to 0."""
    if measure.is_room_nights:
        series = [
            _series("gross", "Gross", [row["gross"] for row in rows]),
            _series("cancelled", "Cancelled", [row["cancelled"] for row in rows]),
            _series("net", "Net", [None if row["is_to_come"] else row["net"] for row in rows]),
        ]
        name = "Net a year before"
    else:
        values = [None if row["is_to_come"] else row["value"] for row in rows]
        series = [_series("value", measure.title, values)]
        name = f"{measure.word} a year before"
    last_year = [row["last_year"] for row in rows]
    if choice.period != "year" and any(float(value or 0) for value in last_year):
        ended = ", as it ended" if choice.basis == "stay" else ""
        series.append(_series("last_year", name + ended, last_year))
    return {
        "period": choice.period,
        "unit": measure.unit,
        "key": [row["key"] for row in rows],
        "opens": [row["opens"] for row in rows],
        "series": series,
    }


def _series(key: str, name: str, values: list[Any]) -> dict[str, Any]:
    """Return one line or row of bars; amounts, which are exact texts, as numbers."""
    numbers = [float(value) if isinstance(value, str) else value for value in values]
    return {"id": key, "name": name, "values": numbers}
