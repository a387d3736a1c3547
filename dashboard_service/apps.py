"""The Django app of the dashboard."""

from django.apps import AppConfig

from common import night_marks


class DashboardServiceConfig(AppConfig):
    name = "dashboard_service"
    verbose_name = "Dashboard"

    def ready(self) -> None:
        from dashboard_service.figures.holiday_marks import SOURCE  # it imports models

        night_marks.register("2 holidays", SOURCE)
