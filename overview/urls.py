"""URLs of the overview: the home page, and the morning of a hotel."""

from django.urls import URLPattern, path, re_path

from overview.home_page import home
from overview.morning import decision_form, page_views

urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    re_path(r"^morning/?$", page_views.morning, name="morning"),
    re_path(r"^morning/decide/?$", decision_form.decide, name="morning-decide"),
]
