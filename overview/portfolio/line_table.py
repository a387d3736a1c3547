"""The portfolio's table: lines filtered by name, sorted by a column, and totals by currency.

Unknown figures come last whichever way a column is sorted; equal lines are in order of name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dashboard_service.figures.many_hotels.key_figures import SPANS, KeyFigures, NightsPace
from dashboard_service.figures.sold_room_nights import Sold, figures
from overview.portfolio.attention import Reason, reasons, score
from overview.portfolio.stored_lines import Line

Key = Callable[["TableLine"], Any]


@dataclass(frozen=True)
class TableLine:
    """A line with what needs a person, as the table sorts and shows it."""

    line: Line
    needs: list[Reason]

    @property
    def score(self) -> int:
        return score(self.needs)

    @property
    def spans(self) -> list[dict[str, Any]]:
        """Occupancy, ADR and RevPAR of each span, with the names of performance."""
        return spans_of(self.line.figures)


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The sums of all hotels in one currency; None where a hotel's currency is not known."""

    currency: str | None
    hotels: int
    hotels_without_rooms: int  # they are in no occupancy and RevPAR
    hotels_without_pace: int
    pickup: int
    pace: NightsPace | None
    spans: list[dict[str, Any]]


def spans_of(key: KeyFigures) -> list[dict[str, Any]]:
    """Return the figures of each span of coming nights."""
    return [figures(key.sold[span], key.currency, key.rooms_for_sale[span]) for span in SPANS]


def _occupancy(span: int) -> Key:
    def key(row: TableLine) -> float | None:
        sold, rooms = row.line.figures.sold[span], row.line.figures.rooms_for_sale[span]
        return sold.room_nights / rooms if rooms else None

    return key


def _adr(span: int) -> Key:
    def key(row: TableLine) -> float | None:
        sold = row.line.figures.sold[span]
        return sold.revenue / sold.with_rate if sold.with_rate else None

    return key


def _revpar(span: int) -> Key:
    def key(row: TableLine) -> float | None:
        sold, rooms = row.line.figures.sold[span], row.line.figures.rooms_for_sale[span]
        return sold.revenue / rooms if rooms and row.line.figures.currency else None

    return key


#: What the table can be sorted by, by the name in the address. Names ascend, all else descends.
SORTS: Final[dict[str, Key]] = {
    "attention": lambda row: row.score,
    "name": lambda row: (row.line.name.casefold(), row.line.state.hotel_id),
    **{f"occupancy_{span}": _occupancy(span) for span in SPANS},
    **{f"adr_{span}": _adr(span) for span in SPANS},
    **{f"revpar_{span}": _revpar(span) for span in SPANS},
    "pickup": lambda row: row.line.figures.pickup,
    "pace": lambda row: pace.change if (pace := row.line.figures.pace) else None,
    "changed": lambda row: row.line.state.changed_at,
}
ORDERS: Final = ("asc", "desc")


def usual_order(sort: str) -> str:
    """Return the order in which a column is sorted first."""
    return "asc" if sort == "name" else "desc"


def table_lines(lines: Sequence[Line], *, with_prices: bool) -> list[TableLine]:
    """Return lines with what needs a person.

    Args:
        with_prices: whether the reader may see prices.
    """
    return [TableLine(line, reasons(line, with_prices=with_prices)) for line in lines]


def filter_lines(rows: Sequence[TableLine], text: str) -> list[TableLine]:
    """Return the hotels whose name contains a text, in any case, or whose number it is."""
    wanted = text.strip().casefold()
    return [
        row
        for row in rows
        if wanted in row.line.name.casefold() or wanted == str(row.line.state.hotel_id)
    ]


def sort_lines(rows: Sequence[TableLine], sort: str, order: str) -> list[TableLine]:
    """Return lines in the order of a column of SORTS."""
    by_name = sorted(rows, key=SORTS["name"])
    key = SORTS[sort]
    known = [row for row in by_name if key(row) is not None]
    # A stable sort in reverse keeps equal lines in order of name.
    known.sort(key=key, reverse=order == "desc")
    return known + [row for row in by_name if key(row) is None]


def totals(rows: Sequence[TableLine]) -> list[Totals]:
    """Return the sums of the lines by currency, the one with most hotels first."""
    by_currency: dict[str | None, list[KeyFigures]] = {}
    for row in rows:
        by_currency.setdefault(row.line.figures.currency, []).append(row.line.figures)
    order = sorted(by_currency.items(), key=lambda item: (-len(item[1]), item[0] or "~"))
    return [_total(currency, hotels) for currency, hotels in order]


def _total(currency: str | None, hotels: Sequence[KeyFigures]) -> Totals:
    spans = []
    for span in SPANS:
        everything, with_rooms, rooms = Sold(), Sold(), 0
        for hotel in hotels:
            everything.add(hotel.sold[span])
            for_sale = hotel.rooms_for_sale[span]
            if for_sale is not None:
                with_rooms.add(hotel.sold[span])
                rooms += for_sale
        of_rooms = figures(with_rooms, currency, rooms or None)
        spans.append(
            figures(everything, currency, None)
            | {name: of_rooms[name] for name in ("occupancy", "revpar", "rooms_for_sale")}
        )
    paces = [hotel.pace for hotel in hotels if hotel.pace]
    return Totals(
        currency=currency,
        hotels=len(hotels),
        hotels_without_rooms=sum(hotel.rooms_for_sale[SPANS[-1]] is None for hotel in hotels),
        hotels_without_pace=len(hotels) - len(paces),
        pickup=sum(hotel.pickup for hotel in hotels),
        pace=NightsPace(
            now=sum(pace.now for pace in paces), earlier=sum(pace.earlier for pace in paces)
        )
        if paces
        else None,
        spans=spans,
    )
