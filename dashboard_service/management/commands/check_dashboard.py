"""Compare the dashboard with a recount of the ledger."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from dashboard_service.counting.consistency_check import CheckProgress, check
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.models import FeedPosition

PRINTED_DIFFERENCES = 50
NAMED_HOTELS = 50


class Command(BaseCommand):
    help = (
        "Recount every event of the Data Provider, hotel by hotel, and compare with every figure "
        "of the dashboard. Exit code 1 when one differs, or when hotels that wait for a recount "
        "could not be compared."
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
            self.stdout.write(f"rebuilt: hotel {_named(result.rebuilt)}")
        if result.uncompared:
            self.stdout.write(
                f"not compared: hotel {_named(result.uncompared)}: recounts of them wait, see "
                "`manage.py rebuild_dashboard`"
            )
        self.stdout.write(
            f"{result.counts:,} counts compared with a recount of {result.events:,} events, "
            f"{result.different:,} differences{uncounted}"
        )
        if result.uncompared or (result.different and not options["repair"]):
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

    def _progress(self, done: CheckProgress) -> None:
        if self.stderr.isatty():
            self.stderr.write(
                f"\r{done.checked:,} of {done.hotels:,} hotels, {done.events:,} events recounted ",
                ending="",
            )


def _named(hotels: list[int]) -> str:
    named = ", ".join(map(str, hotels[:NAMED_HOTELS]))
    more = len(hotels) - NAMED_HOTELS
    return f"{named} and {more:,} more" if more > 0 else named
