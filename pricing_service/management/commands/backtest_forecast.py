"""`manage.py backtest_forecast`: print how good the forecast would have been for a hotel."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from pricing_service.laboratory.forecast_backtest import (
    HORIZONS,
    NIGHTS,
    BacktestImpossible,
    backtest_hotel,
    format_table,
)
from pricing_service.management.progress_bar import progress_bar


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"must be a date like 2024-05-01, not {text!r}") from error


class Command(BaseCommand):
    help = (
        "Replay a hotel's history day by day: forecast each night from what was known so many days "
        "before, and compare it with the outcome. Prints the mean absolute error in room-nights "
        "beside that of simple forecasts, and the share of outcomes inside the 80 % interval."
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
            with progress_bar() as bar:
                task = bar.add_task(f"hotel {options['hotel']}: days replayed", total=None)
                made = backtest_hotel(
                    options["hotel"], options["first"], options["last"], options["days_before"],
                    progress=lambda done, days: bar.update(task, completed=done, total=days),
                )  # fmt: skip
        except Error as error:
            raise CommandError(f"the dashboard's database does not answer: {error}") from error
        except BacktestImpossible as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{made.hotel_name}, nights {made.first} to {made.last}; "
            "mean absolute error in room-nights\n"
        )
        self.stdout.write(format_table(made.results))
