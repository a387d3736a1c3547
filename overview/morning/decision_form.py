"""What the morning's forms send without script: one decision about one night's price.

It does what `POST /prices/decisions/` does, and says in a message what came of it.
"""

from __future__ import annotations

import re
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError

from common.access_rights import Ability, access_of
from common.currencies import currency_decimals, format_amount
from common.html_pages import render_message
from common.number_and_date_texts import date_text, money_text
from common.strict_input import DateField, HotelField, StrictInput
from overview.morning.page_views import morning_address
from overview.morning.since_when import SinceField
from pricing_service.decisions import manual_decisions
from pricing_service.decisions.decision_requests import errors_by_field
from pricing_service.models import Action
from pricing_service.serializers import DecisionInput

DONE: Final = {
    Action.ACCEPT: gettext_lazy("Accepted: %(night)s, %(price)s."),
    Action.OVERRIDE: gettext_lazy("Set and held: %(night)s, %(price)s."),
}


class DecisionForm(StrictInput):
    """Fields of a form: the night, the act, and its price as it was shown or typed."""

    hotel_id = HotelField()
    night = DateField()
    action = serializers.ChoiceField(choices=[Action.ACCEPT.value, Action.OVERRIDE.value])
    price = serializers.CharField(max_length=40)
    since = SinceField(required=False)


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Apply a form's decision, and return to the morning's page."""
    access = access_of(request)
    if not access.is_known:
        return redirect_to_login(reverse("morning"))
    form = DecisionForm(data=_fields(request))
    if not form.is_valid():
        return render_message(request, 400, parameter_errors=list(form.errors.items()))
    values = form.validated_data
    try:
        if Ability.SET_PRICES not in access.abilities:
            raise PermissionDenied(_("%(name)s may not set prices") % {"name": access.name})
        access.narrowed(Ability.SET_PRICES).must_see([values["hotel_id"]])
        messages.success(request, _decide(values, access.name))
    except PermissionDenied as error:
        return render_message(request, 403, forbidden=str(error.detail))
    except ValidationError as error:
        reasons = _in_words(error.detail)
        messages.error(request, _("Nothing was changed: %(reasons)s") % {"reasons": reasons})
    since = {"since": request.POST["since"]} if "since" in values else {}
    return HttpResponseRedirect(morning_address(values["hotel_id"], **since) + "#needs")


def _fields(request: HttpRequest) -> dict[str, str]:
    """Return the form's fields without its token, and without those that are empty."""
    fields = {name: request.POST[name] for name in request.POST if name != "csrfmiddlewaretoken"}
    return {name: text for name, text in fields.items() if text.strip() or name == "price"}


def _decide(values: dict[str, Any], who: str) -> str:
    """Decide as REST does, and return what was done. Raises: ValidationError."""
    typed = values["price"].strip()
    if re.fullmatch(r"[0-9]+,[0-9]{1,2}", typed):
        typed = typed.replace(",", ".")  # a decimal comma
    body = {
        "hotel_id": values["hotel_id"],
        "nights": [values["night"].isoformat()],
        "action": values["action"],
        "price": typed,
    }
    decision = DecisionInput(data=body)
    decision.is_valid(raise_exception=True)
    valid = decision.validated_data
    action = Action(valid["action"])
    with errors_by_field():
        [row] = manual_decisions.decide(
            valid["hotel_id"], valid["nights"], action, who, price=valid["price"]
        )
    price = money_text(format_amount(row.price, row.currency), currency_decimals(row.currency))
    return DONE[action] % {"night": date_text(row.night, "day"), "price": price}


def _in_words(errors: Any) -> str:
    """Return errors by field in one line, each reason once."""
    found = errors.values() if isinstance(errors, dict) else errors
    reasons = [
        str(reason) for texts in found for reason in (texts if isinstance(texts, list) else [texts])
    ]
    return "; ".join(dict.fromkeys(reasons))
