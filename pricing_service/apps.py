from django.apps import AppConfig

from common import night_marks, page_versions
from pricing_service.event_calendars import calendar_reasons


class PricingServiceConfig(AppConfig):
    name = "pricing_service"
    verbose_name = "Pricing"

    def ready(self) -> None:
        from pricing_service.notes.marks_of_nights import SOURCE  # it imports models
        from pricing_service.web_page import price_versions

        calendar_reasons.register()
        page_versions.register("2 prices", price_versions.SOURCE)
        night_marks.register("1 events and notes", SOURCE)
