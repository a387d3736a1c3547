"""What every web page does first: who asks, what for, and may they; and what it says instead."""

from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request

from common.access_rights import Ability, access_of
from common.error_responses import logger
from common.strict_input import QuerySerializer


def asked_for(
    request: HttpRequest, query: type[QuerySerializer], ability: Ability, what: str
) -> dict[str, Any] | HttpResponse:
    """What the address of a page says, or the page that says why it shows nothing.

    Args:
        query: the parameters; `hotel_id` among them is a hotel that the asker must be for.
        ability: that the asker needs, to read `what`, as a person calls it.
    """
    access = access_of(request)
    if not access.is_known:
        return redirect_to_login(request.get_full_path())
    try:
        asked = query.read(Request(request))
        if ability not in access.abilities:
            raise PermissionDenied(f"{access.name} may not read {what}")
        access.must_see([asked["hotel_id"]] if "hotel_id" in asked else [])
    except ValidationError as error:
        return said(request, 400, wrong=list(cast(dict[str, Any], error.detail).items()))
    except PermissionDenied as error:
        return said(request, 403, not_allowed=str(error.detail))
    return asked


def away(request: HttpRequest, error: Exception) -> HttpResponse:
    """The page that says that the database does not answer."""
    logger.error("the database does not answer: %s", error)
    response = said(request, 503, is_away=True)
    response["Retry-After"] = "5"
    return response


def said(request: HttpRequest, status: int, **what: Any) -> HttpResponse:
    """A page that says one thing only."""
    return render(request, "common/message.html", {**what, "status": status}, status=status)
