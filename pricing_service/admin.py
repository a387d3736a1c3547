"""Admin of the pricing service: pricing rules can be changed, everything else is read-only."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from common.access_rights import access_of
from common.audited_changes import RULES, report_change
from common.currencies import why_not_in_minor_units, why_not_in_use
from common.read_only_admin import ReadOnlyAdmin
from pricing_service.delivery import receiver_address, webhook_secret
from pricing_service.delivery.webhook_models import ToldPrice, WebhookDelivery, WebhookReceiver
from pricing_service.engine.price_bounds import SeasonalBounds, wrong_bounds
from pricing_service.models import DemandEvent, FixedPrice, NightPrice, PriceDecision, PricingRules
from pricing_service.room_types.room_type_models import RoomType
from pricing_service.rules.admin_fields import (
    MONTH_NAMES,
    WEEKDAY_NAMES,
    FactorsField,
    LeadFactorsField,
    WeekdaysField,
)
from pricing_service.rules.amount_checks import PRICES, STEP
from pricing_service.rules.room_type_rules import wrong_room_types
from pricing_service.rules.rule_list_models import MinimumStay, NightNote, PriceBounds
from pricing_service.signals import rules_changed
from pricing_service.texts.written_values import render_with_decimals


class _RulesInline(admin.TabularInline):
    extra = 0


class DemandEventInline(_RulesInline):
    model = DemandEvent


class PossibleBounds(forms.BaseInlineFormSet):
    """The rows of bounds, checked as over REST: each night has a possible price."""

    def clean(self) -> None:
        super().clean()
        rules = self.instance
        known = (rules.minimum_price, rules.maximum_price, rules.price_step)
        if any(self.errors) or None in known:
            return
        kept = [form.instance for form in self.forms if form.cleaned_data.get("first")
                and not form.cleaned_data.get("DELETE")]  # fmt: skip
        rows = [SeasonalBounds(row.season, row.minimum_price, row.maximum_price) for row in kept]
        if wrong := wrong_bounds(rows, *known):
            raise ValidationError(
                [f"row {row + 1}: {render_with_decimals(wrong[row])}" for row in sorted(wrong)]
            )


class PossibleRoomTypes(forms.BaseInlineFormSet):
    """The rows of room types, checked together as over REST."""

    def clean(self) -> None:
        super().clean()
        step = self.instance.price_step
        if any(self.errors) or step is None:
            return
        kept = [form.instance for form in self.forms if form.cleaned_data.get("name")
                and not form.cleaned_data.get("DELETE")]  # fmt: skip
        if reasons := wrong_room_types(kept, step):
            raise ValidationError(reasons)


class RoomTypeInline(_RulesInline):
    model = RoomType
    formset = PossibleRoomTypes


class FixedPriceInline(_RulesInline):
    model = FixedPrice


class SeasonForm(forms.ModelForm):
    """A rule for nights, with weekdays to tick."""

    weekdays = WeekdaysField(help_text="None: all.")


class PriceBoundsInline(_RulesInline):
    model = PriceBounds
    form = SeasonForm
    formset = PossibleBounds


class MinimumStayInline(_RulesInline):
    model = MinimumStay
    form = SeasonForm


class PricingRulesForm(forms.ModelForm):
    """The rules; the stored webhook secret is never shown, and an empty field keeps it."""

    webhook_secret = forms.CharField(
        required=False,
        max_length=100,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Empty: the stored one stays, or one is made and shown once. After a change both "
        "sign for a day.",
    )

    month_factors = FactorsField(MONTH_NAMES)
    weekday_factors = FactorsField(WEEKDAY_NAMES)
    lead_factors = LeadFactorsField(
        help_text="One a line: so many days before arrival, and the factor from then on; where "
        "several apply, the one with the fewest days counts."
    )

    class Meta:
        model = PricingRules
        exclude = ()  # all of them, as without a form of its own

    def clean_currency(self) -> str:
        code: str = self.cleaned_data["currency"]
        if reason := why_not_in_use(code):
            raise ValidationError(reason)
        return code

    def clean(self) -> dict[str, Any] | None:
        """Check the amounts that were changed, as over REST."""
        cleaned = super().clean() or {}
        currency = cleaned.get("currency") or self.instance.currency
        for name in {*PRICES, STEP} & set(self.changed_data) & cleaned.keys():
            if cleaned[name] and (reason := why_not_in_minor_units(cleaned[name], currency)):
                self.add_error(name, reason)
        return cleaned

    def clean_webhook_url(self) -> str:
        url: str = self.cleaned_data["webhook_url"]
        if "webhook_url" in self.changed_data:  # an address from before the check blocks nothing
            receiver_address.check_address(url)
        return url

    def clean_webhook_secret(self) -> str:
        """Apply the secret here: the model's own check needs one beside an address."""
        secret: str = self.cleaned_data["webhook_secret"]
        if secret:
            webhook_secret.check_secret(secret)
            webhook_secret.change_secret(self.instance, secret)
        elif self.data.get("webhook_url") and not self.instance.webhook_secret:
            self.made_secret = webhook_secret.new_secret()
            webhook_secret.change_secret(self.instance, self.made_secret)
        stored: str = self.instance.webhook_secret
        return stored


