"""The databases of a backup, in the order of copying, and what is counted in each of them.

The ledger is copied last. Every event that the feed has shown to the dashboard is also in any later
copy of the ledger, so the figures of a backup are never ahead of its ledger.
"""

from collections.abc import Callable

from django.db import connections

from roompricegenie.backups.database_copy import DatabaseCopier
from roompricegenie.backups.postgresql_copy import PostgresqlCopier
from roompricegenie.backups.sqlite_copy import SqliteCopier

LEDGER, DASHBOARD = "data_provider", "dashboard_service"
# By database, in the order of copying: what is counted, each by a SELECT of one number.
QUERIES = {
    DASHBOARD: {
        "feed_position": "SELECT coalesce(max(position), 0) FROM dashboard_service_feedposition",
        "hotel_profiles": "SELECT count(*) FROM dashboard_service_hotelprofile",
    },
    "pricing_service": {
        "pricing_profiles": "SELECT count(*) FROM pricing_service_pricingprofile",
        "decisions": "SELECT count(*) FROM pricing_service_pricedecision",
    },
    "default": {
        "users": "SELECT count(*) FROM auth_user",
        "api_keys": "SELECT count(*) FROM accounts_apikey",
    },
    LEDGER: {
        "events": "SELECT count(*) FROM data_provider_event",
        "newest_position": "SELECT coalesce(max(id), 0) FROM data_provider_event",
    },
}
_COPIERS: dict[str, Callable[[str, dict[str, str]], DatabaseCopier]] = {
    "sqlite": SqliteCopier,
    "postgresql": PostgresqlCopier,
}


def copier_for(name: str) -> DatabaseCopier:
    """Return the copier for a database of QUERIES, by the vendor that the settings name."""
    return _COPIERS[connections[name].vendor](name, QUERIES[name])
