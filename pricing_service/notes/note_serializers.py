"""Query parameters, request body and responses of notes about nights."""

from django.utils.translation import gettext as _
from rest_framework import serializers

from common.strict_input import DateField, HotelField, QuerySerializer, StrictInput, StrictListField
from common.value_limits import MAX_HOTEL_ID
from pricing_service.rules.rule_list_models import MAX_NOTE_LENGTH

MAX_NIGHTS = 731  # of one request


class NotesQuery(QuerySerializer):
    """Parameters of `GET /prices/notes/`."""

    hotel_id = HotelField()

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            **super().get_fields(),
            "from": DateField(required=False, help_text="First night; default: all."),
            "to": DateField(required=False, help_text="Last night; default: all."),
        }

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        first, last = attrs.get("from"), attrs.get("to")
        if first and last and str(first) > str(last):
            raise serializers.ValidationError({"to": _("is before `from`")})
        return attrs


class NoteInput(StrictInput):
    """Body of `POST /prices/notes/`: one note for some nights of a hotel."""

    hotel_id = serializers.IntegerField(min_value=1, max_value=MAX_HOTEL_ID)
    nights = StrictListField(
        child=DateField(),
        min_length=1,
        max_length=MAX_NIGHTS,
        help_text="Any nights: also past ones, and ones without a price.",
    )
    text = serializers.CharField(
        max_length=MAX_NOTE_LENGTH, allow_blank=True, help_text="Empty: removes the notes."
    )

    class Meta:
        ref_name = "NightNoteInput"


class NoteOutput(serializers.Serializer):
    """A night's note, who wrote it, and when."""

    hotel_id = serializers.IntegerField()
    night = serializers.DateField()
    text = serializers.CharField(help_text="Empty in the answer to a removal.")
    who = serializers.CharField()
    written_at = serializers.DateTimeField()

    class Meta:
        ref_name = "NightNote"
