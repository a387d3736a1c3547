"""One row of an export as a part of a reservation, with canonical values."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from django.utils.translation import gettext as _

from common.error_limits import quote_value
from common.number_and_date_texts import number_text
from common.spreadsheet_cells import restore_cell
from common.value_limits import MAX_HOTEL_ID
from data_provider.csv_loading.csv_loader import not_allowed
from data_provider.csv_loading.local_times import ZoneOfHotel
from data_provider.event_validation import (
    FieldError,
    canonical_timestamp,
    has_offset,
    parse_timestamp,
    parse_whole_number,
)
from data_provider.rate_and_words import parse_currency, parse_word
from data_provider.reservation_import.cell_values import (
    parse_amount,
    parse_count,
    parse_day,
    parse_status,
    parse_time,
)
from data_provider.reservation_import.mapping import Mapping
from data_provider.reservations.snapshot import CANCELLED, MAX_ROOM_NIGHTS, parse_sender_id

Part = dict[str, Any]  # JSON values, by field; dates as `YYYY-MM-DD`, amounts in thousandths

REQUIRED_CELLS = ("reservation_id", "status", "booked_at")


class LineErrors(ValueError):
    """A row is no part of a reservation.

    Attributes:
        key: the hotel and reservation that it belongs to, where these are known.
    """

    def __init__(self, reasons: list[str], key: tuple[int, str] | None) -> None:
        super().__init__("; ".join(reasons))
        self.key = key


class LineParser:
    """Reads the rows of one file.

    Args:
        zone_of_hotel: the time zone of times without offset; None: they are UTC.
        hotels: rows of others are refused; None for all.
    """

    def __init__(
        self,
        mapping: Mapping,
        positions: dict[str, int],
        zone_of_hotel: ZoneOfHotel | None,
        hotels: frozenset[int] | None = None,
    ) -> None:
        self._hotels = hotels
        self._mapping = mapping
        self._positions = positions
        self._zone_of_hotel = zone_of_hotel

    def parse(self, cells: list[Any]) -> Part:
        """Return a row as a part of a reservation. Raises: LineErrors, ZoneUnknown."""
        mapping = self._mapping
        texts = {name: self._cell(cells, index) for name, index in self._positions.items()}
        part: Part = {"hotel_id": mapping.hotel_id, "currency": mapping.currency}
        reasons: list[str] = []

        def read(name: str, parse: Callable[[Any], Any]) -> None:
            if (cell := texts.get(name)) is None:
                if name in REQUIRED_CELLS:
                    reasons.append(_is_empty(mapping.columns[name]))
                return
            try:
                part[name] = parse(cell)
            except FieldError as error:
                reasons.append(f"{mapping.columns[name]} {error}")

        stated: list[str] = []  # currencies that stand beside amounts

        read("hotel_id", lambda cell: parse_whole_number(_plain(cell), 1, MAX_HOTEL_ID))
        read("reservation_id", lambda cell: parse_sender_id(_plain(cell)))
        key = (part.get("hotel_id"), part.get("reservation_id"))
        read("status", lambda cell: parse_status(cell, mapping.statuses))
        for name in ("booked_at", "updated_at", "cancelled_at"):
            read(name, lambda cell: self._time(cell, part.get("hotel_id")))
        for name in ("arrival", "departure", "night"):
            read(name, lambda cell: str(parse_day(cell, mapping.date_order)))
        read("nights", lambda cell: parse_count(cell, "nights"))
        read("rooms", lambda cell: parse_count(cell, "rooms"))
        read("room_id", lambda cell: parse_sender_id(_plain(cell)))
        for name in ("room_type", "channel", "segment"):
            read(name, lambda cell: parse_word(_plain(cell)))
        for name in ("rate", "total"):
            read(name, lambda cell: self._amount(cell, stated))
        read("currency", parse_currency)
        if stated:
            part["currency"] = part["currency"] or stated[0]
            if stated[0] != part["currency"]:
                reasons.append(
                    _("an amount in %(found)s, the currency is %(currency)s")
                    % {"found": stated[0], "currency": part["currency"]}
                )
        if part["hotel_id"] is None:
            reasons.append(_("no hotel"))
        elif self._hotels is not None and part["hotel_id"] not in self._hotels:
            reasons.append(not_allowed(part["hotel_id"]))
        if not reasons:
            self._add_nights(part, reasons)
        if reasons:
            raise LineErrors(reasons, key if all(key) else None)  # type: ignore[arg-type]
        return part

    def key(self, cells: list[Any]) -> tuple[int, str] | None:
        """Return the hotel and reservation of a row that is otherwise not valid, if it names them.

        Of a row with too many values they may be wrong.
        """
        hotel = self._mapping.hotel_id
        try:
            if "hotel_id" in self._positions:
                cell = _plain(self._cell(cells, self._positions["hotel_id"]))
                hotel = parse_whole_number(cell, 1, MAX_HOTEL_ID)
            cell = self._cell(cells, self._positions["reservation_id"])
            return None if hotel is None else (hotel, parse_sender_id(_plain(cell)))
        except FieldError:
            return None

    @staticmethod
    def _cell(cells: list[Any], index: int) -> Any:
        """Return a cell, None where it is empty."""
        cell = cells[index] if index < len(cells) else None
        if isinstance(cell, str):
            return restore_cell(cell.strip()) or None
        return cell

    def _time(self, cell: Any, hotel: int | None) -> str:
        text = parse_time(cell, self._mapping.date_order)
        zone: tzinfo = UTC
        if self._zone_of_hotel is not None and hotel is not None and not has_offset(text):
            zone = self._zone_of_hotel(hotel)
        return canonical_timestamp(parse_timestamp(text, zone))

    def _amount(self, cell: Any, stated: list[str]) -> int:
        amount, currency = parse_amount(cell, self._mapping.decimal)
        if currency is not None:
            stated.append(currency)
        return amount

    def _add_nights(self, part: Part, reasons: list[str]) -> None:
        """Replace arrival, departure and number of nights by the dates of the nights."""
        columns = self._mapping.columns
        rooms = part.setdefault("rooms", 1)
        if not rooms and part["status"] != CANCELLED:
            reasons.append(_("%(column)s is 0") % {"column": columns["rooms"]})
        if self._mapping.line == "night":
            if "night" not in part:
                reasons.append(_is_empty(columns["night"]))
            part["nights"] = [part.pop("night", None)]
            return
        count = part.pop("nights", None)
        arrival, departure = part.pop("arrival", None), part.pop("departure", None)
        if arrival is None:
            if part["status"] != CANCELLED:
                reasons.append(_is_empty(columns["arrival"]))
            part["nights"] = []
            return
        first = date.fromisoformat(arrival)
        if departure is not None:
            stay = (date.fromisoformat(departure) - first).days
            if count is not None and count != stay:
                reasons.append(
                    _("%(column)s is %(number)d, from arrival to departure %(stay)d")
                    % {"column": columns["nights"], "number": count, "stay": stay}
                )
            count = stay
        if count is None:
            reasons.append(_("neither departure nor number of nights"))
        elif count < 0:
            reasons.append(
                _("%(column)s %(departure)s lies before the arrival %(arrival)s")
                % {"column": columns["departure"], "departure": departure, "arrival": arrival}
            )
        elif count * rooms > MAX_ROOM_NIGHTS:
            reasons.append(
                _("more than %(most)s room-nights") % {"most": number_text(MAX_ROOM_NIGHTS)}
            )
        else:
            part["nights"] = [str(first + timedelta(days=day)) for day in range(count)]


def _is_empty(column: str) -> str:
    return _("%(column)s is empty") % {"column": column}


def _plain(cell: Any) -> Any:
    """Return a number of a spreadsheet as text."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, int | float):
        return str(cell)
    if isinstance(cell, datetime | date):
        raise FieldError(_("is a date: %(value)s") % {"value": quote_value(str(cell))})
    return cell
