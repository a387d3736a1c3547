"""REST view of the forecast of months."""

from drf_yasg.utils import swagger_auto_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import ANY_TIME, BAD_REQUEST
from common.renderers_and_parsers import CsvRenderer, OrjsonRenderer
from pricing_service.month_forecast.month_forecast import COLUMNS, serialize_month
from pricing_service.month_forecast.month_serializers import ForecastQuery, MonthForecastOutput
from pricing_service.month_forecast.recent_forecasts import recent_forecast_months
from pricing_service.views import FORMAT, HOTEL_ID, TAGS


class ForecastView(APIView):
    """`/prices/forecast/`"""

    needs = {"GET": Ability.READ_PRICES}

    renderer_classes = [OrjsonRenderer, CsvRenderer]
    csv_columns = COLUMNS

    @swagger_auto_schema(
        operation_id="prices_forecast",
        operation_summary="Forecast of a hotel's months: room-nights and revenue, with interval",
        operation_description=(
            "One row for each month from that of `from` to that of `to`. Nights gone count as they "
            "were. Four months in five end within the interval. Null where a coming night has no "
            "forecast: its rooms are not known, or it is more than a year away."
        ),
        query_serializer=ForecastQuery,
        manual_parameters=[HOTEL_ID, FORMAT],
        responses={200: MonthForecastOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        query = ForecastQuery.read(request)
        hotel_id = query["hotel_id"]
        access_of(request).must_see([hotel_id])
        months = recent_forecast_months(hotel_id, query.get("from"), query.get("to"))
        response = Response([serialize_month(hotel_id, month) for month in months])
        if getattr(request, "accepted_renderer", OrjsonRenderer).format == "csv":
            filename = f"hotel-{hotel_id}-forecast.csv"
            response["Content-Disposition"] = f'attachment; filename="{filename}"'
        return response
