"""REST views of prices, decisions about them, and pricing rules."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import ANY_TIME, BAD_REQUEST, BODY_ERRORS, DETAIL
from common.audited_changes import RULES, describe_changes, report_change
from common.pagination import page_response
from common.renderers_and_parsers import CsvRenderer, OrjsonRenderer
from common.strict_input import NoParameters, hotel_number
from pricing_service import price_listing
from pricing_service.decisions import manual_decisions, undo
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.decision_requests import errors_by_field, read_decision
from pricing_service.decisions.rules_for_nights import NightRule, set_for_nights
from pricing_service.demand.demand_outlook import load_outlook
from pricing_service.room_types.room_type_listing import (
    UnknownRoomType,
    list_room_type_prices,
    room_types_of_night,
)
from pricing_service.rules import pricing_rules
from pricing_service.rules.calendar_proposals import propose_calendar
from pricing_service.rules.price_preview import preview_prices
from pricing_service.rules.room_type_proposals import room_types_from_history
from pricing_service.rules.rule_list_serializers import ProposalOutput
from pricing_service.rules.rules_serializers import PreviewOutput, RulesInput, RulesOutput
from pricing_service.rules.rules_snapshot import audited_values
from pricing_service.serializers import (
    DecisionInput,
    DecisionOutput,
    DecisionsQuery,
    NightOutput,
    NightQuery,
    PriceOutput,
    PricesQuery,
)
from pricing_service.texts.written_values import iso_day

# The example is the sample's first hotel, as elsewhere in Swagger.
HOTEL_ID = openapi.Parameter(
    "hotel_id", openapi.IN_QUERY, type=openapi.TYPE_INTEGER, required=True,
    description="The hotel's id.", x_example=1,
)  # fmt: skip
FORMAT = openapi.Parameter(
    "format", openapi.IN_QUERY, type=openapi.TYPE_STRING, enum=["json", "csv"],
    description="The same rows as CSV.",
)  # fmt: skip
NO_RULES = openapi.Response("The hotel has no pricing rules, or the night has no price", DETAIL)
NO_RULES_YET = gettext_lazy("hotel %(hotel)d has no pricing rules: PATCH its base_price")
TAGS = ["prices"]


class PricesView(APIView):
    """`/prices/`"""

    needs = {"GET": Ability.READ_PRICES}

    renderer_classes = [OrjsonRenderer, CsvRenderer]
    csv_columns = price_listing.COLUMNS

    @swagger_auto_schema(
        operation_id="prices_read",
        operation_summary="A hotel's prices by night, in force and recommended",
        operation_description=(
            "One row for each night that has a price, in order of time; none for a hotel without "
            "pricing rules. `price` is the price at which a booking system should sell. With "
            "`room_type`, the rows of that room type: its price follows from the reference's."
        ),
        query_serializer=PricesQuery,
        manual_parameters=[HOTEL_ID, FORMAT],
        responses={200: PriceOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        query = PricesQuery.read(request)
        hotel_id = query["hotel_id"]
        access_of(request).must_see([hotel_id])
        span = query.get("from"), query.get("to")
        try:
            if room_type := query.get("room_type"):
                rows = list_room_type_prices(hotel_id, room_type, *span)
            else:
                rows = price_listing.list_prices(hotel_id, *span)
        except UnknownRoomType as error:
            raise ValidationError({"room_type": [str(error)]}) from error
        response = Response(rows)
        if getattr(request, "accepted_renderer", OrjsonRenderer).format == "csv":
            filename = f"hotel-{hotel_id}-prices.csv"
            response["Content-Disposition"] = f'attachment; filename="{filename}"'
        return response


class NightView(APIView):
    """`/prices/night/`"""

    needs = {"GET": Ability.READ_PRICES}

    @swagger_auto_schema(
        operation_id="prices_night",
        operation_summary="One night's price with its factors, booking curve and decisions",
        query_serializer=NightQuery,
        manual_parameters=[HOTEL_ID],
        responses={200: NightOutput, 400: BAD_REQUEST, 404: NO_RULES, **ANY_TIME},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        query = NightQuery.read(request)
        access_of(request).must_see([query["hotel_id"]])
        details = price_listing.night_details(**query)
        if details is None:
            raise NotFound(
                _("hotel %(hotel)d has no price for %(night)s")
                % {"hotel": query["hotel_id"], "night": iso_day(query["night"])}
            )
        return Response({**details, "room_types": room_types_of_night(**query)})


class DecisionsView(APIView):
    """`/prices/decisions/`"""

    needs = {"GET": Ability.READ_PRICES, "POST": Ability.SET_PRICES}

    @swagger_auto_schema(
        operation_id="prices_decisions",
        operation_summary="Decisions about a hotel's prices, newest first",
        query_serializer=DecisionsQuery,
        manual_parameters=[HOTEL_ID],
        responses={200: DecisionOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        query = DecisionsQuery.read(request)
        access_of(request).must_see([query["hotel_id"]])
        decisions = price_listing.decisions_to_show(query["hotel_id"])
        lookups = {"from": "night__gte", "to": "night__lte", "cursor": "id__lt"}
        decisions = decisions.filter(
            **{lookups[name]: query[name] for name in lookups if name in query}
        )
        # One more than the page shows whether another page follows.
        rows = list(decisions[: query["page_size"] + 1])
        page = rows[: query["page_size"]]
        next_page = {"cursor": page[-1].id} if len(rows) > len(page) else None
        currency = pricing_rules.currency_of(query["hotel_id"])
        serialized = [price_listing.serialize_decision(decision, currency) for decision in page]
        return page_response(request, serialized, next_page)

    @swagger_auto_schema(
        operation_id="prices_decide",
        operation_summary="Decide about the prices of nights, or set rules for them",
        operation_description=(
            "Applies to all of the nights or to none. An overridden or locked price is held until "
            "it is released. `fix`, `unfix`, `event` and `bounds` add to the hotel's rules, or "
            "take from them, what concerns these nights, and price the hotel at once. Returns the "
            "nights after it; repeating a request changes nothing."
        ),
        request_body=DecisionInput,
        responses={200: PriceOutput(many=True), 400: BAD_REQUEST, **BODY_ERRORS, **ANY_TIME},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        hotel_id, nights, action, values = read_decision(request)
        who = access_of(request).name
        with errors_by_field():
            rows = (
                set_for_nights(hotel_id, nights, action, who, **values)
                if isinstance(action, NightRule)
                else manual_decisions.decide(hotel_id, nights, action, who, **values)
            )
        rules = pricing_rules.load_rules(hotel_id)
        return Response(
            [price_listing.serialize_price(rules, row) for row in rows] if rules else []
        )


def _parse_changes(request: Request) -> dict[str, Any]:
    serializer = RulesInput(data=request.data, partial=True)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _check_room_rights(request: Request, hotel_id: int, changes: dict[str, Any]) -> None:
    """Check who changes rooms: they are the hotel profile's, so both rights are needed.

    Raises: PermissionDenied. Whoever sends the rooms back as they are changes nothing.
    """
    rooms = changes.get(pricing_rules.ROOMS)
    if rooms is None or access_of(request).may(Ability.CHANGE_HOTELS, hotel_id):
        return
    if not pricing_rules.are_current_rooms(hotel_id, rooms):
        raise PermissionDenied(
            _(
                "%(name)s may set prices and not change hotels: `rooms_for_sale` is part of the "
                "hotel's profile; leave it out, or use a key or user that may do both"
            )
            % {"name": access_of(request).name}
        )


class RulesView(APIView):
    """`/prices/hotels/<hotel_id>/`"""

    needs = {"GET": Ability.READ_PRICES, "PATCH": Ability.SET_PRICES}

    @swagger_auto_schema(
        operation_id="prices_rules",
        operation_summary="A hotel's pricing rules",
        responses={200: RulesOutput, 400: BAD_REQUEST, 404: NO_RULES, **ANY_TIME},
        tags=TAGS,
    )
    def get(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        number = hotel_number(request, hotel_id)
        rules = pricing_rules.load_rules(number)
        if rules is None:
            raise NotFound(NO_RULES_YET % {"hotel": number})
        may_set = access_of(request).may(Ability.SET_PRICES, number)
        return Response(RulesOutput.of(rules, may_set=may_set))

    @swagger_auto_schema(
        operation_id="prices_rules_change",
        operation_summary="Create or change a hotel's pricing rules",
        operation_description=(
            "New rules need `base_price`; minimum and maximum default to 60 % and 250 % of it. "
            "A list replaces the stored list. Another currency makes all prices anew: it needs all "
            "amounts with it. The hotel is repriced before the response. A "
            "`webhook_url` without a `webhook_secret` makes one, which this answer shows, once. "
            "`rooms_for_sale` is the list `rooms_by_date` of the hotel's profile: to change it "
            "needs the right to change hotels as well."
        ),
        request_body=RulesInput,
        responses={
            200: RulesOutput, 400: BAD_REQUEST, 404: NO_RULES, **BODY_ERRORS, **ANY_TIME,
        },
        tags=TAGS,
    )  # fmt: skip
    def patch(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        number = hotel_number(request, hotel_id)
        changes = _parse_changes(request)
        _check_room_rights(request, number, changes)
        before = audited_values(pricing_rules.load_rules(number), changes)
        with errors_by_field():
            rules = undo.save_rules_and_step(number, changes, access_of(request).name)
        after = audited_values(pricing_rules.load_rules(number), changes)
        if told := describe_changes(before, after, changes):
            report_change(access_of(request), number, RULES, told)
        reprice(number)
        return Response(RulesOutput.of(rules, may_set=True))


class PreviewView(APIView):
    """`/prices/hotels/<hotel_id>/preview/`"""

    needs = {"POST": Ability.READ_PRICES}

    @swagger_auto_schema(
        operation_id="prices_preview",
        operation_summary="Prices that a change of the pricing rules would give; saves nothing",
        request_body=RulesInput,
        responses={200: PreviewOutput(many=True), 400: BAD_REQUEST, **BODY_ERRORS, **ANY_TIME},
        tags=TAGS,
    )
    def post(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        number = hotel_number(request, hotel_id)
        with errors_by_field():
            current = pricing_rules.load_rules(number)
            changed = pricing_rules.with_changes(current, number, _parse_changes(request))
        return Response(preview_prices(number, changed))


class ProposalView(APIView):
    """`/prices/hotels/<hotel_id>/proposal/`"""

    needs = {"GET": Ability.READ_PRICES}

    @swagger_auto_schema(
        operation_id="prices_proposal",
        operation_summary="Pricing rules proposed from the hotel's history",
        operation_description=(
            "Also public holidays as events, by country and region of the hotel's profile, and "
            "minimum stays for strong nights whose neighbours would stay empty, and room types "
            "that were sold in the last year. Nothing is saved."
        ),
        responses={200: ProposalOutput, 400: BAD_REQUEST, 404: NO_RULES, **ANY_TIME},
        tags=TAGS,
    )
    def get(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        number = hotel_number(request, hotel_id)
        outlook = load_outlook(number, None)
        calendar = propose_calendar(number, outlook)
        return Response(
            {
                "hotel_id": number,
                **vars(outlook.proposal),
                **calendar,
                "room_types": room_types_from_history(number, outlook.as_of),
            }
        )
