"""Admin of the dashboard: figures are read-only, hotel profiles can be edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from common.access_rights import access_of
from common.audited_changes import PROFILE, report_change
from common.read_only_admin import ReadOnlyAdmin
from dashboard_service.hotel_profiles import request_recount
from dashboard_service.models import (
    CheckReport,
    CheckRound,
    DashboardData,
    FeedPosition,
    HotelCheck,
    HotelProfile,
    HotelRecount,
    HourlyData,
    PaceData,
    PerformanceData,
    PickupData,
    RoomsForSale,
)

SUMS = ("room_nights", "room_nights_with_rate", "revenue")


@admin.register(DashboardData)
class DashboardDataAdmin(ReadOnlyAdmin):
    list_display = (
        "hotel_id",
        "basis",
        "day",
        "net_room_nights",
        "gross_booking_count",
        "cancellation_count",
    )
    list_filter = ("basis", ("day", admin.DateFieldListFilter))
    search_fields = ("=hotel_id",)
    search_help_text = "A hotel's number."
    ordering = ("hotel_id", "basis", "-day")
    list_per_page = 100
    show_full_result_count = False

    @admin.display(description="net room-nights")
    def net_room_nights(self, row: DashboardData) -> int:
        return row.gross_booking_count - row.cancellation_count


@admin.register(PickupData)
class PickupDataAdmin(ReadOnlyAdmin):
    list_display = (
        "hotel_id",
        "night_of_stay",
        "day",
        "gross_booking_count",
        "cancellation_count",
    )
    list_filter = (("night_of_stay", admin.DateFieldListFilter),)
    search_fields = ("=hotel_id",)
    search_help_text = "A hotel's number."
    ordering = ("hotel_id", "-night_of_stay", "-day")
    list_per_page = 100
    show_full_result_count = False


@admin.register(HourlyData)
class HourlyDataAdmin(ReadOnlyAdmin):
    list_display = ("hotel_id", "hour", "gross_booking_count", "cancellation_count")
    list_filter = (("hour", admin.DateFieldListFilter),)
    search_fields = ("=hotel_id",)
    search_help_text = "A hotel's number."
    ordering = ("hotel_id", "-hour")
    list_per_page = 100
    show_full_result_count = False


@admin.register(PerformanceData)
class PerformanceDataAdmin(ReadOnlyAdmin):
    list_display = (
        "hotel_id", "basis", "day", "currency", "room_type", "channel", "segment", *SUMS,
    )  # fmt: skip
    list_filter = ("basis", ("day", admin.DateFieldListFilter))
    search_fields = ("=hotel_id",)
    search_help_text = "A hotel's number."
    ordering = ("hotel_id", "basis", "-day")
    list_per_page = 100
    show_full_result_count = False


@admin.register(PaceData)
class PaceDataAdmin(ReadOnlyAdmin):
    list_display = ("hotel_id", "night_of_stay", "day", "currency", *SUMS)
    list_filter = (("night_of_stay", admin.DateFieldListFilter),)
    search_fields = ("=hotel_id",)
    search_help_text = "A hotel's number."
    ordering = ("hotel_id", "-night_of_stay", "-day")
    list_per_page = 100
    show_full_result_count = False


class RoomsForSaleInline(admin.TabularInline):
    model = RoomsForSale
    extra = 0


@admin.register(HotelProfile)
class HotelProfileAdmin(admin.ModelAdmin):
    list_display = ("hotel_id", "name", "time_zone", "rooms", "currency", "country", "region")
    inlines = (RoomsForSaleInline,)
    search_fields = ("name", "=hotel_id")

    def get_readonly_fields(
        self, request: HttpRequest, obj: HotelProfile | None = None
    ) -> tuple[str, ...]:
        return ("hotel_id",) if obj else ()

    def save_model(self, request: HttpRequest, obj: HotelProfile, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        report_change(access_of(request), obj.hotel_id, PROFILE, ", ".join(form.changed_data))
        if request_recount(obj):
            self.message_user(request, f"{obj} is being recounted in {obj.time_zone}.")


@admin.register(FeedPosition)
class FeedPositionAdmin(ReadOnlyAdmin):
    list_display = ("share", "shares", "position", "updated_at")


@admin.register(CheckReport)
class CheckReportAdmin(ReadOnlyAdmin):
    list_display = (
        "checked_at", "begun_at", "hotels", "events", "counts", "differences", "repaired_hotels",
        "unchecked_hotels",
    )  # fmt: skip


@admin.register(CheckRound)
class CheckRoundAdmin(ReadOnlyAdmin):
    list_display = (
        "number", "is_open", "begun_at", "hotels", "checked", "differences", "repaired_hotels",
        "unchecked_hotels",
    )  # fmt: skip


@admin.register(HotelCheck)
class HotelCheckAdmin(ReadOnlyAdmin):
    list_display = (
        "hotel_id", "checked_at", "events", "counts", "differences", "repaired", "is_waiting",
        "failures", "claimed_until",
    )  # fmt: skip
    list_filter = ("is_waiting", "repaired")
    search_fields = ("=hotel_id",)
    search_help_text = "A hotel's number."
    show_full_result_count = False


@admin.register(HotelRecount)
class HotelRecountAdmin(ReadOnlyAdmin):
    list_display = ("hotel_id", "requested_at", "is_of_all", "claimed_until")
    search_fields = ("=hotel_id",)
    search_help_text = "A hotel's number."
    show_full_result_count = False
