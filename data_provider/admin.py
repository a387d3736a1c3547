"""The ledger in the admin: read-only, with search and filters."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.html import format_html

from common.currencies import THOUSANDTHS, format_thousandths
from common.read_only_admin import ReadOnlyAdmin
from data_provider import ledger
from data_provider.event_validation import FieldError, parse_reservation_id
from data_provider.models import Event, Reservation

FILTER_HOTELS = 20  # hotels that the filter beside the list offers
FILTER_WORDS = 30  # room types, channels, segments that a filter offers
COUNTED_ROWS = 10_000  # counting all matches in millions of rows would make each page slow


class BoundedPaginator(Paginator):
    """A paginator that counts at most COUNTED_ROWS; search and filters reach further rows."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[:COUNTED_ROWS].count())


class HotelFilter(admin.SimpleListFilter):
    """A filter with the lowest hotel numbers; a search for `hotel:101` finds any other hotel."""

    title = "hotel"
    parameter_name = "hotel"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(str(hotel), f"Hotel {hotel}") for hotel in ledger.hotels_after(0, FILTER_HOTELS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        value = self.value() or ""
        return queryset.filter(hotel_id=int(value)) if value.isdecimal() else queryset


class WordFilter(admin.SimpleListFilter):
    """A filter with the words of one column that the newest events have."""

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        words = ledger.newest_words(str(self.parameter_name), FILTER_WORDS)
        return [(word, word) for word in words]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        value = self.value()
        return queryset.filter(**{str(self.parameter_name): value}) if value else queryset


class RoomTypeFilter(WordFilter):
    title, parameter_name = "room type", "room_type"


class ChannelFilter(WordFilter):
    title, parameter_name = "channel", "channel"


class SegmentFilter(WordFilter):
    title, parameter_name = "segment", "segment"


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    list_display = (
        "id",
        "hotel_id",
        "event_time",
        "rpg_status",
        "night",
        "reservation",
        "rate_and_currency",
        "room_type",
        "channel",
        "segment",
    )
    list_filter = (
        HotelFilter,
        "rpg_status",
        RoomTypeFilter,
        ChannelFilter,
        SegmentFilter,
        ("timestamp", admin.DateFieldListFilter),
        ("night_of_stay", admin.DateFieldListFilter),
    )
    search_fields = ("room_reservation_id",)
    search_help_text = "A complete reservation id, or hotel:101 for the events of one hotel."
    ordering = ("-id",)
    sortable_by = ("id",)  # other columns would sort the whole table
    list_per_page = 100
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count the whole table for each filter
    paginator = BoundedPaginator

    @admin.display(description="event time (UTC)")
    def event_time(self, event: Event) -> str:
        return f"{event.timestamp.replace(tzinfo=None):%Y-%m-%d %H:%M:%S}"

    @admin.display(description="night of stay")
    def night(self, event: Event) -> str:
        return event.night_of_stay.isoformat()

    @admin.display(description="reservation")
    def reservation(self, event: Event) -> str:
        return format_html('<span style="white-space: nowrap">{}</span>', event.room_reservation_id)

    @admin.display(description="rate", empty_value="-")
    def rate_and_currency(self, event: Event) -> str | None:
        if event.rate is None or event.currency is None:
            return None
        amount = format_thousandths(int(event.rate * THOUSANDTHS), event.currency)
        return format_html('<span style="white-space: nowrap">{} {}</span>', amount, event.currency)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        subtitle = f"Newest first; at most {COUNTED_ROWS:,} are listed"
        return super().changelist_view(request, {"subtitle": subtitle, **(extra_context or {})})

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
            return queryset.filter(room_reservation_id=parse_reservation_id(term)), False
        except FieldError:
            self.message_user(
                request, f"{term} is neither a reservation id (a UUID) nor a hotel.", "WARNING"
            )
            return queryset.none(), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    """What senders last stated of reservations; their nights and money are in the events."""

    list_display = ["reservation_id", "hotel_id", "status", "arrival", "booked_at", "updated_at"]
    list_filter = ["status"]
    search_fields = ["=reservation_id"]
    search_help_text = "The sender's number, whole."
    ordering = ["-id"]
    paginator = BoundedPaginator
    show_full_result_count = False
