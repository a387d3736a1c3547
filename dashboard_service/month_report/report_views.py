"""`GET /dashboard/report/`: a month's report as a page for A4, rendered whole by the server."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from rest_framework import serializers

from common.access_rights import Ability, Access, access_of
from common.html_pages import read_page_query
from common.strict_input import HotelField, QuerySerializer, WholeNumberField
from common.value_limits import MAX_YEAR, MIN_YEAR
from dashboard_service.month_report.report_content import report_content

SHARING = (Ability.SET_PRICES, Ability.CHANGE_HOTELS)  # one of them is needed to make a link


class MonthQuery(QuerySerializer):
    """The month of a report; without it that of the newest data."""

    year = WholeNumberField(required=False, min_value=MIN_YEAR, max_value=MAX_YEAR)
    month = WholeNumberField(required=False, min_value=1, max_value=12)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("year" in attrs) != ("month" in attrs):
            missing = "month" if "year" in attrs else "year"
            raise serializers.ValidationError({missing: _("year and month go together")})
        return attrs

    @staticmethod
    def first_day(parameters: dict[str, Any]) -> date | None:
        """Return the first day of the month that valid parameters name."""
        return date(parameters["year"], parameters["month"], 1) if "year" in parameters else None


class ReportQuery(MonthQuery):
    """Parameters of `GET /dashboard/report/`."""

    hotel_id = HotelField()


@require_safe
@gzip_page
def month_report(request: HttpRequest) -> Any:
    """Return the report."""
    query = read_page_query(request, ReportQuery, Ability.READ_DASHBOARD, "the dashboard")
    if isinstance(query, HttpResponse):
        return query
    hotel_id = query["hotel_id"]
    content = report_content(hotel_id, ReportQuery.first_day(query))
    hotel = urlencode({"hotel_id": hotel_id})
    return render_report(
        request,
        content,
        report_at=f"{reverse('dashboard-report')}?{hotel}",
        tables_at=f"{reverse('dashboard-table')}?{hotel}",
        page_at=f"{reverse('home')}?{hotel}",
        may_share=may_share(access_of(request), hotel_id),
        hotel_id=hotel_id,
    )


def may_share(access: Access, hotel_id: int) -> bool:
    """Return whether a sender may make links by which others read the hotel's report."""
    return any(access.may(ability, hotel_id) for ability in SHARING)


def render_report(
    request: HttpRequest, content: dict[str, Any], *, report_at: str, tables_at: str, **more: Any
) -> HttpResponse:
    """Return the report's page.

    Args:
        content: as `report_content` returns it.
        report_at: the address of this report, to which `&year=…&month=…` is added.
        tables_at: the address of its tables as files, to which their parameters are added.
        more: further variables of the template.
    """
    context = {**content, "report_at": report_at, "tables_at": tables_at, **more}
    response = render(request, "dashboard/report.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response
