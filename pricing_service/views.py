"""Prices over REST: taken by the booking system, decided about by people."""

from typing import Any

from django.core.exceptions import ValidationError as WrongModel
from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import ANY_TIME, BAD_REQUEST, BODY_ERRORS, DETAIL
from common.pagination import page_response
from common.renderers_and_parsers import CsvRenderer, OrjsonRenderer
from common.strict_input import NoParameters, hotel_number
from pricing_service import price_listing
from pricing_service.decisions import manual_decisions
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.demand.demand_outlook import look
from pricing_service.models import Action, PriceDecision
from pricing_service.rules import pricing_rules
from pricing_service.rules.pricing_rules import Told
from pricing_service.serializers import (
    DecisionInput,
    DecisionOutput,
    DecisionsQuery,
    NightOutput,
    NightQuery,
    PreviewOutput,
    PriceOutput,
    PricesQuery,
    ProposalOutput,
    RulesInput,
    RulesOutput,
)

# The sample's first hotel, as elsewhere in Swagger.
HOTEL_ID = openapi.Parameter(
    "hotel_id", openapi.IN_QUERY, type=openapi.TYPE_INTEGER, required=True,
    description="Which hotel.", x_example=1,
)  # fmt: skip
FORMAT = openapi.Parameter(
    "format", openapi.IN_QUERY, type=openapi.TYPE_STRING, enum=["json", "csv"],
    description="The same rows as CSV.",
)  # fmt: skip
NO_PROFILE = openapi.Response("The hotel has no pricing profile, or the night no price", DETAIL)
TAGS = ["prices"]


