"""REST view of what a booking system says about our prices in it."""

from typing import Any

from drf_yasg.utils import swagger_auto_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import ANY_TIME, BAD_REQUEST, BODY_ERRORS
from common.strict_input import NoParameters
from pricing_service.delivered import delivered_prices
from pricing_service.delivered.delivered_serializers import (
    DeliveredInput,
    DeliveredOutput,
    DeliveredQuery,
    ForgetQuery,
    ReportOutput,
)
from pricing_service.views import HOTEL_ID, TAGS


class DeliveredView(APIView):
    """`/prices/delivered/`"""

    needs = {
        "GET": Ability.READ_PRICES,
        "PUT": Ability.SET_PRICES,
        "DELETE": Ability.SET_PRICES,
    }

    @swagger_auto_schema(
        operation_id="prices_delivered",
        operation_summary="The prices that a hotel's booking system has confirmed, by night",
        query_serializer=DeliveredQuery,
        manual_parameters=[HOTEL_ID],
        responses={200: DeliveredOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        query = DeliveredQuery.read(request)
        access_of(request).must_see([query["hotel_id"]])
        return Response(
            delivered_prices.report_rows(query["hotel_id"], query.get("from"), query.get("to"))
        )

    @swagger_auto_schema(
        operation_id="prices_delivered_report",
        operation_summary="Report which prices a booking system has, or why it has not",
        operation_description=(
            "For a system that fetches prices from `GET /prices/`, or a program between the two: "
            "the page of prices then shows what it has confirmed. `problem` is how things are "
            "now: left out, the one before is mended. Of `prices`, the named nights are replaced; "
            "the others stay. Repeating a request changes nothing."
        ),
        request_body=DeliveredInput,
        responses={200: ReportOutput, 400: BAD_REQUEST, **BODY_ERRORS, **ANY_TIME},
        tags=TAGS,
    )
    def put(self, request: Request) -> Response:
        NoParameters.read(request)
        serializer = DeliveredInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        body: dict[str, Any] = serializer.validated_data
        hotel_id, prices = body["hotel_id"], body.get("prices", [])
        access_of(request).must_see([hotel_id])
        delivered_prices.save_report(hotel_id, body["system"], body.get("problem") or "", prices)
        return Response({"hotel_id": hotel_id, "rows": len(prices)})

    @swagger_auto_schema(
        operation_id="prices_delivered_forget",
        operation_summary="Forget a booking system's reports: it is not connected any more",
        query_serializer=ForgetQuery,
        manual_parameters=[HOTEL_ID],
        responses={200: ReportOutput, 400: BAD_REQUEST, **ANY_TIME},
        tags=TAGS,
    )
    def delete(self, request: Request) -> Response:
        hotel_id = ForgetQuery.read(request)["hotel_id"]
        access_of(request).must_see([hotel_id])
        return Response({"hotel_id": hotel_id, "rows": delivered_prices.forget_reports(hotel_id)})
