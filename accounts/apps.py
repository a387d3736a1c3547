"""App of API keys, logins and the hotels that a user may see."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Access"

    def ready(self) -> None:
        # They register signal receivers and checks.
        from accounts import audit_log, checks  # noqa: F401
        from accounts.language.language_choice import connect_login
        from accounts.own_account import login_sessions  # noqa: F401
        from accounts.right_versions import SOURCE
        from common import page_versions

        connect_login()
        page_versions.register("3 rights", SOURCE)
