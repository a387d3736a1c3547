"""`GET /dashboard/table/`: a table of the dashboard's page as an Excel or CSV file.

The parameters are those of the page, so that a link beside a table is the page's own address.
"""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from rest_framework import serializers

from common.access_rights import Ability
from common.html_pages import read_page_query, render_message
from common.strict_input import HotelField
from common.table_files import FormatField, file_response
from dashboard_service.serializers import PageQuery
from dashboard_service.table_downloads.figure_tables import TABLES, NoSuchTable, figure_table
from dashboard_service.web_page import page_content
from dashboard_service.web_page.page_choice import Choice

PAGE_PARAMETERS = ("period", "basis", "year", "month", "show")


class TableQuery(PageQuery):
    """Parameters of `GET /dashboard/table/`: those of the page, which table, and the format."""

    hotel_id = HotelField()
    table = serializers.ChoiceField(TABLES, help_text="Which table of the page.")
    format = FormatField()


@require_safe
def dashboard_table(request: HttpRequest) -> HttpResponse:
    """Return the table as a download."""
    query = read_page_query(request, TableQuery, Ability.READ_DASHBOARD, "the dashboard")
    if isinstance(query, HttpResponse):
        return query
    return table_response(request, query)


def table_response(request: HttpRequest, query: dict[str, Any]) -> HttpResponse:
    """Return the table that valid parameters of TableQuery name, or the page that says why not."""
    choice: dict[str, Any] = {name: query.get(name) for name in PAGE_PARAMETERS}
    content = page_content.build_context(query["hotel_id"], **choice)
    try:
        table = figure_table(query["table"], content)
    except NoSuchTable as error:
        return render_message(request, 404, parameter_errors=[("table", [str(error)])])
    what = f"{table.title} {_span_name(query['table'], content['choice'], content['today'])}"
    return file_response(table, query["format"], str(content["profile"]), what)


def _span_name(table: str, choice: Choice, newest_day: date) -> str:
    """Return what time a file is about, for its name."""
    if table == "pickup":
        return f"{newest_day}"
    if choice.period == "year" and table == "figures":
        return _("by year")
    return f"{choice.year}-{choice.month:02}" if choice.month else f"{choice.year}"
