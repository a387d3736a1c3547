"""`manage.py migrate_all`: migrate every database, in one process.

Does what `manage.py migrate` does with `--database` for each of them in turn. On PostgreSQL,
several runs at once, on any machines, wait for one another; the later ones find nothing to do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections

MIGRATION_LOCK = 0x5248  # advisory lock key; the ledger's writers use another (ledger/recording.py)


class Command(BaseCommand):
    help = "Migrate every database."

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        for name in settings.DATABASES:
            try:
                with _migration_lock(name):
                    call_command("migrate", database=name, interactive=False, verbosity=0)
            except Error as error:
                raise CommandError(
                    f"the database {name!r}{_file(name)} cannot be migrated: {error}"
                ) from error
            if verbosity:
                self.stdout.write(f"{name}: up to date")


def _file(name: str) -> str:
    """Return the path of an SQLite file as an addition to a message, nothing for a server."""
    connection = connections[name]
    return f" ({connection.settings_dict['NAME']})" if connection.vendor == "sqlite" else ""


@contextmanager
def _migration_lock(name: str) -> Iterator[None]:
    """Wait until no other process migrates this database, and keep others waiting meanwhile.

    PostgreSQL only: an SQLite file is locked by SQLite itself, and is used by one machine only.
    """
    connection = connections[name]
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
