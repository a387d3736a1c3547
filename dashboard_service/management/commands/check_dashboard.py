"""Compare the dashboard with a recount of the ledger."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from dashboard_service import aggregation
from dashboard_service.data_provider_client import Provider, ProviderError

SHOWN_DIFFERENCES = 50


class Command(BaseCommand):
    help = (
        "Recount every event of the Data Provider and compare with every day of the dashboard. "
        "Exit code 1 when a day differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--hotel", type=int, metavar="N", help="this hotel only")
        parser.add_argument("--repair", action="store_true", help="rebuild hotels that differ")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with Provider() as provider:
                result = aggregation.check(
                    provider, options["hotel"], self._progress, repair=options["repair"]
                )
                waiting = self._waiting(provider)
        except (ProviderError, Error) as error:
            raise CommandError(f"no check: {error}") from error
        for difference in result.differences[:SHOWN_DIFFERENCES]:
            self.stdout.write(str(difference))
        if result.rebuilt:
            self.stdout.write(f"rebuilt: hotel {', '.join(map(str, result.rebuilt))}")
        self.stdout.write(
            f"{result.counts:,} counts compared with a recount of {result.events:,} events, "
            f"{len(result.differences):,} differences{waiting}"
        )
        if result.differences and not options["repair"]:
            raise SystemExit(1)

    @staticmethod
    def _waiting(provider: Provider) -> str:
        try:
            behind = provider.behind(aggregation.position().position)
        except ProviderError:
            return ""  # the check itself is done, and stands
        return f"; {behind.events:,} newer events wait to be counted" if behind.events else ""

    def _progress(self, events: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{events:,} events recounted ", ending="")
