"""`manage.py set_feed_shares N`: how many updaters count at once, each its share of the hotels."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from common.value_limits import MAX_FEED_SHARES
from dashboard_service.counting.share_layout import change_layout
from dashboard_service.data_provider_client import Provider, ProviderError


class Command(BaseCommand):
    help = (
        "Divide the feed of events into N shares of the hotels (by hotel_id modulo N), which N "
        "updaters count at once; 1 undoes it. It may run while everything runs, and no event is "
        "counted twice or left out. Have as many processes on dashboard_queue as there are shares."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("shares", type=int, metavar="N", help=f"from 1 to {MAX_FEED_SHARES}")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with Provider() as provider:
                change = change_layout(provider, options["shares"], self.stdout.write)
        except ValueError as error:
            raise CommandError(str(error)) from error
        except ProviderError as error:
            hint = ": is its upgrade complete?" if "answered 400" in str(error) else ""
            raise CommandError(f"the shares are unchanged: {error}{hint}") from error
        except Error as error:
            raise CommandError(f"the shares are unchanged: {error}") from error
        if change.before == change.after:
            self.stdout.write(f"{_shares(change.after)} already, nothing was changed")
            return
        self.stdout.write(
            f"{_shares(change.before)} became {_shares(change.after)} at event "
            f"{change.position:,} of the feed; {change.counted:,} events were counted for it, "
            f"{change.counted_locked:,} of them while all updaters waited"
        )
        if change.after > 1:
            self.stdout.write(
                f"They are counted at once by a worker with {change.after} processes: celery -A "
                f"roompricegenie worker -l info -Q dashboard_queue -c {change.after}\n"
                "Every process of the dashboard service has to be of a version that knows shares: "
                "an older one counts nothing from now on and logs an error. Before going back to "
                "such a version, run `manage.py set_feed_shares 1`."
            )


def _shares(number: int) -> str:
    return "1 share" if number == 1 else f"{number} shares"
