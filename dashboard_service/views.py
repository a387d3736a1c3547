"""The dashboard over REST."""

from pathlib import Path
from typing import Any

from django.utils import timezone
from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import ANY_TIME, BAD_REQUEST, BODY_ERRORS, DETAIL
from common.etags import fingerprint, tagged
from common.pagination import page_response
from common.renderers_and_parsers import CsvRenderer, OrjsonRenderer
from common.strict_input import NoParameters, hotel_number
from dashboard_service import figures, hotel_profiles
from dashboard_service.data_provider_client import Provider
from dashboard_service.models import HotelProfile
from dashboard_service.serializers import (
    CheckOutput,
    DashboardOutput,
    DashboardQuery,
    HotelOutput,
    HotelsQuery,
    PickupOutput,
    PickupQuery,
    ProfileInput,
    ProfileOutput,
    StatusOutput,
)

WRITTEN = fingerprint(Path(__file__).resolve().parent)

# The sample's first hotel, so that "Try it out" answers with figures at once.
HOTEL_ID = openapi.Parameter(
    "hotel_id",
    openapi.IN_QUERY,
    type=openapi.TYPE_INTEGER,
    required=True,
    description="Which hotel; the bundled sample brings hotels 1 and 2.",
    x_example=1,
)
NO_SUCH_HOTEL = openapi.Response("No number of a hotel", DETAIL)
FORMAT = openapi.Parameter(
    "format",
    openapi.IN_QUERY,
    type=openapi.TYPE_STRING,
    enum=["json", "csv"],
    description="The same rows as CSV.",
)


class DashboardView(APIView):
    """`/dashboard/`"""

    needs = {"GET": Ability.READ_DASHBOARD}

    renderer_classes = [OrjsonRenderer, CsvRenderer]
    csv_columns = figures.COLUMNS

    @swagger_auto_schema(
        operation_id="dashboard_read",
        operation_summary="Room-nights of a hotel by day, month or year",
        operation_description=(
            "One row for every period of the span in order of time, zeros filled in. Send the "
            "`ETag` of an answer back as `If-None-Match` and get a 304 until the figures change."
        ),
        query_serializer=DashboardQuery,
        manual_parameters=[HOTEL_ID, FORMAT],
        responses={200: DashboardOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Any:
        span = DashboardQuery.span(DashboardQuery.read(request))
        access_of(request).must_see([span.hotel_id])
        kind = getattr(request, "accepted_renderer", OrjsonRenderer).format

        def answer() -> Response:
            response = Response(figures.periods(span))
            if kind == "csv":
                name = f"hotel-{span.hotel_id}-{span.period}-{span.basis}.csv"
                response["Content-Disposition"] = f'attachment; filename="{name}"'
            return response

        def parts() -> tuple[Any, ...]:
            return WRITTEN, kind, span, figures.changed_at(span.hotel_id)

        return tagged(request, parts(), answer, parts)


class HotelsView(APIView):
    """`/dashboard/hotels/`"""

    needs = {"GET": Ability.READ_DASHBOARD}

    @swagger_auto_schema(
        operation_id="dashboard_hotels",
        operation_summary="The hotels that have data",
        query_serializer=HotelsQuery,
        responses={200: HotelOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Response:
        parameters = HotelsQuery.read(request)
        size = parameters["page_size"]
        mine = access_of(request).hotels
        found = figures.hotels(parameters["basis"], parameters["cursor"], size + 1, mine)
        page = found[:size]
        following = {"cursor": page[-1]["hotel_id"]} if len(found) > size else None
        return page_response(request, page, following)


class HotelView(APIView):
    """`/dashboard/hotels/<hotel_id>/`"""

    needs = {"GET": Ability.READ_DASHBOARD, "PATCH": Ability.CHANGE_HOTELS}

    @swagger_auto_schema(
        operation_id="dashboard_hotel",
        operation_summary="What is told about a hotel",
        responses={200: ProfileOutput, 400: BAD_REQUEST, 404: NO_SUCH_HOTEL, **ANY_TIME},
        tags=["dashboard"],
    )
    def get(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        number = hotel_number(request, hotel_id)
        known = HotelProfile.objects.filter(hotel_id=number).first()
        return Response(hotel_profiles.shown(known or HotelProfile(hotel_id=number)))

    @swagger_auto_schema(
        operation_id="dashboard_hotel_change",
        operation_summary="Tell a hotel's name, time zone and rooms",
        operation_description=(
            "What is left out stays as it is. After a change of the time zone the figures stay as "
            "they were until the hotel was recounted (`recounting`), then change at once."
        ),
        request_body=ProfileInput,
        responses={
            200: ProfileOutput,
            400: BAD_REQUEST,
            404: NO_SUCH_HOTEL,
            **BODY_ERRORS,
            **ANY_TIME,
        },
        tags=["dashboard"],
    )
    def patch(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        number = hotel_number(request, hotel_id)
        told = ProfileInput(data=request.data)
        told.is_valid(raise_exception=True)
        return Response(hotel_profiles.shown(hotel_profiles.tell(number, **told.validated_data)))


class PickupView(APIView):
    """`/dashboard/pickup/`"""

    needs = {"GET": Ability.READ_DASHBOARD}

    @swagger_auto_schema(
        operation_id="dashboard_pickup",
        operation_summary="Pickup: what is on the books for the coming nights, and how it changed",
        operation_description=(
            "One row for each night from `as_of` on: net room-nights on the books at the end of "
            "that day, and the change in the last 1, 7 and 30 days."
        ),
        query_serializer=PickupQuery,
        manual_parameters=[HOTEL_ID],
        responses={200: PickupOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Any:
        asked = PickupQuery.read(request)
        access_of(request).must_see([asked["hotel_id"]])

        def parts() -> tuple[Any, ...]:
            # The newest day with data may be yesterday's future.
            hour = timezone.now().strftime("%Y-%m-%d %H")
            return WRITTEN, asked, figures.changed_at(asked["hotel_id"]), hour

        return tagged(request, parts(), lambda: Response(figures.pickup(**asked)), parts)


class StatusView(APIView):
    """`/dashboard/status/`"""

    needs = {"GET": Ability.READ_DASHBOARD}

    @swagger_auto_schema(
        operation_id="dashboard_status",
        operation_summary="How fresh the figures are",
        responses={200: StatusOutput, 400: BAD_REQUEST, **ANY_TIME},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Response:
        NoParameters.read(request)
        with Provider() as provider:
            return Response(figures.status(provider))


class CheckView(APIView):
    """`/dashboard/check/`"""

    needs = {"GET": Ability.READ_DASHBOARD}

    @swagger_auto_schema(
        operation_id="dashboard_check",
        operation_summary="What the last daily check against a recount found",
        responses={200: CheckOutput, 400: BAD_REQUEST, **ANY_TIME},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Response:
        NoParameters.read(request)
        return Response(figures.last_check())
