"""`GET /events/hotels/`: which hotels the ledger has events of."""

from drf_yasg.utils import swagger_auto_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import ANY_TIME, BAD_REQUEST, page_size_parameter
from common.pagination import page_response
from data_provider import ledger
from data_provider.query_parameters import HotelsQuery
from data_provider.serializers import EventHotelOutput


class HotelsView(APIView):
    """`/events/hotels/`: the hotels that have events."""

    needs = {"GET": Ability.READ_EVENTS}

    @swagger_auto_schema(
        operation_id="events_hotels",
        operation_summary="List the hotels that have events",
        operation_description=(
            "In order of their numbers; more pages follow in a `Link` header with "
            '`rel="next"`. A key or user for some hotels only gets these.'
        ),
        query_serializer=HotelsQuery,
        manual_parameters=[page_size_parameter("page_size")],
        responses={200: EventHotelOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=["events"],
    )
    def get(self, request: Request) -> Response:
        parameters = HotelsQuery.read(request)
        size = parameters["page_size"]
        hotels = ledger.hotels_after(parameters["after"], size + 1, access_of(request).hotels)
        page = hotels[:size]
        next_page = {"after": page[-1]} if len(hotels) > size else None
        return page_response(request, [{"hotel_id": hotel} for hotel in page], next_page)
