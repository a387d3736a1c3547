"""The obvious API for the same table with Django REST framework: view set and paginator."""

from typing import Any

from django.db import models
from django.urls import include, path
from rest_framework import mixins, routers, serializers, viewsets
from rest_framework.pagination import PageNumberPagination


class PlainEvent(models.Model):
    """The ledger's table as an ordinary model."""

    hotel_id = models.PositiveIntegerField()
    timestamp = models.DateTimeField()
    room_reservation_id = models.UUIDField()
    night_of_stay = models.DateField()
    rpg_status = models.PositiveSmallIntegerField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        managed = False
        app_label = "data_provider"
        db_table = "data_provider_event"


class EventSerializer(serializers.ModelSerializer[PlainEvent]):
    event_timestamp = serializers.DateTimeField(source="timestamp")
    status = serializers.IntegerField(source="rpg_status", min_value=1, max_value=2)

    class Meta:
        model = PlainEvent
        fields = (
            "id", "hotel_id", "event_timestamp", "status", "room_reservation_id", "night_of_stay",
        )  # fmt: skip


class ThousandEventsPagination(PageNumberPagination):
    page_size = 1000


class EventViewSet(
    mixins.CreateModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[PlainEvent]
):
    serializer_class = EventSerializer
    pagination_class = ThousandEventsPagination

    def get_queryset(self) -> Any:
        events = PlainEvent._default_manager.order_by("timestamp")
        hotel = self.request.query_params.get("hotel_id")
        return events.filter(hotel_id=hotel) if hotel else events


router = routers.SimpleRouter()
router.register("plain", EventViewSet, basename="plain")
urlpatterns = [path("", include(router.urls))]
