"""The dashboard over REST."""

from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dashboard_service import figures
from dashboard_service.provider import Provider
from dashboard_service.serializers import (
    CheckOutput,
    DashboardOutput,
    DashboardQuery,
    HotelOutput,
    HotelsQuery,
    NoParameters,
    StatusOutput,
)
from rest.documentation import BAD_REQUEST, UNAVAILABLE
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
