from django.urls import re_path

from data_provider.views import EventsView, FeedStatusView, FeedView

urlpatterns = [
    re_path(r"^events/?$", EventsView.as_view(), name="events"),
    re_path(r"^events/feed/?$", FeedView.as_view(), name="events-feed"),
    re_path(r"^events/feed/status/?$", FeedStatusView.as_view(), name="events-feed-status"),
]
