"""Every address; each answers with and without its trailing slash."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_yasg import openapi
from drf_yasg.views import get_schema_view
from rest_framework.permissions import AllowAny

from roompricegenie.health import healthz, readyz
from roompricegenie.views import home

admin.site.site_header = admin.site.site_title = "RoomPriceGenie"
admin.site.index_title = "Ledger, figures and users"
admin.site.enable_nav_sidebar = False  # the lists need the width

API_INFO = openapi.Info(
    title="RoomPriceGenie",
    default_version="v1",
    description=(
        "Booking and cancellation events in, room-nights out. Post an event under **events**, read "
        "what it adds up to under **dashboard** some moments later. An unknown or empty query "
        "parameter is refused, so that a misspelt filter cannot return everything."
    ),
    license=openapi.License(name="MIT"),
)
_schema = get_schema_view(API_INFO, public=True, permission_classes=[AllowAny])

urlpatterns = [
    path("", home, name="home"),
    path("", include("data_provider.urls")),
    path("", include("dashboard_service.urls")),
    path("admin/", admin.site.urls),
    re_path(r"^admin$", admin.site.index),
    re_path(r"^swagger/?$", _schema.with_ui("swagger", cache_timeout=0), name="swagger"),
    re_path(r"^redoc/?$", _schema.with_ui("redoc", cache_timeout=0), name="redoc"),
    re_path(r"^swagger\.json/?$", _schema.without_ui(cache_timeout=0), {"format": "json"}),
    re_path(r"^healthz/?$", healthz, name="healthz"),
    re_path(r"^readyz/?$", readyz, name="readyz"),
]
handler404 = "roompricegenie.views.not_found"
handler500 = "roompricegenie.views.server_error"
