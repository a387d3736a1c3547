"""The versions of users' rights and languages, for pages that ask whether they changed."""

from __future__ import annotations

from collections.abc import Hashable

from django.contrib.auth import get_user_model
from django.db.models import Count, Max

from accounts.language.user_language_model import UserLanguage
from accounts.models import HotelAccess, LoginSession
from common.page_versions import USER, Source


def _read(users: list[int]) -> dict[int, Hashable]:
    """Raises: django.db.Error."""
    rows = get_user_model()._default_manager.filter(pk__in=users)
    columns = ("pk", "username", "is_active", "is_staff", "is_superuser")
    roles = HotelAccess.objects.filter(user_id__in=users).values_list(
        "user_id", "hotels", "decides", "manages"
    )
    languages = UserLanguage.objects.filter(user_id__in=users).values_list("user_id", "language")
    # A session that was ended, so that its pages ask and are led to the login.
    sessions = LoginSession.objects.filter(user_id__in=users).order_by().values_list("user_id")
    sessions_by_user = {row[0]: row for row in sessions.annotate(Count("pk"), Max("pk"))}
    roles_by_user = {row[0]: row for row in roles}
    language_by_user = dict(languages)
    return {
        row[0]: (
            row,
            roles_by_user.get(row[0]),
            language_by_user.get(row[0]),
            sessions_by_user.get(row[0]),
        )
        for row in rows.values_list(*columns)
    }


SOURCE = Source(USER, _read)
