"""`manage.py migrate_all`: bring every database up to date, in one process.

Does what `manage.py migrate` does with `--database` for each of them in turn. Several at once, from
several machines, wait for one another (PostgreSQL); the later ones find nothing to do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections

MIGRATING = 0x5248  # the advisory lock's key; the ledger's writers have another (ledger.py)


class Command(BaseCommand):
    help = "Bring every database up to date."

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        for name in settings.DATABASES:
            try:
                with _alone(name):
                    call_command("migrate", database=name, interactive=False, verbosity=0)
            except Error as error:
                raise CommandError(f"the database {name!r} cannot be migrated: {error}") from error
            if verbosity:
                self.stdout.write(f"{name}: up to date")


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Whoever else migrates this database waits; SQLite's own lock does for a machine alone."""
    connection = connections[name]
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])
