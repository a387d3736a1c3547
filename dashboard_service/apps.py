"""The Django app of the dashboard."""

from django.apps import AppConfig

from common import night_marks


class DashboardServiceConfig(AppConfig):
    name = "dashboard_service"
    verbose_name = "Dashboard"

    def ready(self) -> None:
        from common import hotel_directory, page_versions
        from dashboard_service import feed_lag_state
        from dashboard_service.figures import figure_versions
        from dashboard_service.figures.holiday_marks import SOURCE  # it imports models
        from dashboard_service.profile_directory import ProfileDirectory

        night_marks.register("2 holidays", SOURCE)
        page_versions.register("1 figures", figure_versions.SOURCE)
        page_versions.register("5 lag", feed_lag_state.SOURCE)
        hotel_directory.register(ProfileDirectory())
