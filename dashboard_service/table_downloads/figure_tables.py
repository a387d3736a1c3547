"""Each table of the dashboard's page as a file's columns and rows, from the page's own content.

No number is worked out here: what `page_content.build_context` made for the page is written down,
with the same measure, so a file cannot disagree with the page beside it.
"""

from collections.abc import Callable
from typing import Any, Final

from common.table_files import Column, Kind, TableFile
from dashboard_service.figures.pickup import PICKUP_DAYS
from dashboard_service.models import Basis
from dashboard_service.web_page.figure_cards import RATE_BY_DAY_OF_BOOKING
from dashboard_service.web_page.measures import Measure

TABLES: Final = ("figures", "segment", "channel", "room_type", "pickup", "pace")
NOT_DESCRIBED: Final = "not described"  # room-nights whose events do not say the word
PERIOD_KINDS: Final = {"day": Kind.DATE, "month": Kind.MONTH, "year": Kind.TEXT}


class NoSuchTable(Exception):
    """The hotel's page has no such table; the message says why."""


def figure_table(name: str, content: dict[str, Any]) -> TableFile:
    """Return a table of the page.

    Args:
        name: one of TABLES.
        content: as `page_content.build_context` returns it.
    Raises:
        NoSuchTable.
    """
    if "choice" not in content:
        raise NoSuchTable("no events of this hotel have been counted yet")
    if name in ("segment", "channel", "room_type"):
        return _breakdown(name, content)
    builders: dict[str, Callable[[dict[str, Any]], TableFile]] = {
        "figures": _figures,
        "pickup": _pickup,
        "pace": _pace,
    }
    return builders[name](content)


def _table(
    title: str,
    columns: list[Column],
    rows: list[dict[str, Any]],
    total: dict[str, Any] | None,
    content: dict[str, Any],
) -> TableFile:
    """Return the table, with the currency in a column of its own where there are amounts."""
    if any(column.kind is Kind.AMOUNT for column in columns):
        columns = [*columns, Column("Currency", "currency")]
        currency = {"currency": content["currency"]}
        rows = [row | currency for row in rows]
        total = total and total | currency
    return TableFile(title=title, columns=columns, rows=rows, total=total)


def _measured(measure: Measure, content: dict[str, Any], *, is_difference: bool = False) -> Any:
    """Return the kind of the measure's values, and its decimals if they are amounts."""
    if measure.unit.startswith("amount"):
        return Kind.AMOUNT, int(content["amount"].partition(":")[2])
    if measure.key == "occupancy":
        return (Kind.NUMBER if is_difference else Kind.SHARE), 1
    return Kind.WHOLE, 0


def _money_columns(content: dict[str, Any], *keys: str) -> list[Column]:
    if not content["has_money"]:
        return []
    names = {"revenue": "Revenue", "average_rate": "ADR", "revpar": "RevPAR"}
    decimals = int(content["amount"].partition(":")[2])
    return [Column(names[key], key, Kind.AMOUNT, decimals) for key in keys]


def _figures(content: dict[str, Any]) -> TableFile:
    choice, measure = content["choice"], content["measure"]
    is_stay = choice.basis == Basis.STAY
    word = "Night" if is_stay and choice.period == "day" else choice.period.capitalize()
    measured = "Net room-nights" if measure.is_room_nights else measure.word
    columns = [
        Column(word, "period", PERIOD_KINDS[choice.period]),
        Column("State", "state"),
        Column("Net room-nights", "net", Kind.WHOLE),
        Column("Gross bookings", "gross", Kind.WHOLE),
        Column("Cancelled", "cancelled", Kind.WHOLE),
        Column("Cancellation rate" if is_stay else RATE_BY_DAY_OF_BOOKING, "rate", Kind.SHARE),
        *([Column("Occupancy", "occupancy", Kind.SHARE)] if content["has_occupancy"] else []),
        *_money_columns(
            content, "revenue", "average_rate", *(["revpar"] if content["has_occupancy"] else [])
        ),
        Column(f"{measured} a year before", "last_year", *_measured(measure, content)),
    ]
    rows = [
        {
            **row,
            **(
                dict.fromkeys(("net", "gross", "cancelled", "revenue")) if row["is_to_come"] else {}
            ),
            "period": f"{row['first'].year}" if choice.period == "year" else row["first"],
            "state": "so far"
            if row["is_running"]
            else "on the books"
            if row["is_ahead"]
            else "to come"
            if row["is_to_come"]
            else "",
        }
        for row in content["rows"]
    ]
    total = {**content["sum"], "period": "Total"}
    return _table("Figures", columns, rows, total, content)


def _breakdown(name: str, content: dict[str, Any]) -> TableFile:
    table = next((table for table in content["breakdowns"] if table["by"] == name), None)
    if table is None:
        word = name.replace("_", " ")
        raise NoSuchTable(f"no events of this period name a {word}")
    measure = content["breakdown_measure"]
    columns = [
        Column(table["name"], "word"),
        Column("Room-nights", "room_nights", Kind.WHOLE),
        Column("Share of room-nights", "share", Kind.SHARE),
        *_money_columns(content, "revenue", "average_rate"),
        Column(f"{measure.word} a year before", "last", *_measured(measure, content)),
        Column("Change", "change", Kind.SHARE),
    ]
    rows = [{**row, "word": row["word"] or NOT_DESCRIBED} for row in table["rows"]]
    return _table(
        f"By {table['name'].lower()}", columns, rows, {**table["total"], "word": "Total"}, content
    )


def _pickup(content: dict[str, Any]) -> TableFile:
    measure = content["measure"]
    changed = measure.word
    if measure.key == "occupancy":
        changed += ", percentage points"
    kind = _measured(measure, content, is_difference=True)
    columns = [
        Column("Night", "night_of_stay", Kind.DATE),
        Column("Room-nights on the books", "on_the_books", Kind.WHOLE),
        *([Column("Occupancy", "occupancy", Kind.SHARE)] if content["has_rooms"] else []),
        *_money_columns(content, "average_rate", "revenue"),
        *(
            Column(
                f"{changed}: change in the last {'day' if days == 1 else f'{days} days'}",
                f"pickup_{days}",
                *kind,
            )
            for days in PICKUP_DAYS
        ),
    ]
    nights = content["pickup"]
    total = {**content["pickup_total"], "night_of_stay": f"All {len(nights)} nights"}
    return _table("Pickup", columns, nights, total, content)


def _pace(content: dict[str, Any]) -> TableFile:
    choice, measure = content["choice"], content["measure"]
    kind = _measured(measure, content)
    points = ", percentage points" if measure.key == "occupancy" else ""
    columns = [
        Column("Night", "first", Kind.DATE)
        if choice.month
        else Column("Month", "first", Kind.MONTH),
        *([Column("Compared with", "first_before", Kind.DATE)] if choice.month else []),
        Column(f"{measure.word} on the books", "now", *kind),
        Column("Same time last year", "before", *kind),
        Column(
            f"Difference{points}", "difference", *_measured(measure, content, is_difference=True)
        ),
        Column("How last year ended", "ended", *kind),
        Column("Note", "note"),
    ]
    rows = [{**row, "note": _pace_note(row)} for row in content["pace"]]
    total = content["pace_total"] and {
        **content["pace_total"],
        "first": "All nights" if choice.month else "All months",
        "note": _pace_note({"is_over": False, **content["pace_total"]}),
    }
    return _table("Pace", columns, rows, total, content)


def _pace_note(row: dict[str, Any]) -> str:
    notes = {"over": row["is_over"], "last year known in part only": row["is_in_part"]}
    return ", ".join(note for note, is_so in notes.items() if is_so)
