"""The Django app of the dashboard."""

from django.apps import AppConfig


class DashboardServiceConfig(AppConfig):
    name = "dashboard_service"
    verbose_name = "Dashboard"

    def ready(self) -> None:
        from common import hotel_directory
        from dashboard_service.profile_directory import ProfileDirectory

        hotel_directory.register(ProfileDirectory())
