"""REST endpoints of the ledger: post events, read them by time, follow the feed."""

from typing import Any

from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import ANY_TIME, BAD_REQUEST, BODY_ERRORS, DETAIL
from common.pagination import page_response
from common.strict_input import NoParameters
from common.value_limits import MAX_BATCH_EVENTS
from data_provider import ledger
from data_provider.event_validation import EventRow, parse_event
from data_provider.query_parameters import EventQuery, FeedQuery, FeedStatusQuery
from data_provider.serializers import EventInput, EventOutput, FeedOutput, FeedStatusOutput

RESTORED = openapi.Response("The ledger was restored since: begin anew", DETAIL)


class OtherEpoch(APIException):
    """A reader's position belongs to a ledger that was replaced since."""

    status_code = 409
    default_code = "other_epoch"


class EventsView(APIView):
    """`/events/`: read events by time, or record new ones."""

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
        events = ledger.read_events(conditions, size + 1, after=parameters.get("cursor"))
        page = events[:size]
        next_page = None
        if len(events) > size:
            next_page = {"cursor": f"{page[-1]['event_timestamp']}~{page[-1]['id']}"}
        return page_response(request, page, next_page)

    @swagger_auto_schema(
        operation_id="events_create",
        operation_summary="Record one event, or an array of up to 10,000",
        operation_description=(
            "One event: 201 and the event, or 200 and the stored event when it is not new. "
            'An array: 201 and `{"created": n, "duplicates": m}`, 200 when no event is new. '
            "Posting the same event again is safe. `conflicts` beside these two, only where there "
            "are any, counts those of the known events that were sent with another rate, currency "
            "or word than the stored one. That changes nothing either: to mend a rate, send a "
            "change (`status` 3) with a later time. An invalid body is refused as a whole; the "
            "response names each invalid field, in an array under the index of its event."
        ),
        request_body=EventInput,
        responses={
            201: openapi.Response("Recorded", EventOutput),
            200: openapi.Response("Recorded before; nothing changed", EventOutput),
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
            return Response(recorded.as_answer(), status=201 if recorded.created else 200)
        row = _valid_row(body)
        access.must_see([row.hotel_id])
        event, created = ledger.record_one(row)
        return Response(event, status=201 if created else 200)


def _valid_row(body: Any) -> EventRow:
    if not isinstance(body, dict):
        raise ValidationError(
            {"detail": "send one event as a JSON object, or several as an array of objects"}
        )
    row, errors = parse_event(_without_source_id(body))
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
        row, field_errors = parse_event(_without_source_id(item))
        if row is None:
            errors[str(index)] = field_errors
        else:
            rows.append(row)
    if errors:
        raise ValidationError(errors)
    return rows


def _without_source_id(body: dict[str, Any]) -> dict[str, Any]:
    """Return an event's fields without `source_id`, which exists in CSV files only."""
    return {name: value for name, value in body.items() if name != "source_id"}


class FeedView(APIView):
    """`/events/feed/`: all events, each exactly once."""

    needs = {"GET": Ability.READ_EVENTS}

    @swagger_auto_schema(
        operation_id="events_feed",
        operation_summary="Follow all events, each exactly once",
        operation_description=(
            "The events in the order in which they became visible. Repeat the request with `after` "
            "set to the response's `position`: a client that does so gets every event exactly "
            "once. Send its `epoch` as well: after the ledger was restored from a backup, former "
            "positions are worth nothing, and the answer is a 409."
        ),
        query_serializer=FeedQuery,
        responses={200: FeedOutput, 400: BAD_REQUEST, 409: RESTORED, **ANY_TIME},
        tags=["events"],
    )
    def get(self, request: Request) -> Response:
        parameters = FeedQuery.read(request)
        access_of(request).must_see_all()
        try:
            page = ledger.read_feed(
                parameters["after"], parameters["limit"], parameters.get("epoch")
            )
        except ledger.LedgerRestored as error:
            raise OtherEpoch(str(error)) from error
        return Response(page._asdict())


class FeedStatusView(APIView):
    """`/events/feed/status/`: how many events were recorded after a position."""

    needs = {"GET": Ability.READ_EVENTS}

    @swagger_auto_schema(
        operation_id="events_feed_status",
        operation_summary="Count the events recorded after a position",
        operation_description="Many events are estimated, and said to be.",
        query_serializer=FeedStatusQuery,
        responses={200: FeedStatusOutput, 400: BAD_REQUEST, 409: RESTORED, **ANY_TIME},
        tags=["events"],
    )
    def get(self, request: Request) -> Response:
        parameters = FeedStatusQuery.read(request)
        access_of(request).must_see_all()
        try:
            status = ledger.feed_status(parameters["after"], parameters.get("epoch"))
        except ledger.LedgerRestored as error:
            raise OtherEpoch(str(error)) from error
        return Response(
            {
                "events_after": status.events,
                **({"is_estimate": True} if status.is_estimate else {}),
                "oldest_recorded_at": status.oldest_recorded_at,
                "newest_position": status.newest_position,
                "epoch": status.epoch,
            }
        )
