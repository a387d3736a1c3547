"""The portfolio at `/hotels/`: a line for each hotel, what needs a person first.

Sorting, the filter by name or group, and pages are in the address and done by the server, so that
five hundred hotels are one short page, which needs no script, and every view can be kept or passed
on.
"""

from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from rest_framework import serializers

from common.access_rights import Ability, Access, access_of
from common.html_pages import read_page_query, without_empty
from common.strict_input import QuerySerializer, WholeNumberField
from dashboard_service.figures.many_hotels.hotel_state import hotel_states
from dashboard_service.figures.many_hotels.key_figures import NIGHTS, SPANS
from overview.portfolio import line_table
from overview.portfolio.hotel_groups import visible_groups
from overview.portfolio.stored_lines import load_lines

MOST_HOTELS: Final = 1_000  # in one portfolio; who has more chooses a group
PAGE_HOTELS: Final = 100
MAX_TEXT: Final = 100  # as many characters as a name has
SORT_NAMES: Final = {
    "attention": gettext_lazy("What needs attention"),
    "name": gettext_lazy("Name"),
    "occupancy_1": gettext_lazy("Occupancy tonight"),
    "occupancy_30": gettext_lazy("Occupancy, 30 nights"),
    "occupancy_90": gettext_lazy("Occupancy, 90 nights"),
    "adr_1": gettext_lazy("ADR tonight"),
    "adr_30": gettext_lazy("ADR, 30 nights"),
    "adr_90": gettext_lazy("ADR, 90 nights"),
    "revpar_1": gettext_lazy("RevPAR tonight"),
    "revpar_30": gettext_lazy("RevPAR, 30 nights"),
    "revpar_90": gettext_lazy("RevPAR, 90 nights"),
    "pickup": gettext_lazy("Pickup of 7 days"),
    "pace": gettext_lazy("Pace"),
    "changed": gettext_lazy("Last change"),
}


class PortfolioQuery(QuerySerializer):
    """Query parameters of the page."""

    q = serializers.CharField(required=False, default="", max_length=MAX_TEXT)
    group = WholeNumberField(required=False, min_value=1)
    sort = serializers.ChoiceField(list(line_table.SORTS), default="attention")
    order = serializers.ChoiceField(line_table.ORDERS, required=False)
    page = WholeNumberField(required=False, default=1, min_value=1, max_value=1_000)


@require_safe
@gzip_page
def portfolio(request: HttpRequest) -> HttpResponse:
    """Return the page of the filter, order and page in the address."""
    without_empty(request, ("q", "group"))
    query = read_page_query(request, PortfolioQuery, Ability.READ_DASHBOARD, "the dashboard")
    if isinstance(query, HttpResponse):
        return query
    context = _context(access_of(request), query)
    response = render(request, "overview/portfolio.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


def _context(access: Access, query: dict[str, Any]) -> dict[str, Any]:
    groups = visible_groups(access)
    chosen = next((group for group in groups if group.number == query.get("group")), None)
    is_unknown_group = "group" in query and chosen is None
    allowed = chosen.hotels if chosen else frozenset() if is_unknown_group else access.hotels
    states = hotel_states(allowed, MOST_HOTELS + 1)
    lines = load_lines(states[:MOST_HOTELS])
    every = line_table.table_lines(lines, with_prices=Ability.READ_PRICES in access.abilities)
    rows = line_table.filter_lines(every, query["q"])
    sort = query["sort"]
    order = query.get("order") or line_table.usual_order(sort)
    ordered = line_table.sort_lines(rows, sort, order)
    pages = max(1, -(-len(ordered) // PAGE_HOTELS))
    page = min(query["page"], pages)
    start = (page - 1) * PAGE_HOTELS
    asked = {name: query[name] for name in ("q", "group") if query.get(name)}
    return {
        "asked": query,
        "groups": groups,
        "group": chosen,
        "is_unknown_group": is_unknown_group,
        "may_group": Ability.CHANGE_HOTELS in access.abilities,
        "may_see_prices": Ability.READ_PRICES in access.abilities,
        "hotels": [(state.hotel_id, state.profile) for state in states],
        "most_hotels": MOST_HOTELS,
        "is_cut": len(states) > MOST_HOTELS,
        "shown": ordered[start : start + PAGE_HOTELS],
        "found": len(ordered),
        "needing": sum(bool(row.needs) for row in ordered),
        "totals": line_table.totals(ordered),
        "heads": _heads(asked, sort, order),
        "sorts": SORT_NAMES,
        "sort": sort,
        "order": order,
        "spans": SPANS,
        "nights": NIGHTS,
        "pages": _pages(asked, sort, order, page, pages),
    }


def _heads(asked: dict[str, Any], sort: str, order: str) -> dict[str, dict[str, str]]:
    """Return for each column the address that sorts by it, or the other way, and its state."""
    heads = {}
    for key in line_table.SORTS:
        wanted = line_table.usual_order(key)
        state = ""
        if key == sort:
            wanted = "asc" if order == "desc" else "desc"
            state = "ascending" if order == "asc" else "descending"
        heads[key] = {"address": _address(asked, key, wanted), "state": state}
    return heads


def _pages(
    asked: dict[str, Any], sort: str, order: str, page: int, pages: int
) -> list[dict[str, Any]]:
    """Return the pages with their addresses; none where there is one only."""
    if pages == 1:
        return []
    return [
        {
            "number": number,
            "address": _address(asked, sort, order, page=number),
            "is_chosen": number == page,
        }
        for number in range(1, pages + 1)
    ]


def _address(asked: dict[str, Any], sort: str, order: str, **more: Any) -> str:
    return "?" + urlencode({**asked, "sort": sort, "order": order, **more})
