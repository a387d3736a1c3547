"""django-axes under a name that says what its tables are, for the admin."""

from axes.apps import AppConfig


class LoginAttemptsConfig(AppConfig):
    verbose_name = "Login attempts"
