"""`/market/rates/`: competitors' rates as they were seen, over REST."""

from typing import Any, Final

from django.db.models import Q
from django.utils import timezone
from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import (
    ANY_TIME,
    BAD_REQUEST,
    BODY_ERRORS,
    page_size_parameter,
)
from common.currencies import format_amount
from common.pagination import page_response
from common.posted_body import Kind, parse_array, read_body
from common.renderers_and_parsers import CsvRenderer, OrjsonRenderer
from common.strict_input import NoParameters
from common.value_limits import MAX_BATCH_EVENTS
from pricing_service.market_rates.rate_models import CompetitorRate
from pricing_service.market_rates.rate_recording import record_rates
from pricing_service.market_rates.rate_serializers import RateInput, RateOutput, RatesQuery
from pricing_service.market_rates.rate_validation import FIELDS, REQUIRED, SeenRate, parse_rate
from pricing_service.views import FORMAT, HOTEL_ID

COLUMNS: Final = ("id", *FIELDS, "recorded_at")
MAX_RATES: Final = MAX_BATCH_EVENTS  # in one array
RATES: Final = Kind(
    "rate",
    "a",
    REQUIRED,
    '{"hotel_id": 1, "competitor": "Hotel Post", "night": "2027-07-04", "rate": "119.00", '
    '"currency": "EUR", "seen_at": "2026-11-01T06:00:00Z"}',
)
COUNTS: Final = openapi.Schema(
    type=openapi.TYPE_OBJECT,
    properties={
        name: openapi.Schema(type=openapi.TYPE_INTEGER)
        for name in ("created", "duplicates", "conflicts")
    },
)


class RatesView(APIView):
    """`/market/rates/`"""

    needs = {"GET": Ability.READ_PRICES, "POST": Ability.WRITE_EVENTS}

    renderer_classes = [OrjsonRenderer, CsvRenderer]
    csv_columns = COLUMNS

    @swagger_auto_schema(
        operation_id="market_rates",
        operation_summary="Competitors' rates as they were seen",
        operation_description=(
            "Every sighting that was recorded, in order of the nights, those of a night in the "
            "order in which they came. What counts now is the newest by `seen_at` of a competitor, "
            'night and room type. More pages follow in a `Link` header with `rel="next"`.'
        ),
        query_serializer=RatesQuery,
        manual_parameters=[HOTEL_ID, FORMAT, page_size_parameter("page_size")],
        responses={200: RateOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=["market"],
    )
    def get(self, request: Request) -> Response:
        query = RatesQuery.read(request)
        access_of(request).must_see([query["hotel_id"]])
        page, next_page = _page(query)
        response = page_response(request, [_as_json(row) for row in page], next_page)
        if getattr(request, "accepted_renderer", OrjsonRenderer).format == "csv":
            filename = f"hotel-{query['hotel_id']}-market-rates.csv"
            response["Content-Disposition"] = f'attachment; filename="{filename}"'
        return response

    @swagger_auto_schema(
        operation_id="market_rates_create",
        operation_summary="Record one competitor's rate, or an array of up to 10,000",
        operation_description=(
            'Answers 201 and `{"created": n, "duplicates": m}`, 200 when all were known. A '
            "sighting is known by hotel, night, competitor, room type and `seen_at`: posting it "
            "again changes nothing, also with another rate, which `conflicts` counts where there "
            "are any. A later sighting does not erase an earlier one. An invalid body is refused "
            "as a whole; the response names each invalid field, in an array under the index of its "
            "rate. The body may be compressed: `Content-Encoding: gzip`."
        ),
        request_body=RateInput,
        responses={
            201: openapi.Response("Recorded", COUNTS),
            200: openapi.Response("Recorded before; nothing changed", COUNTS),
            400: BAD_REQUEST,
            **BODY_ERRORS,
            **ANY_TIME,
        },
        tags=["market"],
    )
    def post(self, request: Request) -> Response:
        NoParameters.read(request)
        body = read_body(request, RATES)
        rates = _valid_rates(body)
        access_of(request).must_see(rate.hotel_id for rate in rates)
        recorded = record_rates(rates)
        return Response(recorded.as_answer(), status=201 if recorded.created else 200)


def _valid_rates(body: dict[str, Any] | list[Any]) -> list[SeenRate]:
    now = timezone.now()
    if isinstance(body, list):
        return parse_array(body, "rates", MAX_RATES, lambda item: parse_rate(item, now))
    rate, reasons = parse_rate(body, now)
    if rate is None:
        raise ValidationError(reasons)
    return [rate]


def _page(query: dict[str, Any]) -> tuple[list[CompetitorRate], dict[str, Any] | None]:
    """Return the rates of a page, and what the next page's address has; None on the last one."""
    rates = CompetitorRate.objects.filter(hotel_id=query["hotel_id"])
    lookups = {"from": "night__gte", "to": "night__lte", "competitor": "competitor"}
    rates = rates.filter(**{lookups[name]: query[name] for name in lookups if name in query})
    if cursor := query.get("cursor"):
        night, number = cursor
        # The first condition is the one that an index finds.
        rates = rates.filter(Q(night__gte=night), Q(night__gt=night) | Q(id__gt=number))
    rows = list(rates.order_by("night", "id")[: query["page_size"] + 1])
    page = rows[: query["page_size"]]
    next_page = {"cursor": f"{page[-1].night}~{page[-1].id}"} if len(rows) > len(page) else None
    return page, next_page


def _as_json(row: CompetitorRate) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in COLUMNS}
    return values | {
        "room_type": row.room_type or None,
        "rate": None if row.rate is None else format_amount(row.rate, row.currency),
        "currency": row.currency or None,
    }
