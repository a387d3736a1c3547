"""REST view of what can be undone of a hotel's prices and rules."""

from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from django.utils.translation import gettext as _
from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import ANY_TIME, BAD_REQUEST, BODY_ERRORS
from common.audited_changes import RULES, report_change
from common.strict_input import HotelField, NoParameters, QuerySerializer, StrictInput
from common.value_limits import MAX_HOTEL_ID
from pricing_service.decisions import undo
from pricing_service.decisions.undo_models import UndoStep
from pricing_service.rules.pricing_rules import ROOMS


class UndoQuery(QuerySerializer):
    """Parameters of `GET /prices/undo/`."""

    hotel_id = HotelField()


class UndoInput(StrictInput):
    """Body of `POST /prices/undo/`."""

    hotel_id = serializers.IntegerField(min_value=1, max_value=MAX_HOTEL_ID)
    step = serializers.IntegerField(min_value=1, help_text="The `id` that `GET` returned.")

    class Meta:
        ref_name = "UndoInput"


class UndoStepOutput(serializers.ModelSerializer):
    """An act that can be undone."""

    summary = serializers.CharField(source="shown_summary", help_text="The act in words.")

    class Meta:
        model = UndoStep
        fields = ("id", "hotel_id", "made_at", "who", "summary")
        ref_name = "UndoStep"


class UndoneOutput(serializers.Serializer):
    """What was undone."""

    hotel_id = serializers.IntegerField()
    step = serializers.IntegerField()
    nights = serializers.IntegerField(help_text="Nights whose price or hold was restored.")

    class Meta:
        ref_name = "Undone"


class UndoView(APIView):
    """`/prices/undo/`"""

    needs = {"GET": Ability.READ_PRICES, "POST": Ability.SET_PRICES}

    @swagger_auto_schema(
        operation_id="prices_undo_step",
        operation_summary="The newest act of a person that can be undone",
        operation_description=(
            "A list with one act or none: a decision about nights, or a change of the rules, of "
            "the last 24 hours. After it is undone, the act before it follows."
        ),
        query_serializer=UndoQuery,
        manual_parameters=[
            openapi.Parameter(
                "hotel_id", openapi.IN_QUERY, type=openapi.TYPE_INTEGER, required=True,
                description="The hotel's id.", x_example=1,
            )
        ],
        responses={200: UndoStepOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=["prices"],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        hotel_id = UndoQuery.read(request)["hotel_id"]
        access_of(request).must_see([hotel_id])
        step = undo.newest_step(hotel_id)
        return Response([UndoStepOutput(step).data] if step else [])

    @swagger_auto_schema(
        operation_id="prices_undo",
        operation_summary="Undo the newest act",
        operation_description=(
            "Restores prices and holds, and for a change of the rules the rules, as they were "
            "before it; what followed from it by itself is undone, too. Nights that have begun "
            "stay as they are."
        ),
        request_body=UndoInput,
        responses={200: UndoneOutput, 400: BAD_REQUEST, **BODY_ERRORS, **ANY_TIME},
        tags=["prices"],
    )
    def post(self, request: Request) -> Response:
        NoParameters.read(request)
        serializer = UndoInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        body: dict[str, Any] = serializer.validated_data
        hotel_id, step_id, access = body["hotel_id"], body["step"], access_of(request)
        access.must_see([hotel_id])
        step = undo.newest_step(hotel_id)
        may_change_rooms = access.may(Ability.CHANGE_HOTELS, hotel_id)
        if step and ROOMS in step.rules_before and not may_change_rooms:
            raise PermissionDenied(
                _(
                    "%(name)s may set prices and not change hotels: the step changed "
                    "`rooms_for_sale`, which is part of the hotel's profile"
                )
                % {"name": access.name}
            )
        try:
            nights = undo.undo(hotel_id, step_id, access.name)
        except undo.UndoImpossible as error:
            raise ValidationError({"step": [str(error)]}) from error
        except ModelValidationError as error:
            raise ValidationError({"step": error.messages}) from error
        if step and step.rules_before:
            report_change(access, hotel_id, RULES, f"undone: {step.summary}")
        return Response({"hotel_id": hotel_id, "step": step_id, "nights": nights})
