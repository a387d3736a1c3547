"""URLs of the connections: the page, and what booking systems post to."""

from django.urls import URLPattern, re_path

from connections.web_page.connection_page import connections_page
from connections.webhook_view import webhook

urlpatterns: list[URLPattern] = [
    re_path(r"^connections/?$", connections_page, name="connections"),
    re_path(
        r"^connections/webhook/(?P<token>[A-Za-z0-9_-]{20,100})/?$",
        webhook,
        name="connection-webhook",
    ),
]
