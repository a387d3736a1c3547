"""REST endpoints of the ledger: post events or reservations, read them, follow the feed."""

from contextlib import suppress
from typing import Any

from drf_yasg import openapi
from drf_yasg.utils import swagger_auto_schema
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import (
    ANY_TIME,
    BAD_REQUEST,
    BODY_ERRORS,
    DETAIL,
    page_size_parameter,
)
from common.error_limits import ErrorCollector, quote_value
from common.pagination import page_response
from common.posted_body import parse_array, read_body
from common.strict_input import NoParameters, hotel_number
from common.value_limits import MAX_BATCH_EVENTS
from data_provider import ledger
from data_provider.event_validation import EventRow, parse_event
from data_provider.field_errors import FieldError
from data_provider.posted_body import EVENTS, RESERVATIONS
from data_provider.query_parameters import EventQuery, FeedQuery, FeedStatusQuery, ReservationQuery
from data_provider.reservations.known_reservations import events_of, find_reservation
from data_provider.reservations.snapshot import (
    MAX_RESERVATIONS,
    MAX_ROOM_NIGHTS_AT_ONCE,
    ReservationErrors,
    ReservationSnapshot,
    parse_reservation,
    parse_sender_id,
)
from data_provider.reservations.snapshot_format import as_json
from data_provider.reservations.snapshot_recording import record_snapshots
from data_provider.serializers import (
    AppendedOutput,
    EventInput,
    EventOutput,
    FeedOutput,
    FeedStatusOutput,
    ReservationInput,
    ReservationOutput,
)

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
        manual_parameters=[page_size_parameter("page_size")],
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
            "response names each invalid field, in an array under the index of its event. "
            "The body may be compressed: `Content-Encoding: gzip`."
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
        body = read_body(request, EVENTS)
        access = access_of(request)
        if isinstance(body, list):
            rows = parse_array(body, "events", MAX_BATCH_EVENTS, _parse)
            access.must_see(row.hotel_id for row in rows)
            recorded = ledger.record(rows)
            return Response(recorded.as_answer(), status=201 if recorded.created else 200)
        row = _valid_row(body)
        access.must_see([row.hotel_id])
        event, created = ledger.record_one(row)
        return Response(event, status=201 if created else 200)


def _valid_row(body: dict[str, Any]) -> EventRow:
    row, errors = _parse(body)
    if row is None:
        raise ValidationError(errors)
    return row


def _parse(body: dict[str, Any]) -> tuple[EventRow | None, Any]:
    """Parse an event without `source_id`, which exists in CSV files only."""
    return parse_event({name: value for name, value in body.items() if name != "source_id"})


class ReservationsView(APIView):
    """`/reservations/`: state reservations as they are now."""

    needs = {"POST": Ability.WRITE_EVENTS}

    @swagger_auto_schema(
        operation_id="reservations_create",
        operation_summary="State one reservation as it is now, or an array of up to 1,000",
        operation_description=(
            "Each is compared with what the ledger knows of that reservation, and the events that "
            "make the difference are appended, all in one transaction: bookings at `booked_at` "
            "when the reservation is new, everything later at `updated_at`, a cancellation at "
            "`cancelled_at`. Every room and night that is not stated is cancelled; a rate or word "
            "that is not stated is none. The same again appends nothing; neither does one that is "
            "older (by `updated_at`) than what is known, which is said: `is_outdated`. A `no_show` "
            "stays on the books. Answers 201 when events were appended, else 200: the events by "
            "kind, for an array one object for each reservation in its order. An invalid body is "
            "refused as a whole; in an array the response names each wrong field under the index "
            "of its reservation."
        ),
        request_body=ReservationInput,
        responses={
            201: openapi.Response("Events were appended", AppendedOutput),
            200: openapi.Response("Nothing to append", AppendedOutput),
            400: BAD_REQUEST,
            **BODY_ERRORS,
            **ANY_TIME,
        },
        tags=["reservations"],
    )
    def post(self, request: Request) -> Response:
        NoParameters.read(request)
        body = read_body(request, RESERVATIONS)
        snapshots = _valid_snapshots(body) if isinstance(body, list) else [_valid_snapshot(body)]
        access_of(request).must_see(snapshot.hotel_id for snapshot in snapshots)
        outcomes = record_snapshots(snapshots)
        answers = [
            {
                "hotel_id": snapshot.hotel_id,
                "reservation_id": snapshot.reservation_id,
                **outcome._asdict(),
            }
            for snapshot, outcome in zip(snapshots, outcomes, strict=True)
        ]
        status = 201 if any(outcome.events for outcome in outcomes) else 200
        return Response(answers if isinstance(body, list) else answers[0], status=status)


