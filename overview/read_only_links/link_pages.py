"""`/dashboard/links/`: the page on which a hotel's read-only links are made, listed and revoked."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework import serializers

from common.access_rights import Ability, access_of
from common.html_pages import read_page_query, render_message
from common.strict_input import HotelField, QuerySerializer, StrictInput
from common.value_limits import MAX_HOTEL_ID
from dashboard_service.hotel_profiles import get_profile
from dashboard_service.month_report.report_views import may_share
from overview.read_only_links import links
from overview.read_only_links.link_models import MAX_PURPOSE_LENGTH


class LinksQuery(QuerySerializer):
    """Parameters of `/dashboard/links/`."""

    hotel_id = HotelField()


class NewLink(StrictInput):
    """The form that makes a link."""

    days = serializers.ChoiceField([str(days) for days in links.VALID_DAYS])
    purpose = serializers.CharField(max_length=MAX_PURPOSE_LENGTH, allow_blank=True, default="")


class RevokedLink(StrictInput):
    """The form that revokes a link."""

    link = serializers.IntegerField(min_value=1, max_value=MAX_HOTEL_ID)


@require_http_methods(["GET", "HEAD", "POST"])
def links_page(request: HttpRequest) -> HttpResponse:
    """Return the page; a POST makes a link and shows its text, once."""
    hotel_id = _hotel_to_share(request)
    if isinstance(hotel_id, HttpResponse):
        return hotel_id
    if request.method != "POST":
        return _page(request, hotel_id)
    form = NewLink(data=_fields(request))
    if not form.is_valid():
        return render_message(request, 400, parameter_errors=list(form.errors.items()))
    access = access_of(request)
    try:
        link, token = links.make_link(
            hotel_id=hotel_id,
            days=int(form.validated_data["days"]),
            purpose=form.validated_data["purpose"],
            access=access,
            user_id=request.user.pk,
        )
    except links.TooManyLinks:
        reason = _("this hotel has %(number)d links already: revoke one first") % {
            "number": links.MAX_LIVE_LINKS
        }
        return render_message(request, 400, parameter_errors=[("link", [reason])])
    address = f"{reverse('shared-report')}?{urlencode({'link': token})}"
    return _page(request, hotel_id, 201, made=link, made_at=request.build_absolute_uri(address))


@require_POST
def revoke_page(request: HttpRequest) -> HttpResponse:
    """Revoke a link of the hotel, and lead back to the list."""
    hotel_id = _hotel_to_share(request)
    if isinstance(hotel_id, HttpResponse):
        return hotel_id
    form = RevokedLink(data=_fields(request))
    if not form.is_valid():
        return render_message(request, 400, parameter_errors=list(form.errors.items()))
    was_live = links.revoke_link(
        hotel_id=hotel_id, link_id=form.validated_data["link"], who=access_of(request).name
    )
    if not was_live:
        reason = _("this hotel has no such link, or it has ended")
        return render_message(request, 404, parameter_errors=[("link", [reason])])
    return HttpResponseRedirect(f"{reverse('read-only-links')}?{urlencode({'hotel_id': hotel_id})}")


def _hotel_to_share(request: HttpRequest) -> int | HttpResponse:
    """Return the hotel whose links the sender may make, or the page that says why not."""
    query = read_page_query(request, LinksQuery, Ability.READ_DASHBOARD, "the dashboard")
    if isinstance(query, HttpResponse):
        return query
    access = access_of(request)
    if not access.by_session and settings.API_AUTH != "open":
        reason = _("Links are made by people who are logged in")
        return render_message(request, 403, forbidden=reason)
    if not may_share(access, int(query["hotel_id"])):
        reason = _(
            "%(name)s may not share figures: that needs the right to decide about prices or to "
            "change hotels"
        ) % {"name": access.name}
        return render_message(request, 403, forbidden=reason)
    return int(query["hotel_id"])


def _fields(request: HttpRequest) -> dict[str, Any]:
    """Return the form's fields; one that is sent twice is a list, which is refused."""
    fields: dict[str, Any] = {}
    for name, values in request.POST.lists():
        if name != "csrfmiddlewaretoken":
            fields[name] = values[0] if len(values) == 1 else values
    return fields


def _page(request: HttpRequest, hotel_id: int, status: int = 200, **made: Any) -> HttpResponse:
    context = {
        "hotel_id": hotel_id,
        "profile": get_profile(hotel_id),
        "links": list(links.live_links(hotel_id, timezone.now())),
        "valid_days": links.VALID_DAYS,
        "longest_purpose": MAX_PURPOSE_LENGTH,
        **made,
    }
    response = render(request, "overview/read_only_links.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response
