"""The dashboard over REST."""

from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dashboard_service import figures, hotel_profiles
from dashboard_service.models import HotelProfile
from dashboard_service.provider import Provider
from dashboard_service.serializers import (
    MAX_HOTEL_ID,
    CheckOutput,
    DashboardOutput,
    DashboardQuery,
    HotelOutput,
    HotelsQuery,
    NoParameters,
    PickupOutput,
    PickupQuery,
    ProfileInput,
    ProfileOutput,
    StatusOutput,
)
from rest.documentation import BAD_REQUEST, BODY_ERRORS, UNAVAILABLE
from rest.formats import CsvRenderer, OrjsonRenderer
from rest.paging import page_response

# The sample's first hotel, so that "Try it out" answers with figures at once.
HOTEL_ID = openapi.Parameter(
    "hotel_id",
    openapi.IN_QUERY,
    type=openapi.TYPE_INTEGER,
    required=True,
    description="Which hotel; the bundled sample brings hotels 1 and 2.",
    x_example=1,
)
FORMAT = openapi.Parameter(
    "format",
    openapi.IN_QUERY,
    type=openapi.TYPE_STRING,
    enum=["json", "csv"],
    description="The same rows as CSV.",
)


class DashboardView(APIView):
    """`/dashboard/`"""

    renderer_classes = [OrjsonRenderer, CsvRenderer]
    csv_columns = figures.COLUMNS

    @swagger_auto_schema(
        operation_id="dashboard_read",
        operation_summary="Room-nights of a hotel by day, month or year",
        operation_description=(
            "One row for every period of the span in order of time, zeros filled in."
        ),
        query_serializer=DashboardQuery,
        manual_parameters=[HOTEL_ID, FORMAT],
        responses={200: DashboardOutput(many=True), 400: BAD_REQUEST, **UNAVAILABLE},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Response:
        span = DashboardQuery.span(DashboardQuery.read(request))
        response = Response(figures.periods(span))
        if (
            getattr(request, "accepted_renderer", None)
            and request.accepted_renderer.format == "csv"
        ):
            name = f"hotel-{span.hotel_id}-{span.period}-{span.basis}.csv"
            response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


class HotelsView(APIView):
    """`/dashboard/hotels/`"""

    @swagger_auto_schema(
        operation_id="dashboard_hotels",
        operation_summary="The hotels that have data",
        query_serializer=HotelsQuery,
        responses={200: HotelOutput(many=True), 400: BAD_REQUEST, **UNAVAILABLE},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Response:
        parameters = HotelsQuery.read(request)
        size = parameters["page_size"]
        found = figures.hotels(parameters["basis"], parameters["cursor"], size + 1)
        page = found[:size]
        following = {"cursor": page[-1]["hotel_id"]} if len(found) > size else None
        return page_response(request, page, following)


def _hotel_number(text: str) -> int:
    if int(text) > MAX_HOTEL_ID:
        raise NotFound(f"a hotel's number is at most {MAX_HOTEL_ID}")
    return int(text)


class HotelView(APIView):
    """`/dashboard/hotels/<hotel_id>/`"""

    @swagger_auto_schema(
        operation_id="dashboard_hotel",
        operation_summary="What is told about a hotel",
        responses={200: ProfileOutput, 400: BAD_REQUEST, **UNAVAILABLE},
        tags=["dashboard"],
    )
    def get(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        number = _hotel_number(hotel_id)
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
        responses={200: ProfileOutput, 400: BAD_REQUEST, **BODY_ERRORS, **UNAVAILABLE},
        tags=["dashboard"],
    )
    def patch(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        number = _hotel_number(hotel_id)
        told = ProfileInput(data=request.data)
        told.is_valid(raise_exception=True)
        return Response(hotel_profiles.shown(hotel_profiles.tell(number, **told.validated_data)))


class PickupView(APIView):
    """`/dashboard/pickup/`"""

    @swagger_auto_schema(
        operation_id="dashboard_pickup",
        operation_summary="Pickup: what is on the books for the coming nights, and how it changed",
        operation_description=(
            "One row for each night from `as_of` on: net room-nights on the books at the end of "
            "that day, and the change in the last 1, 7 and 30 days."
        ),
        query_serializer=PickupQuery,
        manual_parameters=[HOTEL_ID],
        responses={200: PickupOutput(many=True), 400: BAD_REQUEST, **UNAVAILABLE},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Response:
        return Response(figures.pickup(**PickupQuery.read(request)))


class StatusView(APIView):
    """`/dashboard/status/`"""

    @swagger_auto_schema(
        operation_id="dashboard_status",
        operation_summary="How fresh the figures are",
        responses={200: StatusOutput, 400: BAD_REQUEST, **UNAVAILABLE},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Response:
        NoParameters.read(request)
        with Provider() as provider:
            return Response(figures.status(provider))


class CheckView(APIView):
    """`/dashboard/check/`"""

    @swagger_auto_schema(
        operation_id="dashboard_check",
        operation_summary="What the last daily check against a recount found",
        responses={200: CheckOutput, 400: BAD_REQUEST, **UNAVAILABLE},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Response:
        NoParameters.read(request)
        return Response(figures.last_check())
