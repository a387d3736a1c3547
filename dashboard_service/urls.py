from django.urls import re_path

from dashboard_service.views import CheckView, DashboardView, HotelsView, StatusView

urlpatterns = [
    re_path(r"^dashboard/?$", DashboardView.as_view(), name="dashboard"),
    re_path(r"^dashboard/hotels/?$", HotelsView.as_view(), name="dashboard-hotels"),
    re_path(r"^dashboard/status/?$", StatusView.as_view(), name="dashboard-status"),
    re_path(r"^dashboard/check/?$", CheckView.as_view(), name="dashboard-check"),
]
