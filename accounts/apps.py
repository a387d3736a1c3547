"""API keys, and which hotels a user may see."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Access"

    def ready(self) -> None:
        from accounts import audit_log, checks  # noqa: F401  # they register themselves
