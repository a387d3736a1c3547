"""REST URLs of the dashboard; its page is at `/` with a query (`overview.home_page`)."""

from django.urls import re_path

from dashboard_service import views
from dashboard_service.budgets.budget_views import BudgetsView
from dashboard_service.month_report import report_views
from dashboard_service.table_downloads import table_views

urlpatterns = [
    re_path(r"^dashboard/?$", views.DashboardView.as_view(), name="dashboard"),
    re_path(r"^dashboard/hotels/?$", views.HotelsView.as_view(), name="dashboard-hotels"),
    re_path(
        r"^dashboard/hotels/(?P<hotel_id>[^/]+)/?$",
        views.HotelView.as_view(),
        name="dashboard-hotel",
    ),
    re_path(
        r"^dashboard/performance/?$", views.PerformanceView.as_view(), name="dashboard-performance"
    ),
    re_path(r"^dashboard/pace/?$", views.PaceView.as_view(), name="dashboard-pace"),
    re_path(r"^dashboard/table/?$", table_views.dashboard_table, name="dashboard-table"),
    re_path(r"^dashboard/report/?$", report_views.month_report, name="dashboard-report"),
    re_path(r"^dashboard/pickup/?$", views.PickupView.as_view(), name="dashboard-pickup"),
    re_path(r"^dashboard/status/?$", views.StatusView.as_view(), name="dashboard-status"),
    re_path(r"^dashboard/budgets/?$", BudgetsView.as_view(), name="dashboard-budgets"),
    re_path(r"^dashboard/check/?$", views.CheckView.as_view(), name="dashboard-check"),
]
