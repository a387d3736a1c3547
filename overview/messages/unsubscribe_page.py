"""The page of the link at the end of a mail: it ends one kind of mails, without a login.

Opening it changes nothing, because mail filters open links; its button, and the one click of a mail
program (RFC 8058), do. The messages go on coming to the inbox.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.language.language_choice import in_language_of
from dashboard_service import figures_for_pricing
from dashboard_service.hotel_profiles import hotel_language
from overview.alerts.alert_models import AlertKind, AlertRule
from overview.messages.readers import Readers
from overview.messages.unsubscribe_link import Subscription, read_token
from overview.morning_mail.subscription_models import MORNING, MorningSubscription


@csrf_exempt  # mail programs have no cookie; the signed link is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link ends, and end it on POST."""
    subscription = read_token(token)
    if subscription is None:
        return render(request, "overview/messages/unsubscribe.html", status=404)
    if request.method == "POST":
        end_mails(subscription)
    user = Readers().user(subscription.user_id)
    hotel = figures_for_pricing.names([subscription.hotel_id])[subscription.hotel_id]
    context = {
        "subscription": subscription,
        "hotel": hotel,
        "is_morning": subscription.kind == MORNING,
        "label": dict(AlertKind.choices).get(subscription.kind, ""),
        "is_ended": request.method == "POST",
    }
    # The link names its user, who may read it in a browser of another language.
    with in_language_of(user, hotel_language(subscription.hotel_id)):
        response = render(request, "overview/messages/unsubscribe.html", context)
        response["Content-Language"] = get_language()
    return response


def end_mails(subscription: Subscription) -> None:
    """End one kind of mails for a user and hotel; doing it twice is doing it once.

    Raises: django.db.Error.
    """
    mine = {"user_id": subscription.user_id, "hotel_id": subscription.hotel_id}
    if subscription.kind == MORNING:
        MorningSubscription.objects.filter(**mine).update(is_on=False)
    else:
        AlertRule.objects.filter(**mine, kind=subscription.kind).update(by_mail=False)
