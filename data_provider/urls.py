from django.urls import re_path

from data_provider.views import (
    EventsView,
    FeedStatusView,
    FeedView,
    ReservationsView,
    ReservationView,
)

urlpatterns = [
    re_path(r"^events/?$", EventsView.as_view(), name="events"),
    re_path(r"^events/feed/?$", FeedView.as_view(), name="events-feed"),
    re_path(r"^events/feed/status/?$", FeedStatusView.as_view(), name="events-feed-status"),
    re_path(r"^reservations/?$", ReservationsView.as_view(), name="reservations"),
    re_path(
        r"^reservations/(?P<hotel_id>[^/]+)/(?P<reservation_id>.+?)/?$",
        ReservationView.as_view(),
        name="reservation",
    ),
]
