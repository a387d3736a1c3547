"""Each table of the dashboard's page as a file's columns and rows, from the page's own content.

No number is worked out here: what `page_content.build_context` made for the page is written down,
with the same measure, so a file cannot disagree with the page beside it.
"""

from collections.abc import Callable
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.table_files import Column, Kind, TableFile
from dashboard_service.figures.pickup import PICKUP_DAYS
from dashboard_service.models import Basis
from dashboard_service.web_page.figure_cards import RATE_BY_DAY_OF_BOOKING
from dashboard_service.web_page.measures import Measure

TABLES: Final = ("figures", "segment", "channel", "room_type", "pickup", "pace")
PERIOD_KINDS: Final = {"day": Kind.DATE, "month": Kind.MONTH, "year": Kind.TEXT}
PERIOD_NAMES: Final[dict[str, Promise]] = {
    "day": gettext_lazy("Day"),
    "month": gettext_lazy("Month"),
    "year": gettext_lazy("Year"),
}
WITHOUT_WORD: Final[dict[str, Promise]] = {  # why there is no breakdown
    "segment": gettext_lazy("no events of this period name a segment"),
    "channel": gettext_lazy("no events of this period name a channel"),
    "room_type": gettext_lazy("no events of this period name a room type"),
}


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
        raise NoSuchTable(_("no events of this hotel have been counted yet"))
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
        columns = [*columns, Column(_("Currency"), "currency")]
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
    names = {"revenue": _("Revenue"), "average_rate": _("ADR"), "revpar": _("RevPAR")}
    decimals = int(content["amount"].partition(":")[2])
    return [Column(names[key], key, Kind.AMOUNT, decimals) for key in keys]


def _figures(content: dict[str, Any]) -> TableFile:
    choice, measure = content["choice"], content["measure"]
    is_stay = choice.basis == Basis.STAY
    is_night = is_stay and choice.period == "day"
    word = _("Night") if is_night else str(PERIOD_NAMES[choice.period])
    measured = _("Net room-nights") if measure.is_room_nights else measure.word
    columns = [
        Column(word, "period", PERIOD_KINDS[choice.period]),
        Column(_("State"), "state"),
        Column(_("Net room-nights"), "net", Kind.WHOLE),
        Column(_("Gross bookings"), "gross", Kind.WHOLE),
        Column(_("Cancelled"), "cancelled", Kind.WHOLE),
        Column(
            _("Cancellation rate") if is_stay else str(RATE_BY_DAY_OF_BOOKING), "rate", Kind.SHARE
        ),
        *([Column(_("Occupancy"), "occupancy", Kind.SHARE)] if content["has_occupancy"] else []),
        *_money_columns(
            content, "revenue", "average_rate", *(["revpar"] if content["has_occupancy"] else [])
        ),
        Column(_a_year_before(measured), "last_year", *_measured(measure, content)),
    ]
    rows = [
        {
            **row,
            **(
                dict.fromkeys(("net", "gross", "cancelled", "revenue")) if row["is_to_come"] else {}
            ),
            "period": f"{row['first'].year}" if choice.period == "year" else row["first"],
            "state": _state(row),
        }
        for row in content["rows"]
    ]
    total = {**content["sum"], "period": _("Total")}
    return _table(_("Figures"), columns, rows, total, content)


def _a_year_before(figure: str) -> str:
    return _("%(figure)s a year before") % {"figure": figure}


def _state(row: dict[str, Any]) -> str:
    if row["is_running"]:
        return _("so far")
    if row["is_ahead"]:
        return _("on the books")
    return _("to come") if row["is_to_come"] else ""


def _breakdown(name: str, content: dict[str, Any]) -> TableFile:
    table = next((table for table in content["breakdowns"] if table["by"] == name), None)
    if table is None:
        raise NoSuchTable(str(WITHOUT_WORD[name]))
    measure = content["breakdown_measure"]
    columns = [
        Column(table["name"], "word"),
        Column(_("Room-nights"), "room_nights", Kind.WHOLE),
        Column(_("Share of room-nights"), "share", Kind.SHARE),
        *_money_columns(content, "revenue", "average_rate"),
        Column(_a_year_before(measure.word), "last", *_measured(measure, content)),
        Column(capfirst(_("change")), "change", Kind.SHARE),
    ]
    rows = [{**row, "word": row["word"] or _("not described")} for row in table["rows"]]
    title = _("By %(names)s") % {"names": table["noun"]}
    return _table(title, columns, rows, {**table["total"], "word": _("Total")}, content)


def _pickup(content: dict[str, Any]) -> TableFile:
    measure = content["measure"]
    changed = _with_points(measure.word, measure)
    kind = _measured(measure, content, is_difference=True)
    columns = [
        Column(_("Night"), "night_of_stay", Kind.DATE),
        Column(_("Room-nights on the books"), "on_the_books", Kind.WHOLE),
        *([Column(_("Occupancy"), "occupancy", Kind.SHARE)] if content["has_rooms"] else []),
        *_money_columns(content, "average_rate", "revenue"),
        *(
            Column(
                ngettext(
                    "%(figure)s: change in the last day",
                    "%(figure)s: change in the last %(days)d days",
                    days,
                )
                % {"figure": changed, "days": days},
                f"pickup_{days}",
                *kind,
            )
            for days in PICKUP_DAYS
        ),
    ]
    nights = content["pickup"]
    total = {
        **content["pickup_total"],
        "night_of_stay": _("All %(nights)d nights") % {"nights": len(nights)},
    }
    return _table(_("Pickup"), columns, nights, total, content)


def _pace(content: dict[str, Any]) -> TableFile:
    choice, measure = content["choice"], content["measure"]
    kind = _measured(measure, content)
    columns = [
        Column(_("Night"), "first", Kind.DATE)
        if choice.month
        else Column(_("Month"), "first", Kind.MONTH),
        *([Column(_("Compared with"), "first_before", Kind.DATE)] if choice.month else []),
        Column(_("%(figure)s on the books") % {"figure": measure.word}, "now", *kind),
        Column(_("Same time last year"), "before", *kind),
        Column(
            _with_points(_("Difference"), measure),
            "difference",
            *_measured(measure, content, is_difference=True),
        ),
        Column(_("How last year ended"), "ended", *kind),
        Column(_("Note"), "note"),
    ]
    rows = [{**row, "note": _pace_note(row)} for row in content["pace"]]
    total = content["pace_total"] and {
        **content["pace_total"],
        "first": _("All nights") if choice.month else _("All months"),
        "note": _pace_note({"is_over": False, **content["pace_total"]}),
    }
    return _table(_("Pace"), columns, rows, total, content)


def _with_points(figure: str, measure: Measure) -> str:
    """Return a difference's name; that of occupancy says in what it is."""
    if measure.key != "occupancy":
        return figure
    return _("%(figure)s, percentage points") % {"figure": figure}


def _pace_note(row: dict[str, Any]) -> str:
    notes = {_("over"): row["is_over"], _("last year known in part only"): row["is_in_part"]}
    return ", ".join(note for note, is_so in notes.items() if is_so)
