"""The inbox at `/inbox/`: what a user was told of the hotels that they may see now, newest first.

It works without script: a form marks one message, or all that are shown, as read.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from common.access_rights import Ability, Access
from common.html_pages import read_page_query, render_message
from common.mails import mail_is_sent
from common.strict_input import HotelField, QuerySerializer, StrictInput, WholeNumberField
from dashboard_service import figures_for_pricing
from dashboard_service.hotel_profiles import get_profiles
from overview.messages.message_models import Message, MessageSending
from overview.messages.readers import NEEDED, inbox_access, reader_id

ON_A_PAGE = 50
MOST_PAGES = 200


class InboxQuery(QuerySerializer):
    """Query parameters of the page."""

    hotel_id = HotelField(required=False)
    page = WholeNumberField(required=False, min_value=1, max_value=MOST_PAGES)


class ReadForm(StrictInput):
    """Fields of the forms that mark messages as read; without `message`, all up to `newest`."""

    message = WholeNumberField(required=False, min_value=1)
    newest = WholeNumberField(required=False, min_value=1)
    hotel_id = HotelField(required=False)
    page = WholeNumberField(required=False, min_value=1, max_value=MOST_PAGES)


def visible_messages(user_id: int, access: Access) -> QuerySet[Message]:
    """Return a user's messages about hotels that they may see now."""
    messages = Message.objects.filter(user_id=user_id)
    if not access.abilities >= NEEDED:
        return messages.none()
    return messages if access.hotels is None else messages.filter(hotel_id__in=access.hotels)


def count_unread(user_id: int, access: Access) -> int:
    """Return how many of a user's messages are unread. Raises: django.db.Error."""
    return visible_messages(user_id, access).filter(read_at=None).count()


@never_cache
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Return the page of messages, of one hotel if the address names one."""
    query = read_page_query(request, InboxQuery, Ability.READ_PRICES, "prices")
    if isinstance(query, HttpResponse):
        return query
    access = inbox_access(request)
    if access is None:
        return no_user(request)
    return render(request, "overview/messages/inbox.html", _context(request, access, query))


@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    """Mark one message, or all that a page shows or follow it, as read; return to the page."""
    access = inbox_access(request)
    if access is None:
        return redirect_to_login(reverse("inbox"))
    fields = {name: request.POST[name] for name in request.POST if name != "csrfmiddlewaretoken"}
    form = ReadForm(data=fields)
    if not form.is_valid():
        return render_message(request, 400, parameter_errors=list(form.errors.items()))
    values = form.validated_data
    messages = visible_messages(reader_id(request), access).filter(read_at=None)
    if "hotel_id" in values:
        messages = messages.filter(hotel_id=values["hotel_id"])
    if "message" in values:
        messages = messages.filter(pk=values["message"])
    else:
        messages = messages.filter(pk__lte=values.get("newest", 0))
    messages.update(read_at=timezone.now())
    back = {name: values[name] for name in ("hotel_id", "page") if name in values}
    return HttpResponseRedirect(
        f"{reverse('inbox')}?{urlencode(back)}" if back else reverse("inbox")
    )


def no_user(request: HttpRequest) -> HttpResponse:
    """Return what a visitor without a login sees: in an open system why there is nothing."""
    if settings.API_AUTH == "open":
        return render(request, "overview/messages/no_user.html", {"next": request.get_full_path()})
    return render_message(
        request, 403, forbidden=_("messages are for people who log in, and not for keys")
    )


def _context(request: HttpRequest, access: Access, query: dict[str, Any]) -> dict[str, Any]:
    mine = visible_messages(reader_id(request), access)
    hotels = sorted(set(mine.order_by().values_list("hotel_id", flat=True).distinct()))
    hotel_id, page = query.get("hotel_id"), query.get("page", 1)
    shown = mine if hotel_id is None else mine.filter(hotel_id=hotel_id)
    first = (page - 1) * ON_A_PAGE
    sendings = Prefetch("sendings", MessageSending.objects.order_by("channel"))
    rows = list(shown.prefetch_related(sendings)[first : first + ON_A_PAGE + 1])
    profiles = get_profiles(sorted({row.hotel_id for row in rows}))
    return {
        "hotel_id": hotel_id,
        "hotels": list(figures_for_pricing.names(hotels).items()),
        "page": page,
        "rows": [(row, profiles[row.hotel_id]) for row in rows[:ON_A_PAGE]],
        "newest": max((row.pk for row in rows), default=0),
        "unread": sum(row.read_at is None for row in rows[:ON_A_PAGE]),
        "has_more": len(rows) > ON_A_PAGE and page < MOST_PAGES,
        "mail_is_sent": mail_is_sent(),
        "address": request.user.email,  # type: ignore[union-attr]  # a user is logged in
    }
