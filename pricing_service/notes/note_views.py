"""REST views of notes about nights."""

from drf_yasg.utils import swagger_auto_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import ANY_TIME, BAD_REQUEST, BODY_ERRORS
from common.strict_input import NoParameters
from pricing_service.notes.night_notes import notes_by_night, serialize_note, write_note
from pricing_service.notes.note_serializers import NoteInput, NoteOutput, NotesQuery
from pricing_service.views import HOTEL_ID, TAGS


class NotesView(APIView):
    """`/prices/notes/`"""

    needs = {"GET": Ability.READ_PRICES, "POST": Ability.SET_PRICES}

    @swagger_auto_schema(
        operation_id="prices_notes",
        operation_summary="A hotel's notes about nights, in order of the nights",
        query_serializer=NotesQuery,
        manual_parameters=[HOTEL_ID],
        responses={200: NoteOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        query = NotesQuery.read(request)
        access_of(request).must_see([query["hotel_id"]])
        notes = notes_by_night(query["hotel_id"], query.get("from"), query.get("to"))
        return Response([serialize_note(note) for note in notes.values()])

    @swagger_auto_schema(
        operation_id="prices_notes_write",
        operation_summary="Write or remove a note about nights",
        operation_description=(
            "A night has one note: a new one replaces it, an empty `text` removes it. Any night "
            "may have one. Returns the nights' notes; repeating a request changes nothing."
        ),
        request_body=NoteInput,
        responses={200: NoteOutput(many=True), 400: BAD_REQUEST, **BODY_ERRORS, **ANY_TIME},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        NoParameters.read(request)
        serializer = NoteInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        note, access = serializer.validated_data, access_of(request)
        access.must_see([note["hotel_id"]])
        notes = write_note(note["hotel_id"], note["nights"], note["text"], access.name)
        return Response([serialize_note(note) for note in notes])
