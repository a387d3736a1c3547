"""The Django app of the dashboard."""

from django.apps import AppConfig


class DashboardServiceConfig(AppConfig):
    name = "dashboard_service"
    verbose_name = "Dashboard"
