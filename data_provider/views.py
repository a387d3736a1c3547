"""The ledger over REST: post events, read them by time, follow them as a feed."""

from typing import Any

from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import ANY_TIME, BAD_REQUEST, BODY_ERRORS
from common.pagination import page_response
from common.strict_input import QuerySerializer
from common.value_limits import MAX_BATCH_EVENTS
from data_provider import ledger
from data_provider.event_validation import EventRow, parse_event
from data_provider.query_parameters import EventQuery, FeedQuery, FeedStatusQuery
from data_provider.serializers import (
    EventInput,
    EventOutput,
    FeedOutput,
    FeedStatusOutput,
)


class NoParameters(QuerySerializer):
    """An endpoint that takes no query parameters."""


class EventsView(APIView):
    """`/events/`"""

    needs = {"GET": Ability.READ_EVENTS, "POST": Ability.WRITE_EVENTS}

    @swagger_auto_schema(
        operation_id="events_list",
        operation_summary="Read events by time",
        operation_description=(
            "Ascending by `event_timestamp`, then `id`. More pages follow in a `Link` header with "
            '`rel="next"`. A date alone in `updated__…` means its whole day, in UTC.'
        ),
        query_serializer=EventQuery,
        responses={200: EventOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=["events"],
    )
    def get(self, request: Request) -> Response:
        parameters = EventQuery.read(request)
        access = access_of(request)
        if "hotel_id" in parameters:
            access.must_see([parameters["hotel_id"]])
        size = parameters["page_size"]
        conditions = EventQuery.conditions(parameters, access.hotels)
        events = ledger.read(conditions, size + 1, after=parameters.get("cursor"))
        page = events[:size]
        following = None
        if len(events) > size:
            following = {"cursor": f"{page[-1]['event_timestamp']}~{page[-1]['id']}"}
        return page_response(request, page, following)

    @swagger_auto_schema(
        operation_id="events_create",
        operation_summary="Record one event, or an array of up to 10,000",
        operation_description=(
            "One event: 201 and the event, or 200 and the event that the ledger knew already. "
            'An array: 201 and `{"created": n, "duplicates": m}`, 200 when all were known. '
            "Posting the same event again is safe. An invalid body is refused whole; the answer "
            "names each field, in an array by the index of its event."
        ),
        request_body=EventInput,
        responses={
            201: openapi.Response("Recorded", EventOutput),
            200: openapi.Response("Known already; nothing changed", EventOutput),
            400: BAD_REQUEST,
            **BODY_ERRORS,
            **ANY_TIME,
        },
        tags=["events"],
    )
    def post(self, request: Request) -> Response:
        NoParameters.read(request)
        body = request.data
        access = access_of(request)
        if isinstance(body, list):
            rows = _valid_rows(body)
            access.must_see(row.hotel_id for row in rows)
            recorded = ledger.record(rows)
            return Response(recorded._asdict(), status=201 if recorded.created else 200)
        row = _valid_row(body)
        access.must_see([row.hotel_id])
        event, created = ledger.record_one(row)
        return Response(event, status=201 if created else 200)


def _valid_row(body: Any) -> EventRow:
    if not isinstance(body, dict):
        raise ValidationError(
            {"detail": "send one event as a JSON object, or several as an array of objects"}
        )
    row, errors = parse_event(_sent(body))
    if row is None:
        raise ValidationError(errors)
    return row


def _valid_rows(body: list[Any]) -> list[EventRow]:
    if len(body) > MAX_BATCH_EVENTS:
        raise ValidationError(
            {"detail": f"{len(body):,} events; send at most {MAX_BATCH_EVENTS:,} at a time"}
        )
    rows: list[EventRow] = []
    errors: dict[str, Any] = {}
    for index, item in enumerate(body):
        if not isinstance(item, dict):
            errors[str(index)] = {"non_field_errors": ["must be a JSON object"]}
            continue
        row, wrong = parse_event(_sent(item))
        if row is None:
            errors[str(index)] = wrong
        else:
            rows.append(row)
    if errors:
        raise ValidationError(errors)
    return rows


def _sent(body: dict[str, Any]) -> dict[str, Any]:
    """A client's fields; the sender's number is for files only, REST has no such field."""
    return {name: value for name, value in body.items() if name != "source_id"}


class FeedView(APIView):
    """`/events/feed/`"""

    needs = {"GET": Ability.READ_EVENTS}

    @swagger_auto_schema(
        operation_id="events_feed",
        operation_summary="Follow all events, each exactly once",
        operation_description=(
            "The events in the order in which they became visible. Ask again with `after` set to "
            "the answer's `position`; a reader that does so sees every event exactly once."
        ),
        query_serializer=FeedQuery,
        responses={200: FeedOutput, 400: BAD_REQUEST, **ANY_TIME},
        tags=["events"],
    )
    def get(self, request: Request) -> Response:
        parameters = FeedQuery.read(request)
        access_of(request).must_see_all()
        page = ledger.read_feed(parameters["after"], parameters["limit"])
        return Response(page._asdict())


class FeedStatusView(APIView):
    """`/events/feed/status/`"""

    needs = {"GET": Ability.READ_EVENTS}

    @swagger_auto_schema(
        operation_id="events_feed_status",
        operation_summary="How much the ledger took after a position",
        query_serializer=FeedStatusQuery,
        responses={200: FeedStatusOutput, 400: BAD_REQUEST, **ANY_TIME},
        tags=["events"],
    )
    def get(self, request: Request) -> Response:
        parameters = FeedStatusQuery.read(request)
        access_of(request).must_see_all()
        since = ledger.since(parameters["after"])
        return Response(
            {
                "events_after": since.events,
                "oldest_recorded_at": since.oldest_recorded_at,
                "newest_position": since.newest,
            }
        )
