"""Pricing profiles to change, prices and decisions to look at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from common.read_only_admin import ReadOnlyAdmin
from pricing_service.models import (
    DemandEvent,
    FixedPrice,
    NightPrice,
    PriceDecision,
    PricingProfile,
    RoomsForSale,
    WebhookDelivery,
)
from pricing_service.signals import rules_changed


class _OfProfile(admin.TabularInline):
    extra = 0


class DemandEventInline(_OfProfile):
    model = DemandEvent


class RoomsForSaleInline(_OfProfile):
    model = RoomsForSale


class FixedPriceInline(_OfProfile):
    model = FixedPrice


@admin.register(PricingProfile)
class PricingProfileAdmin(admin.ModelAdmin):
    list_display = (
        "hotel_id",
        "mode",
        "base_price",
        "minimum_price",
        "maximum_price",
        "currency",
        "aggressiveness",
        "updated_at",
    )
    list_filter = ("mode",)
    search_fields = ("=hotel_id",)
    search_help_text = "A hotel's number."
    inlines = (DemandEventInline, RoomsForSaleInline, FixedPriceInline)

    def get_readonly_fields(
        self, request: HttpRequest, obj: PricingProfile | None = None
    ) -> tuple[str, ...]:
        return ("hotel_id",) if obj else ()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.instance.save()  # a changed list makes the profile new, too
        rules_changed.send(sender=None)


class _Listed(ReadOnlyAdmin):
    """Prices come from rules and decisions, which the page and REST take."""

    list_per_page = 100
    show_full_result_count = False
    search_fields = ("=hotel_id",)
    search_help_text = "A hotel's number."


@admin.register(NightPrice)
class NightPriceAdmin(_Listed):
    list_display = (
        "hotel_id",
        "night",
        "price",
        "recommended",
        "is_held",
        "on_the_books",
        "rooms",
        "sentence",
    )
    list_filter = ("is_held", ("night", admin.DateFieldListFilter))


@admin.register(PriceDecision)
class PriceDecisionAdmin(_Listed):
    list_display = ("hotel_id", "night", "made_at", "action", "old_price", "new_price", "who")
    list_filter = ("action", ("made_at", admin.DateFieldListFilter))


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(_Listed):
    list_display = ("hotel_id", "made_at", "tries", "delivered_at", "given_up_at", "answer")
    list_filter = ("delivered_at", "given_up_at")
