from django.apps import AppConfig

from connections import known_reasons


class ConnectionsConfig(AppConfig):
    name = "connections"
    verbose_name = "Connections to booking systems"

    def ready(self) -> None:
        known_reasons.register()
