"""`GET /pricing/table/`: a table of the pricing page as an Excel or CSV file."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from rest_framework import serializers

from common.access_rights import Ability
from common.html_pages import read_page_query, render_message
from common.strict_input import HotelField
from common.table_files import FormatField, TableFile, file_response
from dashboard_service import figures_for_pricing
from dashboard_service.figures_for_pricing import Hotel
from pricing_service.room_types.room_type_serializers import RoomTypeField
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules
from pricing_service.table_downloads import night_tables
from pricing_service.table_downloads.rule_tables import LISTS, rule_table
from pricing_service.web_page.group_quote_page import FIELDS, GroupQuoteQuery, quote_or_errors
from pricing_service.web_page.page_views import MonthField

TABLES: Final = ("nights", "decisions", "group_quote", *LISTS)
# Which tables a parameter goes with.
OF_TABLES: Final[dict[str, tuple[str, ...]]] = {
    "month": ("nights", "decisions"),
    "room_type": ("nights",),
    **dict.fromkeys(FIELDS, ("group_quote",)),
}


class TableQuery(GroupQuoteQuery):
    """Parameters of `GET /pricing/table/`; those of a group's quote are the page's."""

    hotel_id = HotelField()
    table = serializers.ChoiceField(TABLES, help_text="Which table of the page.")
    format = FormatField()
    month = MonthField(required=False)
    room_type = RoomTypeField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wrong = {
            name: _("goes with %(tables)s") % {"tables": f"table={' or table='.join(tables)}"}
            for name, tables in OF_TABLES.items()
            if name in attrs and attrs["table"] not in tables
        }
        if wrong:
            raise serializers.ValidationError(wrong)
        return attrs


@require_safe
def pricing_table(request: HttpRequest) -> HttpResponse:
    """Return the table as a download."""
    query = read_page_query(request, TableQuery, Ability.READ_PRICES, "prices")
    if isinstance(query, HttpResponse):
        return query
    return _download(request, query)


def _download(request: HttpRequest, query: dict[str, Any]) -> HttpResponse:
    hotel = figures_for_pricing.hotel(query["hotel_id"])
    hotel_rules = load_rules(hotel.hotel_id)
    if hotel_rules is None:
        return render_message(
            request, 404, parameter_errors=[("hotel_id", [_("this hotel has no prices yet")])]
        )
    if query["table"] == "group_quote":
        typed: dict[str, str] = {name: query[name].strip() for name in FIELDS if name in query}
        quote, errors = quote_or_errors(hotel.hotel_id, typed)
        if quote is None:
            listed = [(name, [text]) for name, text in errors.items()]
            return render_message(request, 400, parameter_errors=listed)
        table = night_tables.quote_table(quote)
    else:
        try:
            table = _table(query, hotel, hotel_rules)
        except night_tables.UnknownType as error:
            reason = _("this hotel has no room type %(name)s") % {"name": repr(str(error))}
            return render_message(request, 404, parameter_errors=[("room_type", [reason])])
    what = " ".join([table.title, *_details(query, hotel)])
    return file_response(table, query["format"], hotel.name, what)


def _table(query: dict[str, Any], hotel: Hotel, hotel_rules: HotelPricingRules) -> TableFile:
    month = query.get("month")
    if query["table"] == "nights":
        return night_tables.nights_table(hotel, hotel_rules, month, query.get("room_type"))
    if query["table"] == "decisions":
        return night_tables.decisions_table(hotel, hotel_rules.rules.currency, month)
    return rule_table(query["table"], hotel_rules)


def _details(query: dict[str, Any], hotel: Hotel) -> list[str]:
    """Return what the file's name says beside the table's title."""
    if "month" in query:
        return [f"{query['month']:%Y-%m}", *filter(None, [query.get("room_type")])]
    if "arrival" in query:
        return [query["arrival"]]
    return [f"{hotel.today}", *filter(None, [query.get("room_type")])]
