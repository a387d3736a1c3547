"""The dashboard's query parameters, and the shapes of its answers."""

from datetime import date
from typing import Any

from rest_framework import serializers

from common.pagination import PageSizeField
from common.strict_input import (
    DateField,
    HotelField,
    QuerySerializer,
    StrictInput,
    WholeNumberField,
)
from common.value_limits import MAX_HOTEL_ID, MAX_YEAR, MIN_YEAR
from dashboard_service.figures import Span
from dashboard_service.models import Basis, known_time_zone


class BasisField(serializers.ChoiceField):
    """By which date room-nights are counted."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            Basis.choices,
            default=Basis.BOOKED.value,
            help_text="Count by the date of the event (booked) or by the night of stay (stay).",
            **options,
        )


class DashboardQuery(QuerySerializer):
    """Parameters of `GET /dashboard/`."""

    hotel_id = HotelField()
    period = serializers.ChoiceField(
        ["day", "month", "year"], default="month", help_text="One row for each of these."
    )
    year = WholeNumberField(
        required=False,
        min_value=1,
        max_value=9999,
        help_text="This year only; without it, from the first to the last period with data.",
    )
    month = WholeNumberField(
        required=False, min_value=1, max_value=12, help_text="This month only; needs a year."
    )
    day = WholeNumberField(
        required=False, min_value=1, max_value=31, help_text="This day only; needs a month."
    )
    basis = BasisField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        errors: dict[str, str] = {}
        if "month" in attrs and "year" not in attrs:
            errors["month"] = "needs a year"
        elif "month" in attrs and attrs["period"] == "year":
            errors["month"] = "goes with period=month or period=day"
        if "day" in attrs and "month" not in attrs:
            errors["day"] = "needs a month and a year"
        elif "day" in attrs and attrs["period"] != "day":
            errors["day"] = "goes with period=day"
        elif "day" in attrs and "year" in attrs:
            try:
                date(attrs["year"], attrs["month"], attrs["day"])
            except ValueError:
                errors["day"] = (
                    f"is no real date: {attrs['year']:04}-{attrs['month']:02}-{attrs['day']:02}"
                )
        if errors:
            raise serializers.ValidationError(errors)
        return attrs

    @staticmethod
    def span(parameters: dict[str, Any]) -> Span:
        return Span(**parameters)


class PageQuery(DashboardQuery):
    """What the address of the web page may say; what it leaves out, the page chooses."""

    hotel_id = HotelField(required=False)
    year = WholeNumberField(required=False, min_value=MIN_YEAR, max_value=MAX_YEAR)
    day = None  # type: ignore[assignment]  # takes the field out

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if "month" in attrs and attrs["period"] != "day":
            raise serializers.ValidationError({"month": "goes with period=day"})
        return attrs


class HotelsQuery(QuerySerializer):
    """Parameters of `GET /dashboard/hotels/`."""

    basis = BasisField()
    page_size = PageSizeField()
    cursor = WholeNumberField(
        required=False, min_value=0, max_value=MAX_HOTEL_ID, default=0, help_text="From `Link`."
    )


class PickupQuery(QuerySerializer):
    """Parameters of `GET /dashboard/pickup/`."""

    hotel_id = HotelField()
    as_of = DateField(
        required=False,
        default=None,
        help_text="As it was at the end of this day; without it, of the newest day with data.",
    )
    days = WholeNumberField(
        required=False, default=90, min_value=1, max_value=730, help_text="How many nights."
    )


class ProfileInput(StrictInput):
    """What can be told about a hotel; what is left out stays as it is."""

    name = serializers.CharField(max_length=100, allow_blank=True, required=False)
    time_zone = serializers.CharField(
        max_length=64,
        required=False,
        validators=[known_time_zone],
        help_text="Like Europe/Zurich; a change recounts the hotel.",
    )
    rooms = serializers.IntegerField(
        min_value=1, max_value=100_000, allow_null=True, required=False, help_text="Rooms to sell."
    )

    class Meta:
        ref_name = "HotelProfileChange"
        swagger_schema_fields = {
            "example": {"name": "Seaside", "time_zone": "Europe/Lisbon", "rooms": 30}
        }


class ProfileOutput(serializers.Serializer):
    """What is told about a hotel."""

    hotel_id = serializers.IntegerField()
    name = serializers.CharField(help_text="Hotel 101 until told.")
    time_zone = serializers.CharField(help_text="In which the booked basis cuts its days.")
    rooms = serializers.IntegerField(allow_null=True, help_text="Rooms to sell, when known.")
    recounting = serializers.BooleanField(
        help_text="True while the figures are still cut in the time zone before."
    )

    class Meta:
        ref_name = "HotelProfile"


class PickupOutput(serializers.Serializer):
    """One night of stay."""

    hotel_id = serializers.IntegerField()
    as_of = serializers.DateField(help_text="The last day that counts.")
    night_of_stay = serializers.DateField()
    on_the_books = serializers.IntegerField(help_text="Net room-nights at the end of as_of.")
    pickup_1 = serializers.IntegerField(help_text="Change in the last day.")
    pickup_7 = serializers.IntegerField(help_text="Change in the last 7 days.")
    pickup_30 = serializers.IntegerField(help_text="Change in the last 30 days.")

    class Meta:
        ref_name = "Pickup"


class CountsOutput(serializers.Serializer):
    """Room-nights."""

    booking_count = serializers.IntegerField(help_text="Net: gross less cancelled.")
    gross_booking_count = serializers.IntegerField(help_text="Room-nights booked.")
    cancellation_count = serializers.IntegerField(help_text="Room-nights cancelled.")

    class Meta:
        ref_name = "RoomNights"


class DashboardOutput(CountsOutput):
    """One period of a hotel."""

    hotel_id = serializers.IntegerField()
    period = serializers.ChoiceField(["day", "month", "year"])
    basis = serializers.ChoiceField(Basis.choices)
    year = serializers.IntegerField()
    month = serializers.IntegerField(allow_null=True)
    day = serializers.IntegerField(allow_null=True)

    class Meta:
        ref_name = "DashboardPeriod"


class HotelOutput(ProfileOutput, CountsOutput):
    """A hotel that has data."""

    first_date = serializers.DateField()
    last_date = serializers.DateField()

    class Meta:
        ref_name = "Hotel"


class CheckOutput(serializers.Serializer):
    """What the last check found; nulls before the first one."""

    checked_at = serializers.DateTimeField(allow_null=True)
    events = serializers.IntegerField(allow_null=True, help_text="Events recounted.")
    counts = serializers.IntegerField(allow_null=True, help_text="Counts compared.")
    differences = serializers.IntegerField(allow_null=True, help_text="Counts that differed.")
    repaired = serializers.BooleanField(allow_null=True, help_text="Were they rebuilt at once?")

    class Meta:
        ref_name = "DashboardCheck"


class StatusOutput(serializers.Serializer):
    """How far the figures are."""

    position = serializers.IntegerField(help_text="The feed is counted up to this event.")
    events_behind = serializers.IntegerField(
        allow_null=True, help_text="0 when every event is counted; null when nobody knows."
    )
    seconds_behind = serializers.FloatField(
        allow_null=True, help_text="Age of the oldest event that is not counted yet."
    )
    updated_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "DashboardStatus"
