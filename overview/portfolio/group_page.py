"""The page of groups of hotels at `/hotels/groups/`: make, rename, fill and delete them.

Forms without a script. What is wrong is said above the form, which keeps what was typed; nothing is
changed then.
"""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from common.access_rights import Ability, access_of
from common.html_pages import read_page_query, render_message
from common.strict_input import QuerySerializer, WholeNumberField
from common.value_limits import MAX_HOTEL_ID
from dashboard_service.figures.many_hotels.hotel_state import hotel_states
from overview.portfolio.hotel_groups import (
    MAX_GROUP_HOTELS,
    InvalidGroup,
    delete_group,
    save_group,
    visible_groups,
)


class GroupsQuery(QuerySerializer):
    """Query parameters of the page."""

    group = WholeNumberField(required=False, min_value=1)


@require_http_methods(["GET", "HEAD", "POST"])
@gzip_page
def groups(request: HttpRequest) -> HttpResponse:
    """Return the page with the group in the address, or a form for a new one; save a form."""
    query = read_page_query(request, GroupsQuery, Ability.READ_DASHBOARD, "the dashboard")
    if isinstance(query, HttpResponse):
        return query
    access = access_of(request)
    if Ability.CHANGE_HOTELS not in access.abilities:
        reason = _("%(name)s may not change hotels, and so makes no groups") % {"name": access.name}
        return render_message(request, 403, forbidden=reason)
    if request.method == "POST":
        return _save(request)
    return _page(request, query.get("group"))


def _save(request: HttpRequest) -> HttpResponse:
    form, access = request.POST, access_of(request)
    number = _number(form.get("group", ""))
    typed: dict[str, Any] = {
        "name": form.get("name", ""),
        "hotels": {_number(text) or 0 for text in form.getlist("hotel")},
    }
    try:
        if "delete" in form and number is not None:
            delete_group(access, number)
            return redirect("hotel-groups")
        saved = save_group(access, number, typed["name"], typed["hotels"])
    except InvalidGroup as error:
        return _page(request, number, wrong=str(error), typed=typed)
    return redirect(f"{reverse('portfolio')}?group={saved.number}")


def _number(text: str) -> int | None:
    """Return a number from a form; None for none."""
    return int(text) if re.fullmatch(r"[0-9]{1,10}", text) and int(text) <= MAX_HOTEL_ID else None


def _page(
    request: HttpRequest,
    number: int | None,
    wrong: str = "",
    typed: dict[str, Any] | None = None,
) -> HttpResponse:
    access = access_of(request)
    groups = visible_groups(access)
    group = next((one for one in groups if one.number == number and one.may_change), None)
    states = hotel_states(access.hotels_for(Ability.CHANGE_HOTELS), MAX_GROUP_HOTELS)
    name, chosen = (group.name, group.hotels) if group else ("", frozenset())
    if typed:
        name, chosen = typed["name"], typed["hotels"]
    hotels = [(state.hotel_id, state.profile, state.hotel_id in chosen) for state in states]
    hotels.sort(key=lambda hotel: (str(hotel[1]).casefold(), hotel[0]))
    context = {
        "groups": groups,
        "group": group,
        "is_unknown_group": number is not None and group is None and not wrong,
        "name": name,
        "hotels": hotels,
        "wrong": wrong,
    }
    return render(request, "overview/hotel_groups.html", context, status=400 if wrong else 200)
