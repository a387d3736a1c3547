"""`/shared/report/` and `/shared/table/`: what whoever has a read-only link sees, without a login.

The hotel is the link's and no parameter; nothing but its report and the report's tables answers. No
response is stored, indexed by search engines, or named to other sites. The link's text is in the
query string, which no log of this system contains.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from common.html_pages import render_message
from common.strict_input import QuerySerializer
from dashboard_service.month_report.report_content import report_content
from dashboard_service.month_report.report_views import MonthQuery, render_report
from dashboard_service.table_downloads.table_views import TableQuery, table_response
from overview.read_only_links import links
from overview.read_only_links.link_models import ReadOnlyLink

MAX_TOKEN_CHARACTERS = 100
PRIVATE_HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}


class LinkField(serializers.CharField):
    """The query parameter `link`: the text of a read-only link."""

    def __init__(self) -> None:
        super().__init__(max_length=MAX_TOKEN_CHARACTERS)


class SharedReportQuery(MonthQuery):
    """Parameters of `/shared/report/`."""

    link = LinkField()


class SharedTableQuery(TableQuery):
    """Parameters of `/shared/table/`: the hotel is that of the link."""

    hotel_id = None  # type: ignore[assignment]  # removes the inherited field
    link = LinkField()


Answer = Callable[[HttpRequest, ReadOnlyLink, dict[str, Any]], HttpResponse]


def _by_link(query: type[QuerySerializer]) -> Callable[[Answer], Callable[..., HttpResponse]]:
    """Make a view of a function that gets a valid link and valid parameters."""

    def decorate(answer: Answer) -> Callable[..., HttpResponse]:
        @wraps(answer)
        def view(request: HttpRequest) -> HttpResponse:
            response = _answer(request, query, answer)
            for name, value in PRIVATE_HEADERS.items():
                response[name] = value
            return response

        return require_safe(view)

    return decorate


@sensitive_variables("parameters")
def _answer(request: HttpRequest, query: type[QuerySerializer], answer: Answer) -> HttpResponse:
    try:
        parameters = query.read(Request(request))
    except ValidationError as error:
        wrong: Any = error.detail
        return render_message(request, 400, parameter_errors=list(wrong.items()))
    try:
        return answer(request, links.find_link(parameters["link"]), parameters)
    except links.UnknownLink:
        return render(request, "overview/link_ended.html", {}, status=403)
    except links.EndedLink as ended:
        return render(request, "overview/link_ended.html", {"reason": str(ended)}, status=410)


@_by_link(SharedReportQuery)
def shared_report(
    request: HttpRequest, link: ReadOnlyLink, parameters: dict[str, Any]
) -> HttpResponse:
    """Return the report of the link's hotel."""
    month = SharedReportQuery.first_day(parameters)
    token = urlencode({"link": parameters["link"]})
    return render_report(
        request,
        report_content(link.hotel_id, month),
        report_at=f"{reverse('shared-report')}?{token}",
        tables_at=f"{reverse('shared-table')}?{token}",
        shared=link,
    )


@_by_link(SharedTableQuery)
def shared_table(
    request: HttpRequest, link: ReadOnlyLink, parameters: dict[str, Any]
) -> HttpResponse:
    """Return a table of the link's hotel as a file."""
    return table_response(request, {**parameters, "hotel_id": link.hotel_id})
