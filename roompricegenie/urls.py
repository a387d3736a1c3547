"""All URLs; each path is accepted with and without its trailing slash."""

from csp.decorators import csp_update
from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path, re_path
from django.views.decorators.cache import cache_control
from django.views.generic import RedirectView
from drf_yasg import openapi
from drf_yasg.views import get_schema_view
from rest_framework.permissions import AllowAny

from accounts.own_account.login_page import admin_login
from roompricegenie.help_page import help_page
from roompricegenie.monitoring.health import healthz, readyz
from roompricegenie.monitoring.metrics_endpoint import MetricsView

admin.site.site_header = admin.site.site_title = "RoomPriceGenie"
admin.site.index_title = "Ledger, figures and users"
admin.site.enable_nav_sidebar = False  # the tables need the width

API_INFO = openapi.Info(
    title="RoomPriceGenie",
    default_version="v1",
    description=(
        "Booking and cancellation events in, room-nights out. Post an event under **events**, read "
        "what it adds up to under **dashboard** some moments later, and what a room should cost "
        "under **prices**. An unknown or empty query parameter is refused, so that a misspelt "
        "filter cannot return everything."
    ),
    license=openapi.License(name="MIT"),
)
_schema = get_schema_view(API_INFO, public=True, permission_classes=[AllowAny])
# Swagger UI and Redoc use inline styles, and Redoc searches in a web worker.
_with_inline_styles = csp_update({"style-src": ["'unsafe-inline'"], "worker-src": ["blob:"]})
_swagger = _with_inline_styles(_schema.with_ui("swagger", cache_timeout=0))
_redoc = _with_inline_styles(_schema.with_ui("redoc", cache_timeout=0))

urlpatterns = [
    path("", include("data_provider.urls")),
    path("", include("dashboard_service.urls")),
    path("", include("pricing_service.urls")),
    path("", include("overview.urls")),
    path("", include("connections.urls")),
    path("", include("accounts.urls")),
    # The page for all users, which limits guesses of the old password; the admin's own does not.
    path("admin/password_change/", RedirectView.as_view(pattern_name="password")),
    # The login for all users asks for the second factor; the admin's own does not.
    path("admin/login/", admin_login),
    path("admin/", admin.site.urls),
    re_path(r"^admin$", admin.site.admin_view(admin.site.index)),
    re_path(r"^swagger/?$", _swagger, name="swagger"),
    re_path(r"^redoc/?$", _redoc, name="redoc"),
    re_path(r"^swagger\.json/?$", _schema.without_ui(cache_timeout=0), {"format": "json"}),
    path("favicon.ico", RedirectView.as_view(url=static("common/icon.svg"))),
    re_path(r"^help/?$", help_page, name="help"),
    re_path(r"^healthz/?$", healthz, name="healthz"),
    re_path(r"^readyz/?$", readyz, name="readyz"),
    re_path(r"^metrics/?$", cache_control(no_store=True)(MetricsView.as_view()), name="metrics"),
]
handler403 = "roompricegenie.error_views.forbidden"
handler404 = "roompricegenie.error_views.not_found"
handler500 = "roompricegenie.error_views.server_error"
