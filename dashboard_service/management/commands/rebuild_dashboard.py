"""Recount the dashboard's figures from the feed."""

from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from dashboard_service.counting.recount import rebuild
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.models import HotelRecount


class Command(BaseCommand):
    help = (
        "Recount all events of the Data Provider, hotel by hotel; the old figures of a hotel stay "
        "readable until its new ones replace them in one transaction. If it is stopped, the "
        "worker recounts the hotels that still wait."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--hotel", type=int, metavar="N", help="this hotel only")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with Provider() as provider:
                counted = rebuild(provider, options["hotel"], self._progress)
        except (ProviderError, Error) as error:
            raise CommandError(self._failure(options["hotel"], error)) from error
        hotels = f"hotel {options['hotel']}" if options["hotel"] else "all hotels"
        self.stdout.write(f"{hotels}: figures rebuilt from {counted:,} events")

    @staticmethod
    def _failure(hotel_id: int | None, error: Exception) -> str:
        waiting = 0
        with suppress(Error):
            waiting = HotelRecount.objects.count()
        if hotel_id is None and waiting:
            return f"{waiting:,} hotels still wait, the worker goes on with them: {error}"
        return f"the figures are unchanged: {error}"

    def _progress(self, events: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{events:,} events read ", ending="")
