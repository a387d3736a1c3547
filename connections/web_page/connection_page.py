"""`/connections/`: connect a hotel's booking system in five steps, and see how it is read.

Shown to people who may change the hotel. Secrets go in by this page and never come out of it; the
address of the webhook, which has a token, is shown to them only.
"""

from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from rest_framework import serializers

from common import hotel_directory
from common.access_rights import Ability, access_of
from common.html_pages import read_page_query, render_message
from common.stored_reasons import in_words
from common.strict_input import HotelField, QuerySerializer
from connections import connection_setup
from connections.adapters.adapter import SHAPE_ERRORS, VendorFailure
from connections.adapters.known_vendors import ADAPTERS, addresses_of
from connections.files.file_adapter import FileAdapter
from connections.files.file_model import FileState
from connections.models import (
    MAX_ID_LENGTH,
    Connection,
    ConnectionState,
    FailureKind,
    HandChanges,
)
from connections.secret_encryption import SecretsUnreadable
from connections.web_page.acts_in_words import line_of
from connections.web_page.connection_forms import perform
from connections.web_page.reservation_way import way_of_reservation

SHOWN_PROBLEMS: Final = 100
SHOWN_ACTS: Final = 20
SHOWN_FILES: Final = 20


class ConnectionsQuery(QuerySerializer):
    """Query parameters of the page."""

    hotel_id = HotelField()
    reservation = serializers.CharField(
        max_length=MAX_ID_LENGTH, required=False, help_text="A number in the booking system."
    )
    choose = serializers.ChoiceField(
        ["house_use"], required=False, help_text="What is to be chosen anew."
    )


@require_http_methods(["GET", "HEAD", "POST"])
def connections_page(request: HttpRequest) -> HttpResponse:
    """Return the page; a POST does what its form asks for and leads back to it."""
    query = read_page_query(
        request, ConnectionsQuery, Ability.CHANGE_HOTELS, "the connections of hotels", "change"
    )
    if isinstance(query, HttpResponse):
        return query
    hotel_id = query["hotel_id"]
    if request.method != "POST":
        return _page(request, query)
    fields = request.POST.dict()
    if any(len(request.POST.getlist(name)) > 1 for name in fields):
        return render_message(request, 400, parameter_errors=[("form", ["given twice"])])
    to_confirm: dict[str, str] = {}
    who = access_of(request).name
    if problem := perform(hotel_id, str(fields.get("act", "")), fields, who, to_confirm):
        return _page(request, query, problem, entered=_entered(fields) | to_confirm)
    address = f"{reverse('connections')}?{urlencode({'hotel_id': hotel_id})}"
    return HttpResponseRedirect(address)


def _entered(fields: dict[str, Any]) -> dict[str, str]:
    """Return what was entered of a form and is no secret, to be shown again."""
    kind = ADAPTERS.get(str(fields.get("vendor", "")))
    open_fields = [one.name for one in kind.needed if not one.is_secret] if kind else []
    shown = {name: str(fields[name]) for name in open_fields if name in fields}
    return (
        {**shown, "vendor": kind.vendor, "address": str(fields.get("address", ""))} if kind else {}
    )


def _page(
    request: HttpRequest, query: dict[str, Any], problem: str = "",
    entered: dict[str, str] | None = None,
) -> HttpResponse:  # fmt: skip
    hotel_id = query["hotel_id"]
    connection = connection_setup.connection_of(hotel_id)
    context: dict[str, Any] = {
        "hotel_id": hotel_id,
        "hotel_name": hotel_directory.hotels().names([hotel_id])[hotel_id],
        "connection": connection,
        "problem": problem,
        "hand_changes": HandChanges.choices,
        "entered": entered or {},
        "longest_history": connection_setup.MAX_IMPORT_YEARS,
        "vendors": [
            {"kind": kind, "addresses": addresses_of(kind).items()} for kind in ADAPTERS.values()
        ],
    }
    if connection is not None:
        context |= _state(request, connection)
        if connection.state == ConnectionState.PREPARING:
            context |= _open_questions(connection)
        elif query.get("choose"):
            found = _open_questions(connection)
            optional = [row for row in found.get("questions", ()) if not row[0].is_required]
            context |= found | {"choosing": True, "questions": optional}
        if number := query.get("reservation"):
            context["way"] = way_of_reservation(connection, number.strip())
    response = render(
        request, "connections/connections.html", context, status=400 if problem else 200
    )
    response["Cache-Control"] = "private, no-store"
    return response


def _state(request: HttpRequest, connection: Connection) -> dict[str, Any]:
    try:
        token = connection_setup.webhook_token(connection)
    except SecretsUnreadable:
        token = ""
    path = reverse("connection-webhook", args=[token]) if token else ""
    return {
        "kind": ADAPTERS.get(connection.vendor),
        "webhook_address": request.build_absolute_uri(path) if path else "",
        "reservations": connection.reservations.count(),
        "prices": connection.prices.count(),
        "problem_count": connection.problems.count(),
        "problems": connection.problems.order_by("-read_at", "reservation_id")[:SHOWN_PROBLEMS],
        "acts": [(one.at, line_of(one)) for one in connection.acts.all()[:SHOWN_ACTS]],
        "changes_by_hand": connection.changes_by_hand.exclude(problem="")[:SHOWN_PROBLEMS],
        "import_percent": int(100 * (connection.import_share or 0)),
        **_files(connection),
    }


def _files(connection: Connection) -> dict[str, Any]:
    """Return what is shown of a system that exports files."""
    if not issubclass(connection_setup.kind_of(connection), FileAdapter):
        return {}
    rows = connection.files.order_by("-written_at", "-pk")
    taken = rows.filter(state=FileState.TAKEN).first()
    return {
        "files": rows[:SHOWN_FILES],
        "reservations": taken.reservations if taken else 0,
        "to_check": rows.filter(state=FileState.SENT).first()
        if connection.failure == FailureKind.COLUMNS
        else None,
    }


def _open_questions(connection: Connection) -> dict[str, Any]:
    """Return what the booking system lets a person choose; it is asked for each time."""
    try:
        if not connection.property_id:
            return {"properties": connection_setup.properties(connection)}
        questions = connection_setup.questions(connection)
    except (VendorFailure, SecretsUnreadable) as failure:
        return {"vendor_problem": in_words(str(failure))}
    except SHAPE_ERRORS:
        return {"vendor_problem": _("it answered something that is not as documented")}
    chosen = connection.choices
    return {
        "questions": [(one, chosen.get(one.name, "")) for one in questions],
        "is_answered": all(one.name in chosen for one in questions if one.is_required),
    }
