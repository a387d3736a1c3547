"""REST URLs of the dashboard; its page is at `/` with a query (`overview.home_page`)."""

from django.urls import re_path

from dashboard_service import views

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
    re_path(r"^dashboard/pickup/?$", views.PickupView.as_view(), name="dashboard-pickup"),
    re_path(r"^dashboard/status/?$", views.StatusView.as_view(), name="dashboard-status"),
    re_path(r"^dashboard/check/?$", views.CheckView.as_view(), name="dashboard-check"),
]
