"""What every web page does first (access rights, query parameters), and its error pages."""

from collections.abc import Collection
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request

from common.access_rights import Ability, access_of
from common.error_responses import RETRY_AFTER_SECONDS, logger
from common.strict_input import QuerySerializer

CONTENTS = (
    gettext_noop("the dashboard"),
    gettext_noop("prices"),
    gettext_noop("competitors' rates of hotels"),
    gettext_noop("files"),
    gettext_noop("the settings of hotels"),
    gettext_noop("the connections of hotels"),
    gettext_noop("the people of hotels"),
    gettext_noop("the audit log"),
)
# What somebody may not do who opens a page, by what the page is for.
NOT_ALLOWED = {
    "read": _("%(name)s may not read %(content)s"),
    "change": _("%(name)s may not change %(content)s"),
    "set": _("%(name)s may not set %(content)s"),
    "upload": _("%(name)s may not upload %(content)s"),
    "write": _("%(name)s may not write %(content)s"),
}


def read_page_query(
    request: HttpRequest,
    query: type[QuerySerializer],
    ability: Ability,
    content_name: str,
    act: str = "read",
) -> dict[str, Any] | HttpResponse:
    """Return the query parameters of a page, or the login or error page to send instead.

    Args:
        query: declares the parameters. If `hotel_id` is among them, the request's sender needs
            access to that hotel.
        ability: what the sender needs to read the page; the request's rights are narrowed to the
            hotels of it.
        content_name: what the page shows, for the error message; one of CONTENTS.
        act: what the page is for, for the error message: "read", "change".
    """
    access = access_of(request)
    if not access.is_known:
        return redirect_to_login(request.get_full_path())
    try:
        parameters = query.read(Request(request))
        if ability not in access.abilities:
            values = {"name": access.name, "content": gettext(content_name)}
            raise PermissionDenied(NOT_ALLOWED[act] % values)
        access = access.narrowed(ability)
        request.access = access  # type: ignore[attr-defined]
        access.must_see([parameters["hotel_id"]] if "hotel_id" in parameters else [])
    except ValidationError as error:
        errors = cast(dict[str, Any], error.detail).items()
        return render_message(request, 400, parameter_errors=list(errors))
    except PermissionDenied as error:
        return render_message(request, 403, forbidden=str(error.detail))
    return parameters


def without_empty(request: HttpRequest, names: Collection[str]) -> None:
    """Take from a request's parameters those that a form sends for its empty fields.

    Args:
        names: of the form's fields that may be empty; an empty parameter is an error elsewhere.
    """
    filled = request.GET.copy()
    for name in request.GET:
        if name in names and not any(value.strip() for value in request.GET.getlist(name)):
            del filled[name]
    request.GET = QueryDict(filled.urlencode())


def render_database_unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the page that says that the database does not answer, and log the error."""
    logger.error("the database does not answer: %s", error)
    response = render_message(request, 503, database_unavailable=True)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def accepts_html(request: HttpRequest) -> bool:
    """Return whether the sender is a browser that shows pages, by its Accept header."""
    return "text/html" in request.headers.get("Accept", "")


def render_message(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """Return a page with one message; `context` selects it in templates/common/message.html."""
    return render(request, "common/message.html", context, status=status)
