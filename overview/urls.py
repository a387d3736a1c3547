"""URLs of the overview: the home page, the morning of a hotel, messages about hotels, alerts."""

from django.urls import URLPattern, path, re_path

from overview.alerts import alerts_page
from overview.home_page import home
from overview.messages import inbox_page, unsubscribe_page
from overview.morning import decision_form, page_views

urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    re_path(r"^morning/?$", page_views.morning, name="morning"),
    re_path(r"^morning/decide/?$", decision_form.decide, name="morning-decide"),
    re_path(r"^inbox/?$", inbox_page.inbox, name="inbox"),
    re_path(r"^inbox/read/?$", inbox_page.mark_read, name="inbox-read"),
    re_path(r"^alerts/?$", alerts_page.alerts, name="alerts"),
    re_path(
        r"^unsubscribe/(?P<token>[\w:-]{1,200})/?$",
        unsubscribe_page.unsubscribe,
        name="unsubscribe",
    ),
]
