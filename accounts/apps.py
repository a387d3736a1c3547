"""App of API keys, logins and the hotels that a user may see."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Access"

    def ready(self) -> None:
        from accounts import audit_log, checks  # noqa: F401  # register signal receivers and checks
