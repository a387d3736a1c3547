"""`manage.py load_demonstration`: two made-up hotels, with bookings as of today and prices.

What the first `make run` does. Doing it again changes nothing.
"""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from roompricegenie.loading.demonstration import (
    OtherHotels,
    demonstration_files,
    tell_price_rules,
    tell_profiles,
)
from roompricegenie.loading.wait_for_ledger_and_dashboard import describe_database_error


class Command(BaseCommand):
    help = (
        "Loads two demonstration hotels (numbers 1 and 2), with two years of bookings behind them "
        "and a year ahead as of now, and tells their names, rooms and price rules. Refused where "
        "hotels 1 and 2 have events of their own."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with demonstration_files() as files:
                # First, so that events are counted in the hotels' own time zones at once.
                tell_profiles(files)
                call_command(
                    "trigger_load_events", str(files.events), wait=True, stdout=self.stdout
                )
                # Last, so that the first prices follow from all events.
                tell_price_rules(files)
        except OtherHotels as error:
            raise CommandError(f"nothing was loaded: {error}") from error
        except OSError as error:
            raise CommandError(f"the demonstration cannot be made: {error}") from error
        except Error as error:
            raise CommandError(describe_database_error(error)) from error
        names = " and ".join(
            f"{hotel.name}, number {hotel.profile.hotel_id}" for hotel in files.hotels
        )
        self.stdout.write(f"A demonstration with made-up bookings: {names}.")
