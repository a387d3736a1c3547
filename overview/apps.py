from django.apps import AppConfig


class OverviewConfig(AppConfig):
    name = "overview"
    verbose_name = "Overview"

    def ready(self) -> None:
        from common import unread_messages
        from overview.messages.inbox_page import count_unread

        unread_messages.register(count_unread)
