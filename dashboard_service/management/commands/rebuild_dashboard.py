"""Recount the dashboard's figures from the feed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from dashboard_service.counting.recount import rebuild
from dashboard_service.data_provider_client import Provider, ProviderError


class Command(BaseCommand):
    help = (
        "Recount all events of the Data Provider's feed and replace the figures in one "
        "transaction; the old figures stay readable until then."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--hotel", type=int, metavar="N", help="this hotel only")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with Provider() as provider:
                counted = rebuild(provider, options["hotel"], self._progress)
        except (ProviderError, Error) as error:
            raise CommandError(f"the figures are unchanged: {error}") from error
        hotels = f"hotel {options['hotel']}" if options["hotel"] else "all hotels"
        self.stdout.write(f"{hotels}: figures rebuilt from {counted:,} events")

    def _progress(self, events: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{events:,} events read ", ending="")
