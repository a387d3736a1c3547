"""Admin of the pricing service: pricing rules can be changed, everything else is read-only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from common.read_only_admin import ReadOnlyAdmin
from pricing_service.models import (
    DemandEvent,
    FixedPrice,
    NightPrice,
    PriceDecision,
    PricingRules,
    RoomsForSale,
    WebhookDelivery,
)
from pricing_service.signals import rules_changed


class _RulesInline(admin.TabularInline):
    extra = 0


class DemandEventInline(_RulesInline):
    model = DemandEvent


class RoomsForSaleInline(_RulesInline):
    model = RoomsForSale


class FixedPriceInline(_RulesInline):
    model = FixedPrice


@admin.register(PricingRules)
class PricingRulesAdmin(admin.ModelAdmin):
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
    search_help_text = "A hotel's id."
    inlines = (DemandEventInline, RoomsForSaleInline, FixedPriceInline)

    def get_readonly_fields(
        self, request: HttpRequest, obj: PricingRules | None = None
    ) -> tuple[str, ...]:
        return ("hotel_id",) if obj else ()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.instance.save()  # so that `updated_at` changes with a list, too
        rules_changed.send(sender=None)


class _ReadOnlyList(ReadOnlyAdmin):
    """Read-only: prices change through the pricing page and REST, which save decisions."""

    list_per_page = 100
    show_full_result_count = False
    search_fields = ("=hotel_id",)
    search_help_text = "A hotel's id."


@admin.register(NightPrice)
class NightPriceAdmin(_ReadOnlyList):
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
class PriceDecisionAdmin(_ReadOnlyList):
    list_display = ("hotel_id", "night", "made_at", "action", "old_price", "new_price", "who")
    list_filter = ("action", ("made_at", admin.DateFieldListFilter))


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(_ReadOnlyList):
    list_display = ("hotel_id", "made_at", "tries", "delivered_at", "given_up_at", "answer")
    list_filter = ("delivered_at", "given_up_at")
