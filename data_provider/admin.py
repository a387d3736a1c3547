"""The ledger in the admin: to look at and search, never to change."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from data_provider.event_fields import FieldError, reservation
from data_provider.models import Event

COUNTED_ROWS = 10_000  # counting every match of a million rows would make each page slow


class BoundedPaginator(Paginator):
    """Counts up to COUNTED_ROWS; further rows are reached by search and filters."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[:COUNTED_ROWS].count())


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    list_display = (
        "id",
        "hotel_id",
        "timestamp",
        "rpg_status",
        "night_of_stay",
        "room_reservation_id",
        "recorded_at",
    )
    list_filter = (
        "rpg_status",
        ("timestamp", admin.DateFieldListFilter),
        ("night_of_stay", admin.DateFieldListFilter),
    )
    search_fields = ("room_reservation_id",)
    search_help_text = "A whole reservation id, or hotel:101 for one hotel's events."
    ordering = ("-id",)
    sortable_by = ("id",)  # any other order would sort the whole table
    list_per_page = 100
    show_full_result_count = False
    paginator = BoundedPaginator

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        hotel = term.removeprefix("hotel:").strip()
        if hotel.isascii() and hotel.isdigit() and len(hotel) <= 10:
            return queryset.filter(hotel_id=int(hotel)), False
        try:
            return queryset.filter(room_reservation_id=reservation(term)), False
        except FieldError:
            self.message_user(
                request, f"{term} is no reservation id (a UUID) and no hotel.", "WARNING"
            )
            return queryset.none(), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False