def _valid_snapshot(body: dict[str, Any]) -> ReservationSnapshot:
    try:
        return parse_reservation(body)
    except ReservationErrors as error:
        raise ValidationError(error.errors) from error


def _valid_snapshots(body: list[Any]) -> list[ReservationSnapshot]:
    if len(body) > MAX_RESERVATIONS:
        raise ValidationError(
            {"detail": f"{len(body):,} reservations; send at most {MAX_RESERVATIONS:,} at a time"}
        )
    snapshots: list[ReservationSnapshot] = []
    errors = ErrorCollector()
    room_nights = 0
    for index, item in enumerate(body):
        try:
            snapshots.append(parse_reservation(item))
        except ReservationErrors as error:
            errors.add(str(index), error.errors)
            continue
        room_nights += snapshots[-1].room_nights
        if room_nights > MAX_ROOM_NIGHTS_AT_ONCE:
            raise ValidationError(
                {"detail": f"more than {MAX_ROOM_NIGHTS_AT_ONCE:,} room-nights; send them in parts"}
            )
    if errors:
        raise ValidationError(errors.detail())
    return snapshots


class ReservationView(APIView):
    """`/reservations/<hotel_id>/<reservation_id>/`: a reservation, folded from its events."""

    needs = {"GET": Ability.READ_EVENTS}

    @swagger_auto_schema(
        operation_id="reservations_read",
        operation_summary="Read what is on the books of a reservation",
        operation_description=(
            "Folded back from the ledger's events, in the form in which it is stated. A cancelled "
            "one has no nights. A reservation that came as single events is found by its UUID. "
            "With `with_events=true` the answer also has `events`: all of its events in order of "
            "time, as `GET /events/` shows them."
        ),
        query_serializer=ReservationQuery,
        responses={
            200: ReservationOutput,
            400: BAD_REQUEST,
            404: openapi.Response("Unknown", DETAIL),
            **ANY_TIME,
        },
        tags=["reservations"],
    )
    def get(self, request: Request, hotel_id: str, reservation_id: str) -> Response:
        with_events = ReservationQuery.read(request).get("with_events", False)
        hotel = hotel_number(request, hotel_id)
        found = None
        with suppress(FieldError):
            found = find_reservation(hotel, parse_sender_id(reservation_id))
        if found is None:
            raise NotFound(f"hotel {hotel} has no reservation {quote_value(reservation_id)}")
        events = {"events": events_of(hotel, found.reservation_id)} if with_events else {}
        return Response(as_json(found) | events)


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
            "positions are worth nothing, and the answer is a 409. Several clients can divide the "
            "hotels among them: with `share` and `shares` each gets the events whose "
            "`hotel_id % shares` is its `share`, and keeps a position of its own. A page of a "
            "share may be empty and have a higher `position`, and `has_more` then still be true."
        ),
        query_serializer=FeedQuery,
        manual_parameters=[page_size_parameter("limit")],
        responses={200: FeedOutput, 400: BAD_REQUEST, 409: RESTORED, **ANY_TIME},
        tags=["events"],
    )
    def get(self, request: Request) -> Response:
        parameters = FeedQuery.read(request)
        access_of(request).must_see_all()
        try:
            page = ledger.read_feed(
                parameters["after"],
                parameters["limit"],
                parameters.get("epoch"),
                FeedQuery.share_of(parameters),
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
        operation_description=(
            "Many events are estimated, and said to be. With `share` and `shares`, the events of "
            "that share of the hotels."
        ),
        query_serializer=FeedStatusQuery,
        responses={200: FeedStatusOutput, 400: BAD_REQUEST, 409: RESTORED, **ANY_TIME},
        tags=["events"],
    )
    def get(self, request: Request) -> Response:
        parameters = FeedStatusQuery.read(request)
        access_of(request).must_see_all()
        try:
            status = ledger.feed_status(
                parameters["after"],
                parameters.get("epoch"),
                FeedStatusQuery.share_of(parameters),
            )
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
