"""REST view of what a decision about nights would touch."""

from typing import Any

from drf_yasg.utils import swagger_auto_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability
from common.api_documentation import ANY_TIME, BAD_REQUEST, BODY_ERRORS
from pricing_service.decisions.decision_preview import preview_decision, preview_rule
from pricing_service.decisions.decision_requests import errors_by_field, read_decision
from pricing_service.decisions.rules_for_nights import NightRule
from pricing_service.serializers import DecisionInput


class DecisionPreviewOutput(serializers.Serializer):
    """What a decision would touch."""

    hotel_id = serializers.IntegerField()
    action = serializers.CharField()
    nights = serializers.IntegerField(help_text="How many nights it is about.")
    first = serializers.DateField(help_text="Of these nights.")
    last = serializers.DateField()
    changed = serializers.IntegerField(
        help_text="Of these, nights whose price in force, or its hold, changes at once."
    )
    recommended_changed = serializers.IntegerField(
        help_text="Of these, nights whose recommended price changes at once; 0 for decisions."
    )
    held = serializers.IntegerField(help_text="Of these, nights that a person holds, before.")
    fixed = serializers.IntegerField(help_text="Of these, nights with a fixed price, before.")
    left_out = serializers.IntegerField(
        help_text="Nights of the range that are closed or have no price: the decision leaves them "
        "out. 0 for rules, which are about all nights."
    )
    beyond_bounds = serializers.IntegerField(
        help_text="With fix, nights whose bounds the price is outside of, which it may be; with "
        "bounds, nights for which a narrower rule counts."
    )
    sentence = serializers.CharField(help_text="All of it in words.")

    class Meta:
        ref_name = "PriceDecisionPreview"


class DecisionPreviewView(APIView):
    """`/prices/decisions/preview/`"""

    needs = {"POST": Ability.SET_PRICES}

    @swagger_auto_schema(
        operation_id="prices_decide_preview",
        operation_summary="What a decision would touch; saves nothing",
        operation_description=(
            "Takes the body of `POST /prices/decisions/` and checks it in the same way."
        ),
        request_body=DecisionInput,
        responses={200: DecisionPreviewOutput, 400: BAD_REQUEST, **BODY_ERRORS, **ANY_TIME},
        tags=["prices"],
    )
    def post(self, request: Request) -> Response:
        hotel_id, nights, action, values = read_decision(request)
        with errors_by_field():
            preview: dict[str, Any] = (
                preview_rule(hotel_id, nights, action, **values)
                if isinstance(action, NightRule)
                else preview_decision(hotel_id, nights, action, **values)
            )
        return Response(preview)
