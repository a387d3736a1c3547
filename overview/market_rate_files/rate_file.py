"""Competitors' rates from a file of a rate shopper: CSV (plain, .gz, .zip) or Excel.

Every line is stored or rejected with its reason, and counted; a rejected line stores nothing. Dates
and amounts are read in the spellings of several countries, as those of reservations are; which
order and which decimal sign a file uses is found out from all of its lines, never guessed. To
import a file again changes nothing where it, or `--seen-at`, says when the rates were seen; without
that, each upload is a sighting of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from common.currencies import THOUSANDTHS
from common.error_limits import quote_value
from common.number_and_date_texts import number_text
from data_provider.csv_loading.csv_reader import RejectedRow
from data_provider.csv_loading.rejects_file import RejectsFile, RejectsOptions
from data_provider.field_errors import FieldError
from data_provider.reservation_import.cell_values import parse_amount, parse_day, parse_time
from data_provider.reservation_import.mapping import Mapping, MappingError, normal
from data_provider.reservation_import.spellings import Ask, Spellings
from data_provider.reservation_import.table_lines import Row, TableFile
from overview.market_rate_files.rate_mapping import RateMapping, named_reason, recognise
from pricing_service.market_rates.rate_recording import Recorded, record_rates
from pricing_service.market_rates.rate_validation import SeenRate, parse_rate

BATCH_RATES: Final = 5_000  # stored in one transaction
SHOW_LINES: Final = 2_000  # between two reports of progress
SOLD_OUT_WORDS: Final = frozenset(
    {
        "sold out", "soldout", "sold-out", "not available", "unavailable", "no availability",
        "closed", "n/a", "ausgebucht", "ausverkauft", "complet", "completo", "esaurito", "agotado",
        "volgeboekt", "esgotado",
    }
)  # fmt: skip


@dataclass(frozen=True)
class RateFileOptions:
    """How a file is read.

    Attributes:
        mapping: None recognises the columns by the header.
        seen_at: of lines that do not say when it was; None: then a column has to say it.
        zone: of times without an offset.
        most_lines: a file with more is refused; None for any number.
        ask: who says what a file leaves open; None: it is refused.
    """

    hotel_id: int
    mapping: RateMapping | None = None
    seen_at: datetime | None = None
    zone: tzinfo = UTC
    date_order: str | None = None
    decimal: str | None = None
    is_dry_run: bool = False
    rejects: RejectsOptions = field(default_factory=RejectsOptions)
    most_lines: int | None = None
    ask: Ask = None


NOTHING: Final = Recorded(0, 0)


@dataclass
class RateFileResult:
    """Counts of one file, and its first rejected lines."""

    name: str
    lines: int = 0  # after the header, blank ones too
    blank: int = 0
    rejected: int = 0
    rates: int = 0  # valid ones
    recorded: Recorded = NOTHING
    first_rejects: list[RejectedRow] = field(default_factory=list)
    rejects_path: Path | None = None
    rejects_problem: str = ""


FIRST_REJECTS: Final = 20  # that are shown on a page


def import_rates(
    path: Path,
    name: str,
    options: RateFileOptions,
    result: RateFileResult,
    show_text: Callable[[str], None] = lambda text: None,
) -> None:
    """Read a file and record its rates; the result counts them as it goes.

    Args:
        name: of the file, for people.
    Raises:
        UnreadableFile, MappingError: the file as a whole cannot be read, or not to its end.
        django.db.Error.
    """
    mapping = _settled(path, name, options)
    with (
        TableFile(path, name) as table,
        RejectsFile(name, uuid.uuid4().hex, options.rejects) as rejects,
    ):
        parser = _LineParser(table.header, mapping, options)
        waiting: list[SeenRate] = []
        try:
            for row in table.rows():
                result.lines += 1
                if not row.cells:
                    result.blank += 1
                    continue
                try:
                    rates = parser.parse(row)
                except ValueError as error:
                    rejected = RejectedRow(row.line, str(error), row.text)
                    result.rejected += 1
                    if len(result.first_rejects) < FIRST_REJECTS:
                        result.first_rejects.append(rejected)
                    rejects.write(rejected)
                    continue
                result.rates += len(rates)
                waiting += rates
                if len(waiting) >= BATCH_RATES:
                    _record(waiting, options, result)
                if result.lines % SHOW_LINES == 0:
                    show_text(f"{name}: {result.lines:,} lines, {result.rejected:,} rejected")
            _record(waiting, options, result)
        finally:
            result.rejects_path, result.rejects_problem = rejects.path, rejects.problem


def _settled(path: Path, name: str, options: RateFileOptions) -> RateMapping:
    """Return the mapping with date order and decimal sign. Raises: as `import_rates`."""
    with TableFile(path, name) as table:
        mapping = options.mapping or recognise(table.header)
        places = mapping.positions(table.header)
        if "seen_at" not in places and options.seen_at is None:
            raise MappingError(  # not on the page, which says when
                "no column says when the rates were seen: name it in a mapping (seen_at), or say "
                "it with --seen-at"
            )
        looked_at = {key: place for key, place in places.items() if key in ("night", "rate")}
        if "seen_at" in places:
            looked_at["booked_at"] = places["seen_at"]
        looks = [Spellings(looked_at)]
        # Amounts of competitors' columns are looked at one column at a time.
        looks += [Spellings({"rate": at}) for at in mapping.competitors(table.header).values()]
        for row in _limited(table, options.most_lines):
            # Words in place of a rate have points, too: `n.a.`
            cells = [cell if _has_digit(cell) else None for cell in row.cells]
            for look in looks:
                look.look_at(cells)
    settled = Mapping(
        name=mapping.name,
        line="night",
        columns={},
        date_order=options.date_order or mapping.date_order,
        decimal=options.decimal or mapping.decimal,
    )
    # The column that is told or plain says it for the others.
    for look in sorted(looks, key=lambda look: bool(look.open_amount)):
        settled = look.settle(settled, name, options.ask)
    return replace(mapping, date_order=settled.date_order, decimal=settled.decimal)


def _has_digit(cell: Any) -> bool:
    return any(sign.isdigit() for sign in str(cell))


def _limited(table: TableFile, most_lines: int | None) -> Iterator[Row]:
    if most_lines is None:
        yield from table.rows()
        return
    yield from islice(table.rows(), most_lines)
    if next(iter(table.rows()), None) is not None:
        raise MappingError(
            _("the file has more than %(lines)s lines: upload it in parts")
            % {"lines": number_text(most_lines)}
        )


def _record(waiting: list[SeenRate], options: RateFileOptions, result: RateFileResult) -> None:
    """Store rates and forget them."""
    if waiting and not options.is_dry_run:
        counts = zip(result.recorded, record_rates(waiting), strict=True)
        result.recorded = Recorded(*(before + more for before, more in counts))
    waiting.clear()


class _LineParser:
    """Reads the rates of a line."""

    def __init__(self, header: list[str], mapping: RateMapping, options: RateFileOptions) -> None:
        self._mapping, self._options = mapping, options
        self._places = mapping.positions(header)
        self._competitors = mapping.competitors(header)
        self._width = 1 + max([*self._places.values(), *self._competitors.values()])
        self._sold_out = SOLD_OUT_WORDS | mapping.sold_out
        self._now = timezone.now()

    def parse(self, row: Row) -> list[SeenRate]:
        """Return the rates of a line. Raises: ValueError with all reasons."""
        if row.problem:
            raise ValueError(row.problem)
        cells = [*row.cells, *[None] * (self._width - len(row.cells))]
        if not self._competitors:
            return [self._rate(cells, cells[self._places["competitor"]], self._places["rate"])]
        # A competitor's empty cell in a table of all says that nothing was seen of it.
        rates = [
            self._rate(cells, name, place)
            for name, place in self._competitors.items()
            if not self._is_nothing(cells[place])
        ]
        if not rates:
            raise ValueError(_("no competitor has a rate"))
        return rates

    def _is_nothing(self, cell: Any) -> bool:
        return (cell is None or str(cell).strip() == "") and "" not in self._sold_out

    def _rate(self, cells: list[Any], competitor: Any, place: int) -> SeenRate:
        reasons: dict[str, str] = {}  # by field
        values: dict[str, Any] = {"hotel_id": self._options.hotel_id}
        values["competitor"] = "" if competitor is None else str(competitor)
        readers: dict[str, Callable[[], str | None]] = {
            "night": lambda: str(parse_day(self._cell(cells, "night"), self._mapping.date_order)),
            "seen_at": lambda: self._seen_at(cells),
            "rate": lambda: self._amount(cells, place, values),
        }
        for name, read in readers.items():
            try:
                values[name] = read()
            except (ValueError, FieldError) as error:
                reasons[name] = str(error)
                values.pop(name, None)
        if "currency" in self._places and str(self._cell(cells, "currency") or "").strip():
            values["currency"] = str(self._cell(cells, "currency"))
        values.setdefault("currency", self._mapping.currency or None)
        if "room_type" in self._places:
            values["room_type"] = str(self._cell(cells, "room_type") or "")
        seen, errors = parse_rate(values, self._now)
        reasons |= {name: "; ".join(texts) for name, texts in errors.items() if name not in reasons}
        if seen is None or reasons:
            raise ValueError("; ".join(named_reason(*row) for row in reasons.items()))
        return seen

    def _cell(self, cells: list[Any], name: str) -> Any:
        return cells[self._places[name]]

    def _seen_at(self, cells: list[Any]) -> str:
        cell = self._cell(cells, "seen_at") if "seen_at" in self._places else None
        if cell is None or str(cell).strip() == "":
            if self._options.seen_at is None:
                raise ValueError(_("is required"))
            return self._options.seen_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        moment = datetime.fromisoformat(parse_time(cell, self._mapping.date_order))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._options.zone)
        return moment.isoformat()  # checked, and turned into UTC, by `parse_rate`

    def _amount(self, cells: list[Any], place: int, values: dict[str, Any]) -> str | None:
        cell = cells[place]
        word = normal("" if cell is None else cell)
        if word in self._sold_out:
            return None
        if not word:
            raise ValueError(
                _("is empty: write `sold out`, or name the empty word in the mapping's sold_out")
            )
        thousandths, currency = parse_amount(cell, self._mapping.decimal)
        if currency:
            values["currency"] = currency
        if not thousandths:
            raise ValueError(_("must be more than 0, not %(value)s") % {"value": quote_value(cell)})
        return f"{Decimal(thousandths) / THOUSANDTHS:f}"
