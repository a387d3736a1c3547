"""The data of the page's chart: the table's rows as columns."""

from typing import Any

from dashboard_service.web_page.page_choice import Choice


def chart_columns(choice: Choice, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the chart's columns; the net line ends at the newest day instead of falling to 0."""
    columns = ("key", "gross", "cancelled", "last_year", "opens")
    return {
        "period": choice.period,
        "has_last_year": choice.period != "year" and any(row["last_year"] for row in rows),
        **{name: [row[name] for row in rows] for name in columns},
        "net": [None if row["is_to_come"] else row["net"] for row in rows],
    }
