"""Compare the dashboard with a recount of the ledger."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from dashboard_service.counting.consistency_check import check
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.models import FeedPosition

PRINTED_DIFFERENCES = 50


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
                result = check(provider, options["hotel"], self._progress, repair=options["repair"])
                uncounted = self._uncounted(provider)
        except (ProviderError, Error) as error:
            raise CommandError(f"no check: {error}") from error
        for difference in result.differences[:PRINTED_DIFFERENCES]:
            self.stdout.write(str(difference))
        if result.rebuilt:
            self.stdout.write(f"rebuilt: hotel {', '.join(map(str, result.rebuilt))}")
        self.stdout.write(
            f"{result.counts:,} counts compared with a recount of {result.events:,} events, "
            f"{len(result.differences):,} differences{uncounted}"
        )
        if result.differences and not options["repair"]:
            raise SystemExit(1)

    @staticmethod
    def _uncounted(provider: Provider) -> str:
        """Return a note about events that are newer than the checked figures."""
        try:
            statuses = [
                provider.feed_status(row.position, row.epoch, row.feed_share)
                for row in FeedPosition.all_shares()
            ]
        except ProviderError:
            return ""  # the check itself was completed
        about = "about " if any(status.is_estimate for status in statuses) else ""
        events = sum(status.events for status in statuses)
        return f"; {about}{events:,} newer events wait to be counted" if events else ""

    def _progress(self, events: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{events:,} events recounted ", ending="")
