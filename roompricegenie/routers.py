"""Database router: each app's tables are in its own database and in no other."""

from typing import Any

from django.db.models import Model

APP_DATABASES = {name: name for name in ("data_provider", "dashboard_service", "pricing_service")}


class AppRouter:
    """Routes an app's models to the database of the same name, all others to `default`."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        """Return the database of a model, for reading and writing."""
        return APP_DATABASES.get(model._meta.app_label, "default")

    db_for_write = db_for_read

    def allow_relation(self, obj1: Model, obj2: Model, **hints: Any) -> bool:
        """Allow relations inside one database only."""
        return self.db_for_read(type(obj1)) == self.db_for_read(type(obj2))

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Create an app's tables in its own database only."""
        return db == APP_DATABASES.get(app_label, "default")
