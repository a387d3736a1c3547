"""`manage.py import_market_rates`: import competitors' rates as rate shoppers export them."""

from argparse import ArgumentParser
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from common.value_limits import MAX_HOTEL_ID
from data_provider.reservation_import.mapping import DATE_ORDERS, DECIMALS, MappingError
from data_provider.reservation_import.table_lines import UnreadableFile
from overview.market_rate_files.rate_file import RateFileOptions, RateFileResult, import_rates
from overview.market_rate_files.rate_mapping import read_mapping
from pricing_service.market_rates.rate_validation import parse_time
from roompricegenie.loading.load_progress import LoadProgress
from roompricegenie.loading.wait_for_ledger_and_dashboard import describe_database_error


class Command(BaseCommand):
    help = (
        "Import competitors' rates as rate shoppers export them: CSV (plain, .gz, .zip) or Excel. "
        "Importing a file again changes nothing. Lines that are not valid go to a rejects file."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument(
            "--hotel", type=int, metavar="N", required=True, help="the hotel whose competitors"
        )
        parser.add_argument(
            "--mapping", metavar="TOML", type=Path,
            help="which column is what; without it the header's words say it",
        )  # fmt: skip
        parser.add_argument(
            "--seen-at", metavar="TIME", help="when the rates were seen, of lines that do not say"
        )
        parser.add_argument(
            "--timezone", metavar="ZONE", help="of times without offset; without it they are UTC"
        )
        parser.add_argument(
            "--date-order", choices=DATE_ORDERS, help="what comes first in dates like 03/04/2026"
        )
        parser.add_argument("--decimal", choices=DECIMALS, help="the decimal sign of amounts")
        parser.add_argument("--dry-run", action="store_true", help="validate only, store nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        hotel = options["hotel"]
        if not 1 <= hotel <= MAX_HOTEL_ID:
            raise CommandError(f"--hotel must be from 1 to {MAX_HOTEL_ID:,}, not {hotel}")
        file_options = RateFileOptions(
            hotel_id=hotel,
            mapping=self._mapping(options["mapping"]),
            seen_at=_seen_at(options["seen_at"]),
            zone=_zone(options["timezone"]),
            date_order=options["date_order"],
            decimal=options["decimal"],
            is_dry_run=options["dry_run"],
        )
        problems: list[str] = []
        for name in options["files"]:
            self._import(name, file_options, problems)
        if problems:
            raise CommandError("\n".join(problems))

    def _mapping(self, path: Path | None) -> Any:
        try:
            return read_mapping(path) if path else None
        except MappingError as error:
            raise CommandError(str(error)) from error

    def _import(self, name: str, options: RateFileOptions, problems: list[str]) -> None:
        """Import one file and say what became of it; what ends it is added to the problems."""
        result = RateFileResult(name)
        try:
            with LoadProgress(name, None) as progress:
                import_rates(Path(name), name, options, result, progress.show_text)
            if result.rejected and not result.rates:
                problems.append(f"{name}: every line was rejected")
        except (UnreadableFile, MappingError) as error:
            text = str(error)
            problems.append(text if name in text else f"{name}: {text}")
        except Error as error:
            problems.append(describe_database_error(error))
        for line in report_lines(result, options.is_dry_run):
            self.stdout.write(line)


def report_lines(result: RateFileResult, is_dry_run: bool) -> list[str]:
    """Return what became of a file's lines."""
    counts = (
        f"{result.name}: {result.lines:,} lines, {result.rates:,} rates"
        f"{' (dry run: nothing stored)' if is_dry_run else ''}, {result.rejected:,} lines rejected"
        f", {result.blank:,} blank"
    )
    lines = [counts]
    if not is_dry_run:
        created, duplicates, conflicts = result.recorded
        known = f"  {created:,} new, {duplicates:,} known"
        if conflicts:
            known += f", {conflicts:,} of them with another rate, which changes nothing"
        lines.append(known)
    if result.rejects_path:
        lines.append(f"  rejected lines with their reasons: {result.rejects_path}")
    if result.rejects_problem:
        lines.append(f"  {result.rejects_problem}")
    return lines


def _seen_at(text: str | None) -> datetime | None:
    """Raises: CommandError."""
    try:
        return parse_time(text) if text is not None else None
    except ValueError as error:
        raise CommandError(f"--seen-at {error}") from error


def _zone(name: str | None) -> tzinfo:
    """Raises: CommandError."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CommandError(f"--timezone: no time zone is called {name}") from error
