"""The database connection that holds the event table."""

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper

from data_provider.models import Event


def database_alias() -> str:
    """Return the alias of the ledger's database in `settings.DATABASES`."""
    return router.db_for_write(Event)


def ledger_connection() -> BaseDatabaseWrapper:
    """Return this thread's connection to the ledger's database."""
    return connections[database_alias()]
