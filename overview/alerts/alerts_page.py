"""The page at `/alerts/`: what a user wants to be told of a hotel, how, and at which hour.

Everything is off until it is switched on. The page has three forms, which work without script:
rules, the morning mail, and the address of a webhook.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common.access_rights import Ability, access_of
from common.html_pages import read_page_query, render_message
from common.mails import mail_is_sent
from common.strict_input import HotelField, QuerySerializer
from dashboard_service import figures_for_pricing
from overview.alerts import alert_forms
from overview.alerts.alert_models import AlertKind, AlertRule
from overview.alerts.alert_thresholds import THRESHOLDS, proposed_threshold
from overview.alerts.alert_words import MORNING_WISH, NAMES, WISHES, sentence_parts
from overview.hotel_choice import hotel_context
from overview.messages.inbox_page import no_user
from overview.messages.message_models import MessageWebhook
from overview.messages.readers import inbox_access, may_read, reader_id
from overview.morning.page_views import default_hotel
from overview.morning_mail.subscription_models import MorningSubscription
from pricing_service.delivery.receiver_address import shortened

SAVED = {
    "rules": gettext_lazy("The alerts are saved."),
    "morning": gettext_lazy("The morning mail is saved."),
    "webhook": gettext_lazy("The address is saved."),
}


class AlertsQuery(QuerySerializer):
    """Query parameters of the page."""

    hotel_id = HotelField(required=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def alerts(request: HttpRequest) -> HttpResponse:
    """Show a user's wishes for a hotel, and save one of the forms."""
    query = read_page_query(request, AlertsQuery, Ability.READ_PRICES, "prices")
    if isinstance(query, HttpResponse):
        return query
    access = inbox_access(request)
    if access is None:
        return no_user(request)
    hotel_id = query.get("hotel_id") or default_hotel(request)
    if hotel_id is None:  # the home page says how the first events come in
        return HttpResponseRedirect(reverse("home"))
    if not may_read(access, hotel_id):
        reason = _("%(name)s may not read the dashboard") % {"name": access.name}
        return render_message(request, 403, forbidden=reason)
    if request.method == "POST":
        return _save(request, hotel_id)
    return _page(request, hotel_id)


def _save(request: HttpRequest, hotel_id: int) -> HttpResponse:
    """Save the form that was sent; on an error show the page with what was typed."""
    part, user_id = request.POST.get("part", ""), reader_id(request)
    fields = {name: request.POST[name] for name in request.POST if name not in alert_forms.KEPT}
    secret = ""
    try:
        if part == "rules":
            alert_forms.save_rules(user_id, hotel_id, alert_forms.read_rules(fields))
        elif part == "morning":
            zone = figures_for_pricing.hotel(hotel_id).time_zone
            alert_forms.save_morning(user_id, hotel_id, fields, zone)
        elif part == "webhook":
            secret = alert_forms.save_webhook(user_id, hotel_id, fields)
        else:
            raise ValidationError(
                {"part": [_("must be one of %(names)s") % {"names": ", ".join(SAVED)}]}
            )
    except ValidationError as error:
        return _page(request, hotel_id, part, fields, error.message_dict, status=400)
    if secret:  # shown once, in the answer itself
        return _page(request, hotel_id, part, secret=secret)
    messages.success(request, SAVED[part])
    return HttpResponseRedirect(f"{reverse('alerts')}?hotel_id={hotel_id}")


def _page(
    request: HttpRequest,
    hotel_id: int,
    part: str = "",
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, list[str]] | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    user_id = reader_id(request)
    hotel = figures_for_pricing.hotel(hotel_id)
    mine = {"user_id": user_id, "hotel_id": hotel_id}
    webhook = MessageWebhook.objects.filter(**mine).first()
    morning = MorningSubscription.objects.filter(**mine).first() or MorningSubscription()
    wrong = {name: "; ".join(reasons) for name, reasons in (errors or {}).items()}
    form = typed or {}
    rules = _rules(user_id, hotel_id, hotel.rooms, form if part == "rules" else {}, wrong)
    shown = {name for row in rules for name in row["errors"]}
    morning_before, morning_after = sentence_parts(MORNING_WISH)
    context = {
        "hotel": hotel,
        **hotel_context(hotel_id, access_of(request)),
        "rules": rules,
        "has_rooms": hotel.rooms is not None or bool(hotel.rooms_by_date),
        "morning_on": form.get("on") == alert_forms.ON if part == "morning" else morning.is_on,
        "morning_hour": morning.hour,
        "morning_before": morning_before,
        "morning_after": morning_after,
        "hours": range(24),
        "webhook": form.get("url", "") if part == "webhook" and errors else "",
        "webhook_shown": shortened(webhook.url) if webhook else "",
        "has_webhook": webhook is not None,
        "secret": secret,
        "wrong": wrong,
        "other_errors": [
            f"{name}: {reason}"
            for name, reason in wrong.items()
            if name not in shown | {"url", "hour"}
        ],
        "mail_is_sent": mail_is_sent(),
        "address": request.user.email,  # type: ignore[union-attr]  # a user is logged in
    }
    return render(request, "overview/alerts/alerts.html", context, status=status)


def _rules(
    user_id: int,
    hotel_id: int,
    rooms: int | None,
    typed: Mapping[str, str],
    wrong: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Return a row for each alert, as it was typed, is saved, or is proposed."""
    saved = {
        rule.kind: rule for rule in AlertRule.objects.filter(user_id=user_id, hotel_id=hotel_id)
    }
    rows = []
    for kind in AlertKind:
        rule = saved.get(kind) or AlertRule(threshold=proposed_threshold(kind, rooms))
        before, after = sentence_parts(WISHES[kind])
        error_names = [name for name in (f"{kind}-threshold", f"{kind}-on") if name in wrong]
        rows.append(
            {
                "kind": kind.value,
                "legend": NAMES[kind],
                "before": before,
                "after": after,
                "limits": THRESHOLDS[kind],
                "is_saved": kind in saved,
                "is_on": f"{kind}-on" in typed if typed else rule.on_since is not None,
                "threshold": typed.get(f"{kind}-threshold", rule.threshold),
                "by_mail": f"{kind}-mail" in typed if typed else rule.by_mail,
                "by_webhook": f"{kind}-webhook" in typed if typed else rule.by_webhook,
                "errors": error_names,
                "wrong": "; ".join(wrong[name] for name in error_names),
            }
        )
    return rows
