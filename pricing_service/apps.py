from django.apps import AppConfig

from common import night_marks
from pricing_service.event_calendars import calendar_reasons


class PricingServiceConfig(AppConfig):
    name = "pricing_service"
    verbose_name = "Pricing"

    def ready(self) -> None:
        from pricing_service.notes.marks_of_nights import SOURCE  # it imports models

        calendar_reasons.register()
        night_marks.register("1 events and notes", SOURCE)
