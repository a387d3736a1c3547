from django.urls import re_path

from data_provider.file_upload import part_views, upload_pages, upload_rest
from data_provider.hotel_views import HotelsView
from data_provider.views import (
    EventsView,
    FeedStatusView,
    FeedView,
    ReservationsView,
    ReservationView,
)

UPLOAD = r"^upload/(?P<upload_id>[0-9a-f-]{36})"
UPLOADS = r"^uploads/(?P<upload_id>[0-9a-f-]{36})"

urlpatterns = [
    re_path(r"^upload/?$", upload_pages.uploads, name="uploads"),
    re_path(r"^upload/begin/?$", part_views.begin, name="upload-begin"),
    re_path(rf"{UPLOAD}/?$", upload_pages.upload, name="upload"),
    re_path(rf"{UPLOAD}/parts/?$", part_views.take_part, name="upload-parts"),
    re_path(rf"{UPLOAD}/rejects/?$", upload_pages.rejects, name="upload-rejects"),
    re_path(r"^uploads/?$", upload_rest.UploadsView.as_view(), name="uploads-rest"),
    re_path(rf"{UPLOADS}/?$", upload_rest.UploadView.as_view(), name="upload-rest"),
    re_path(
        rf"{UPLOADS}/content/?$", upload_rest.UploadContentView.as_view(), name="upload-content"
    ),
    re_path(rf"{UPLOADS}/start/?$", upload_rest.UploadStartView.as_view(), name="upload-start"),
    re_path(r"^events/?$", EventsView.as_view(), name="events"),
    re_path(r"^events/hotels/?$", HotelsView.as_view(), name="events-hotels"),
    re_path(r"^events/feed/?$", FeedView.as_view(), name="events-feed"),
    re_path(r"^events/feed/status/?$", FeedStatusView.as_view(), name="events-feed-status"),
    re_path(r"^reservations/?$", ReservationsView.as_view(), name="reservations"),
    re_path(
        r"^reservations/(?P<hotel_id>[^/]+)/(?P<reservation_id>[\s\S]+?)/?$",
        ReservationView.as_view(),
        name="reservation",
    ),
]
