"""REST views of the dashboard: figures, hotels, pickup, status and the last check."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from django.utils import timezone
from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import ANY_TIME, BAD_REQUEST, BODY_ERRORS, DETAIL
from common.audited_changes import PROFILE, describe_changes, report_change
from common.etags import code_fingerprint, etag_response
from common.pagination import page_response
from common.renderers_and_parsers import CsvRenderer, OrjsonRenderer
from common.strict_input import NoParameters, hotel_number
from dashboard_service.data_provider_client import Provider
from dashboard_service.feed_lag import feed_lag
from dashboard_service.figures import (
    freshness,
    hotel_list,
    pace,
    performance,
    period_figures,
    pickup,
)
from dashboard_service.hotel_profiles import (
    get_profile,
    profile_parts,
    serialize_profile_with_figures,
    update_profile,
)
from dashboard_service.profile_serializers import ProfileFiguresOutput, ProfileInput
from dashboard_service.serializers import (
    CheckOutput,
    DashboardOutput,
    DashboardQuery,
    HotelOutput,
    HotelsQuery,
    PaceOutput,
    PaceQuery,
    PerformanceOutput,
    PerformanceQuery,
    PickupOutput,
    PickupQuery,
    StatusOutput,
)

APP = Path(__file__).resolve().parent
CODE_FINGERPRINT = code_fingerprint(APP, APP.parent / "common")

# The example is the demonstration's first hotel, so that "Try it out" returns figures at once.
HOTEL_ID = openapi.Parameter(
    "hotel_id",
    openapi.IN_QUERY,
    type=openapi.TYPE_INTEGER,
    required=True,
    description="The hotel's number; the demonstration has hotels 1 and 2.",
    x_example=1,
)
NO_SUCH_HOTEL = openapi.Response("Not a valid hotel number", DETAIL)
FORMAT = openapi.Parameter(
    "format",
    openapi.IN_QUERY,
    type=openapi.TYPE_STRING,
    enum=["json", "csv"],
    description="The same rows as CSV.",
)


class DashboardView(APIView):
    """`/dashboard/`: room-nights of a hotel by period."""

    needs = {"GET": Ability.READ_DASHBOARD}

    renderer_classes = [OrjsonRenderer, CsvRenderer]
    csv_columns = period_figures.COLUMNS

    @swagger_auto_schema(
        operation_id="dashboard_read",
        operation_summary="Room-nights of a hotel by day, month or year",
        operation_description=(
            "One row for every period of the span by time, with zeros where nothing was counted. "
            "Send an answer's `ETag` as `If-None-Match` to get a 304 until the figures change."
        ),
        query_serializer=DashboardQuery,
        manual_parameters=[HOTEL_ID, FORMAT],
        responses={200: DashboardOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Any:
        span = DashboardQuery.span(DashboardQuery.read(request))
        access_of(request).must_see([span.hotel_id])
        output_format = getattr(request, "accepted_renderer", OrjsonRenderer).format

        def answer() -> Response:
            response = Response(period_figures.period_rows(span))
            if output_format == "csv":
                name = f"hotel-{span.hotel_id}-{span.period}-{span.basis}.csv"
                response["Content-Disposition"] = f'attachment; filename="{name}"'
            return response

        def parts() -> tuple[Any, ...]:
            return CODE_FINGERPRINT, output_format, span, freshness.changed_at(span.hotel_id)

        return etag_response(request, parts(), answer, parts)


class PerformanceView(APIView):
    """`/dashboard/performance/`: room-nights, revenue, occupancy of a hotel by period."""

    needs = {"GET": Ability.READ_DASHBOARD}

    renderer_classes = [OrjsonRenderer, CsvRenderer]
    csv_columns = performance.columns(None)  # of an OPTIONS request

    @swagger_auto_schema(
        operation_id="dashboard_performance",
        operation_summary="Revenue, average rate, occupancy and RevPAR by day, month or year",
        operation_description=(
            "One row for every period of the span by time; broken down `by` room type, channel or "
            "segment, a row for each word that has figures in the period. A night of a reservation "
            "counts once or not at all, with its latest rate; on the `booked` basis a day has what "
            "its events added or took away. Amounts are decimal texts; null stands where something "
            "needed is unknown. Room-nights in other currencies than the hotel's are counted, and "
            "their revenue is not."
        ),
        query_serializer=PerformanceQuery,
        manual_parameters=[HOTEL_ID, FORMAT],
        responses={200: PerformanceOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Any:
        parameters = PerformanceQuery.read(request)
        chosen = parameters.pop("by")
        by = None if chosen == "none" else chosen
        span = PerformanceQuery.span(parameters)
        access_of(request).must_see([span.hotel_id])
        output_format = getattr(request, "accepted_renderer", OrjsonRenderer).format
        self.csv_columns = performance.columns(by)

        def answer() -> Response:
            response = Response(performance.performance_rows(span, by))
            if output_format == "csv":
                words = [f"hotel-{span.hotel_id}-performance-{span.period}-{span.basis}"]
                name = "-by-".join([*words, by] if by else words)
                response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
            return response

        def parts() -> tuple[Any, ...]:
            hotel = span.hotel_id
            figures = freshness.changed_at(hotel), profile_parts(hotel)
            return CODE_FINGERPRINT, output_format, span, by, *figures

        return etag_response(request, parts(), answer, parts)


class HotelsView(APIView):
    """`/dashboard/hotels/`: hotels with data."""

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
        rows = hotel_list.hotel_rows(
            parameters["basis"], parameters["cursor"], size + 1, access_of(request).hotels
        )
        page = rows[:size]
        next_page = {"cursor": page[-1]["hotel_id"]} if len(rows) > size else None
        return page_response(request, page, next_page)


class HotelView(APIView):
    """`/dashboard/hotels/<hotel_id>/`: a hotel's profile."""

    needs = {"GET": Ability.READ_DASHBOARD, "PATCH": Ability.CHANGE_HOTELS}

    @swagger_auto_schema(
        operation_id="dashboard_hotel",
        operation_summary="A hotel's name, time zone, rooms and currency",
        responses={200: ProfileFiguresOutput, 400: BAD_REQUEST, 404: NO_SUCH_HOTEL, **ANY_TIME},
        tags=["dashboard"],
    )
    def get(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        return Response(
            serialize_profile_with_figures(get_profile(hotel_number(request, hotel_id)))
        )

    @swagger_auto_schema(
        operation_id="dashboard_hotel_change",
        operation_summary="Change a hotel's name, time zone, rooms and currency",
        operation_description=(
            "Fields that are left out stay unchanged. After a change of the time zone the figures "
            "stay in the previous one until the hotel is recounted (`recounting` is true), then "
            "all change at once."
        ),
        request_body=ProfileInput,
        responses={
            200: ProfileFiguresOutput,
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
        changes = ProfileInput(data=request.data)
        changes.is_valid(raise_exception=True)
        before = serialize_profile_with_figures(get_profile(number))
        try:
            profile = update_profile(number, **changes.validated_data)
        except ModelValidationError as error:
            raise ValidationError(error.message_dict) from error
        after = serialize_profile_with_figures(profile)
        if told := describe_changes(before, after, changes.validated_data):
            report_change(access_of(request), number, PROFILE, told)
        return Response(after)


class PickupView(APIView):
    """`/dashboard/pickup/`: pickup of the coming nights."""

    needs = {"GET": Ability.READ_DASHBOARD}

    @swagger_auto_schema(
        operation_id="dashboard_pickup",
        operation_summary="Pickup: what is on the books for the coming nights, and how it changed",
        operation_description=(
            "One row for each night from `as_of` on: net room-nights on the books at the end of "
            "that day, and their change in the last 1, 7 and 30 days."
        ),
        query_serializer=PickupQuery,
        manual_parameters=[HOTEL_ID],
        responses={200: PickupOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Any:
        parameters = PickupQuery.read(request)
        access_of(request).must_see([parameters["hotel_id"]])

        def parts() -> tuple[Any, ...]:
            # Days in the future do not count as newest day, so that it may change with the hour.
            hour = timezone.now().strftime("%Y-%m-%d %H")
            return CODE_FINGERPRINT, parameters, freshness.changed_at(parameters["hotel_id"]), hour

        return etag_response(
            request, parts(), lambda: Response(pickup.pickup_rows(**parameters)), parts
        )


class PaceView(APIView):
    """`/dashboard/pace/`: what is on the books beside the same time last year."""

    needs = {"GET": Ability.READ_DASHBOARD}

    @swagger_auto_schema(
        operation_id="dashboard_pace",
        operation_summary="Pace: what is on the books beside the same time last year",
        operation_description=(
            "One row for each month of stay of a year, or each night of a month: what is on the "
            "books, what was on the books the same number of days before a year earlier, the "
            "difference, and how last year ended. Nights are compared with the same weekday (364 "
            "days), months with the same month."
        ),
        query_serializer=PaceQuery,
        manual_parameters=[HOTEL_ID],
        responses={200: PaceOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Any:
        parameters = PaceQuery.read(request)
        hotel = parameters["hotel_id"]
        access_of(request).must_see([hotel])

        def parts() -> tuple[Any, ...]:
            # Days in the future do not count as newest day, so that it may change with the hour.
            hour = timezone.now().strftime("%Y-%m-%d %H")
            figures = freshness.changed_at(hotel), profile_parts(hotel)
            return CODE_FINGERPRINT, parameters, *figures, hour

        return etag_response(
            request, parts(), lambda: Response(pace.pace_rows(**parameters)), parts
        )


class StatusView(APIView):
    """`/dashboard/status/`: lag behind the ledger."""

    needs = {"GET": Ability.READ_DASHBOARD}

    @swagger_auto_schema(
        operation_id="dashboard_status",
        operation_summary="How far the figures are behind the ledger",
        operation_description=(
            "A key or user for some hotels only gets no `position`, 1 for any number of events "
            "behind, and the time at which figures of these hotels last changed."
        ),
        responses={200: StatusOutput, 400: BAD_REQUEST, **ANY_TIME},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Response:
        NoParameters.read(request)
        hotels = access_of(request).hotels
        with Provider() as provider:
            lag = feed_lag(provider)
        return Response(lag if hotels is None else freshness.lag_of_hotels(lag, hotels))


class CheckView(APIView):
    """`/dashboard/check/`: the last check."""

    needs = {"GET": Ability.READ_DASHBOARD}

    @swagger_auto_schema(
        operation_id="dashboard_check",
        operation_summary="Result of the last check of all hotels against a recount",
        operation_description="A key or user for some hotels only gets the time of the check.",
        responses={200: CheckOutput, 400: BAD_REQUEST, **ANY_TIME},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Response:
        NoParameters.read(request)
        check = freshness.last_check()
        if access_of(request).hotels is not None:  # its numbers are those of all hotels together
            check = {**dict.fromkeys(check), "checked_at": check["checked_at"]}
        return Response(check)
