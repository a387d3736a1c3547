"""How good the forecast would have been."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from dashboard_service import figures_for_pricing
from pricing_service.demand.demand_outlook import load_bookings
from pricing_service.laboratory.forecast_backtest import HORIZONS, backtest, format_table

NIGHTS = 365  # replayed, unless the command says otherwise


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"must be a date like 2024-05-01, not {text!r}") from error


class Command(BaseCommand):
    help = (
        "Replay a hotel's history day by day: forecast each night from what was known so many days "
        "before, and compare with what came. Prints the mean absolute error in room-nights beside "
        "that of simple forecasts, and how many outcomes the 80 % interval held."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--hotel", type=int, required=True, metavar="N")
        parser.add_argument(
            "--from", type=_date, dest="first", metavar="DATE",
            help=f"first night (default: {NIGHTS} nights up to the last)",
        )  # fmt: skip
        parser.add_argument(
            "--to", type=_date, dest="last", metavar="DATE",
            help="last night (default: the last day with data)",
        )  # fmt: skip
        parser.add_argument(
            "--days-before", type=int, nargs="+", default=list(HORIZONS), metavar="K",
            help="when the forecasts are made (default: %(default)s)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            hotel = figures_for_pricing.hotel(options["hotel"])
            bookings = load_bookings(options["hotel"])
        except Error as error:
            raise CommandError(f"the dashboard's database does not answer: {error}") from error
        if hotel.newest_day is None:
            raise CommandError(
                f"hotel {options['hotel']} has no figures; load its events first "
                f"(`manage.py trigger_load_events FILE --wait`)"
            )
        if min(options["days_before"]) < 1:
            raise CommandError("--days-before: a forecast is made at least 1 day before")
        last = options["last"] or hotel.newest_day
        first = options["first"] or last - timedelta(days=NIGHTS - 1)
        if not first <= last <= hotel.newest_day:
            raise CommandError(
                f"nights {first} to {last}: the first must not come after the last, and what came "
                f"of a night is known up to {hotel.newest_day}"
            )
        with _progress() as progress:
            task = progress.add_task(f"{hotel.name}: days replayed", total=None)
            results = backtest(
                bookings, first, last, options["days_before"], hotel.rooms,
                progress=lambda done, days: progress.update(task, completed=done, total=days),
            )  # fmt: skip
        self.stdout.write(
            f"{hotel.name}, nights {first} to {last}; mean absolute error in room-nights\n"
        )
        self.stdout.write(format_table(results))


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(), TimeRemainingColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
