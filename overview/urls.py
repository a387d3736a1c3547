from django.urls import re_path

from overview.first_steps.first_steps_page import first_steps
from overview.hotel_settings.settings_page import hotel_settings

urlpatterns = [
    re_path(r"^first-steps/?$", first_steps, name="first-steps"),
    re_path(r"^settings/?$", hotel_settings, name="hotel-settings"),
]