@admin.register(PricingRules)
class PricingRulesAdmin(admin.ModelAdmin):
    form = PricingRulesForm
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
    inlines = (
        DemandEventInline,
        FixedPriceInline,
        PriceBoundsInline,
        MinimumStayInline,
        RoomTypeInline,
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: PricingRules | None = None
    ) -> tuple[str, ...]:
        """A change of the currency needs all amounts with it: the pricing page and REST ask."""
        return ("hotel_id", "currency") if obj else ()

    def get_fields(self, request: HttpRequest, obj: PricingRules | None = None) -> Any:
        """Who may not change the rules sees of the webhook its host only."""
        if obj is None or self.has_change_permission(request, obj):
            return super().get_fields(request, obj)
        names = [field.name for field in PricingRules._meta.concrete_fields if field.editable]
        hidden = {"webhook_url", "webhook_secret"}
        return [name for name in names if name not in hidden] + ["webhook_host"]

    @admin.display(description="webhook")
    def webhook_host(self, rules: PricingRules) -> str:
        return receiver_address.shortened(rules.webhook_url)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if made := getattr(form, "made_secret", ""):
            text = f"Posts are signed with this secret; store it, it is not shown again: {made}"
            messages.success(request, text)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.instance.save()  # so that `updated_at` changes with a list, too
        rules_changed.send(sender=None)
        lists = [inline.model.__name__ for inline in formsets if inline.has_changed()]
        told = ", ".join([*form.changed_data, *lists])
        report_change(access_of(request), form.instance.hotel_id, RULES, told)


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


@admin.register(NightNote)
class NightNoteAdmin(_ReadOnlyList):
    list_display = ("hotel_id", "night", "text", "who", "written_at")
    list_filter = (("night", admin.DateFieldListFilter),)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(_ReadOnlyList):
    """The log of posts; one that was given up was replaced by a post of newer prices."""

    list_display = ("hotel_id", "made_at", "tries", "delivered_at", "given_up_at", "answer")
    list_filter = ("delivered_at", "given_up_at")


@admin.register(WebhookReceiver)
class WebhookReceiverAdmin(_ReadOnlyList):
    """What waits to be sent, and which receivers fail, since when."""

    list_display = (
        "hotel_id",
        "changed_at",
        "next_try_at",
        "tries",
        "failing_since",
        "delivered_at",
        "answer",
    )
    list_filter = (
        ("changed_at", admin.EmptyFieldListFilter),
        ("failing_since", admin.DateFieldListFilter),
    )


@admin.register(ToldPrice)
class ToldPriceAdmin(_ReadOnlyList):
    list_display = (
        "hotel_id",
        "night",
        "room_type",
        "price",
        "currency",
        "state",
        "minimum_stay",
        "told_at",
    )
    list_filter = ("state", ("night", admin.DateFieldListFilter))
