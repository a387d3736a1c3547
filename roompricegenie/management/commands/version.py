"""`manage.py version`: print the version of this system.

Django's command line prints its own version for this word, so manage.py runs this command itself.
"""

from typing import Any

from django.core.management.base import BaseCommand

from roompricegenie.version import VERSION


class Command(BaseCommand):
    help = "Print the version of RoomPriceGenie."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(VERSION)
