from django.apps import AppConfig


class OverviewConfig(AppConfig):
    name = "overview"
    verbose_name = "Overview"

    def ready(self) -> None:
        from common import page_versions, stored_reasons, unread_messages
        from overview.messages.due_sendings import NO_TRY_ENDED
        from overview.messages.inbox_page import count_unread
        from overview.messages.message_versions import SOURCE

        unread_messages.register(count_unread)
        page_versions.register("4 messages", SOURCE)
        stored_reasons.register(NO_TRY_ENDED)
