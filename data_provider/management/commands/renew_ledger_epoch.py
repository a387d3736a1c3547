"""`manage.py renew_ledger_epoch`: tells the feed's readers that the ledger was restored."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from data_provider import ledger


class Command(BaseCommand):
    help = (
        "Give the ledger a new epoch, so that the dashboard and every other reader of the feed "
        "begin anew. Run it after the ledger was restored by other means than `manage.py restore`."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ledger.renew_epoch()
            epoch = ledger.current_epoch()
        except Error as error:
            raise CommandError(f"the ledger's database does not answer: {error}") from error
        self.stdout.write(
            f"new epoch {epoch}: the dashboard recounts by itself within a minute, other readers "
            "of the feed that send their epoch get a 409 and begin anew"
        )
