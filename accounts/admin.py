"""Admin pages of API keys, users with their hotels, and groups.

Promise: with these pages nobody gives more rights than they have, neither to a key, nor to a user,
nor to themselves, and nobody takes over a user who has more.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework_api_key.models import APIKey

from accounts import audit_log
from accounts.api_keys import create_key, revoke_key
from accounts.audit_entry_model import Act
from accounts.hotel_roles import roles_of, user_access
from accounts.models import ApiKey, HotelAccess
from common.access_rights import Ability

admin.site.unregister(APIKey)  # the library's own page, which has no hotels
# Their pages show the secrets of second factors.
admin.site.unregister([TOTPDevice, StaticDevice])
User = get_user_model()
admin.site.unregister(User)
admin.site.unregister(Group)

ABILITIES = tuple(ability.value for ability in Ability)


class ApiKeyForm(forms.ModelForm):
    """A key with rights that the user does not have is refused; revoking one is not."""

    user: Any  # the user who edits; set by ApiKeyAdmin.get_form

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if set(self.changed_data) <= {"revoked"} and self.instance.pk:
            return values
        own = user_access(self.user).abilities
        for ability in Ability:
            if values.get(ability.value) and ability not in own:
                self.add_error(ability.value, "you do not have this right, and cannot give it")
        return values


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    form = ApiKeyForm
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

    def get_form(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        return type(
            "ApiKeyForm", (super().get_form(request, *args, **options),), {"user": request.user}
        )

    @admin.display(description="hotels")
    def scope(self, key: ApiKey) -> str:
        return "all" if key.all_hotels else key.hotels

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # revoked keys stay visible

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return (*self.readonly_fields, *(("revoked",) if obj and obj.revoked else ()))

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if not change:
            key_text = create_key(obj, by=request.user)
            messages.warning(request, f"The key, shown only once: {key_text}")
            return
        super().save_model(request, obj, form, change)
        if "revoked" in form.changed_data:
            audit_log.key_revoked(obj, request.user)
        elif form.changed_data:
            audit_log.key_changed(obj, request.user, ", ".join(form.changed_data))

    @admin.action(permissions=["change"], description="Revoke the selected keys, for ever")
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys.filter(revoked=False):
            revoke_key(key, by=request.user)
            messages.success(request, f"{key.name} is revoked")


class HotelAccessInline(admin.StackedInline):
    """The hotels of a user; roles that give more than seeing them come from superusers."""

    model = HotelAccess
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if _is_superuser(request) else ("decides", "manages")


@admin.register(User)
class UserWithHotelsAdmin(UserAdmin):
    """Django's user pages, with the hotels that the user may see.

    Only superusers give rights or make others staff: Django's own pages let everybody who may
    change users make themselves a superuser, or set a superuser's password.
    """

    inlines = (HotelAccessInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if _is_superuser(request) else (*fields, *RIGHTS_OF_USERS)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        user = form.instance
        before = roles_of(user)
        super().save_related(request, form, formsets, change)
        after = roles_of(user)
        changed = {hotel for hotel, _ in set(before.items()) ^ set(after.items())}
        if changed:
            audit_log.act_on_person(Act.ASSIGNED, request.user, changed, str(user), subject=user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not _has_more_rights(obj, request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not _has_more_rights(obj, request)


@admin.register(Group)
class SuperusersGroupAdmin(GroupAdmin):
    """A group's members have its rights, so only superusers edit groups."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)


RIGHTS_OF_USERS = ("is_staff", "is_superuser", "groups", "user_permissions")


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)


def _has_more_rights(user: Any, request: HttpRequest) -> bool:
    """Return whether a user has rights that the user of the request does not have."""
    if user is None or _is_superuser(request):
        return False
    own = request.user.get_all_permissions()
    return bool(user.is_superuser or not user.get_all_permissions() <= own)