class PricesView(APIView):
    """`/prices/`"""

    needs = {"GET": Ability.READ_PRICES}

    renderer_classes = [OrjsonRenderer, CsvRenderer]
    csv_columns = price_listing.COLUMNS

    @swagger_auto_schema(
        operation_id="prices_read",
        operation_summary="Prices of a hotel's nights, in force and recommended",
        operation_description=(
            "One row for each night that has a price, in order of time; none for a hotel without a "
            "pricing profile. `price` is what a booking system should sell at."
        ),
        query_serializer=PricesQuery,
        manual_parameters=[HOTEL_ID, FORMAT],
        responses={200: PriceOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        asked = PricesQuery.read(request)
        hotel_id = asked["hotel_id"]
        access_of(request).must_see([hotel_id])
        response = Response(price_listing.span(hotel_id, asked.get("from"), asked.get("to")))
        if getattr(request, "accepted_renderer", OrjsonRenderer).format == "csv":
            name = f"hotel-{hotel_id}-price_listing.csv"
            response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


class NightView(APIView):
    """`/prices/night/`"""

    needs = {"GET": Ability.READ_PRICES}

    @swagger_auto_schema(
        operation_id="prices_night",
        operation_summary="One night's price with its factors, booking curve and decisions",
        query_serializer=NightQuery,
        manual_parameters=[HOTEL_ID],
        responses={200: NightOutput, 400: BAD_REQUEST, 404: NO_PROFILE, **ANY_TIME},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        asked = NightQuery.read(request)
        access_of(request).must_see([asked["hotel_id"]])
        found = price_listing.night(**asked)
        if found is None:
            raise NotFound(f"hotel {asked['hotel_id']} has no price for {asked['night']}")
        return Response(found)


class DecisionsView(APIView):
    """`/prices/decisions/`"""

    needs = {"GET": Ability.READ_PRICES, "POST": Ability.SET_PRICES}

    @swagger_auto_schema(
        operation_id="prices_decisions",
        operation_summary="What was decided about a hotel's prices, the newest first",
        query_serializer=DecisionsQuery,
        manual_parameters=[HOTEL_ID],
        responses={200: DecisionOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        asked = DecisionsQuery.read(request)
        access_of(request).must_see([asked["hotel_id"]])
        rows = PriceDecision.objects.filter(hotel_id=asked["hotel_id"])
        bounds = {"from": "night__gte", "to": "night__lte", "cursor": "id__lt"}
        rows = rows.filter(**{bounds[name]: asked[name] for name in bounds if name in asked})
        found = list(rows.order_by("-id")[: asked["page_size"] + 1])
        page = found[: asked["page_size"]]
        following = {"cursor": page[-1].id} if len(found) > len(page) else None
        return page_response(request, [price_listing.decision(one) for one in page], following)

    @swagger_auto_schema(
        operation_id="prices_decide",
        operation_summary="Accept, override, lock or release the prices of nights",
        operation_description=(
            "All of the nights or none. An overridden or locked price stays until it is released. "
            "Answers the nights as they are then; deciding the same twice changes nothing."
        ),
        request_body=DecisionInput,
        responses={200: PriceOutput(many=True), 400: BAD_REQUEST, **BODY_ERRORS, **ANY_TIME},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        NoParameters.read(request)
        given = DecisionInput(data=request.data)
        given.is_valid(raise_exception=True)
        asked = dict(given.validated_data)
        hotel_id, access = asked.pop("hotel_id"), access_of(request)
        access.must_see([hotel_id])
        asked["action"] = Action(asked["action"])
        try:
            rows = manual_decisions.decide(hotel_id, who=access.name, **asked)
        except manual_decisions.CannotDecide as error:
            raise ValidationError({error.field: [str(error)]}) from error
        known = pricing_rules.told(hotel_id)
        return Response([price_listing.shown(known, row) for row in rows] if known else [])


def _rules_shown(told: Told) -> dict[str, Any]:
    profile = told.profile
    profile.has_webhook_secret = bool(profile.webhook_secret)  # type: ignore[attr-defined]
    for name in pricing_rules.LISTS:
        setattr(profile, name, getattr(told, name))
    return dict(RulesOutput(profile).data)


def _changes(request: Request) -> dict[str, Any]:
    given = RulesInput(data=request.data, partial=True)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class RulesView(APIView):
    """`/prices/hotels/<hotel_id>/`"""

    needs = {"GET": Ability.READ_PRICES, "PATCH": Ability.SET_PRICES}

    @swagger_auto_schema(
        operation_id="prices_rules",
        operation_summary="A hotel's pricing profile",
        responses={200: RulesOutput, 400: BAD_REQUEST, 404: NO_PROFILE, **ANY_TIME},
        tags=TAGS,
    )
    def get(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        number = hotel_number(request, hotel_id)
        known = pricing_rules.told(number)
        if known is None:
            raise NotFound(f"hotel {number} has no pricing profile: PATCH its base_price")
        return Response(_rules_shown(known))

    @swagger_auto_schema(
        operation_id="prices_rules_change",
        operation_summary="Make or change a hotel's pricing profile",
        operation_description=(
            "A new profile needs `base_price`; minimum and maximum begin at 60 % and 250 % of it. "
            "Lists are replaced whole. The hotel's prices are recomputed before the answer."
        ),
        request_body=RulesInput,
        responses={
            200: RulesOutput, 400: BAD_REQUEST, 404: NO_PROFILE, **BODY_ERRORS, **ANY_TIME,
        },
        tags=TAGS,
    )  # fmt: skip
    def patch(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        number = hotel_number(request, hotel_id)
        try:
            told = pricing_rules.tell(number, _changes(request))
        except WrongModel as error:
            raise ValidationError(error.message_dict) from error
        reprice(number)
        return Response(_rules_shown(told))


class PreviewView(APIView):
    """`/prices/hotels/<hotel_id>/preview/`"""

    needs = {"POST": Ability.READ_PRICES}

    @swagger_auto_schema(
        operation_id="prices_preview",
        operation_summary="What a change of the pricing profile would do; changes nothing",
        request_body=RulesInput,
        responses={200: PreviewOutput(many=True), 400: BAD_REQUEST, **BODY_ERRORS, **ANY_TIME},
        tags=TAGS,
    )
    def post(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        number = hotel_number(request, hotel_id)
        try:
            wanted = pricing_rules.changed(pricing_rules.told(number), number, _changes(request))
        except WrongModel as error:
            raise ValidationError(error.message_dict) from error
        return Response(price_listing.preview_of(number, wanted))


class ProposalView(APIView):
    """`/prices/hotels/<hotel_id>/proposal/`"""

    needs = {"GET": Ability.READ_PRICES}

    @swagger_auto_schema(
        operation_id="prices_proposal",
        operation_summary="Rooms, booking window, week, year and targets as the history shows them",
        responses={200: ProposalOutput, 400: BAD_REQUEST, 404: NO_PROFILE, **ANY_TIME},
        tags=TAGS,
    )
    def get(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        number = hotel_number(request, hotel_id)
        return Response({"hotel_id": number, **vars(look(number, None).proposal)})
