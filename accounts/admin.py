"""Admin pages of API keys, and the hotels of users."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework_api_key.models import APIKey

from accounts import audit_log
from accounts.api_keys import create_key, revoke_key
from accounts.models import ApiKey, HotelAccess
from common.access_rights import Ability

admin.site.unregister(APIKey)  # the library's own page, which has no hotels
User = get_user_model()
admin.site.unregister(User)

ABILITIES = tuple(ability.value for ability in Ability)


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    list_display = (
        "name",
        "prefix",
        "scope",
        *ABILITIES,
        "created",
        "expiry_date",
        "last_used_at",
        "revoked",
    )
    list_filter = ("revoked", "created")
    search_fields = ("name", "prefix")
    readonly_fields = ("prefix", "last_used_at")
    fields = (
        "name",
        "all_hotels",
        "hotels",
        *ABILITIES,
        "expiry_date",
        "revoked",
        "prefix",
        "last_used_at",
    )
    actions = ("revoke",)

    @admin.display(description="hotels")
    def scope(self, key: ApiKey) -> str:
        return "all" if key.all_hotels else key.hotels

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # revoked keys stay visible

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return (*self.readonly_fields, *(("revoked",) if obj and obj.revoked else ()))

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if not change:
            key_text = create_key(obj, by=str(request.user))
            messages.warning(request, f"The key, shown only once: {key_text}")
            return
        super().save_model(request, obj, form, change)
        if "revoked" in form.changed_data:
            audit_log.key_revoked(obj, str(request.user))
        elif form.changed_data:
            audit_log.key_changed(obj, str(request.user), ", ".join(form.changed_data))

    @admin.action(permissions=["change"], description="Revoke the selected keys, for ever")
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys.filter(revoked=False):
            revoke_key(key, by=str(request.user))
            messages.success(request, f"{key.name} is revoked")


class HotelAccessInline(admin.StackedInline):
    model = HotelAccess
    can_delete = False


@admin.register(User)
class UserWithHotelsAdmin(UserAdmin):
    """Django's user pages, with the hotels that the user may see."""

    inlines = (HotelAccessInline,)
