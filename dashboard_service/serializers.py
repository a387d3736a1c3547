"""The dashboard's query parameters, and the shapes of its answers."""

from datetime import date
from typing import Any

from rest_framework import serializers

from dashboard_service.figures import Span
from dashboard_service.models import Basis
from rest.paging import PageSizeField
from rest.query import QuerySerializer, WholeNumberField

MAX_HOTEL_ID = 2_147_483_647


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

    hotel_id = WholeNumberField(min_value=1, max_value=MAX_HOTEL_ID, help_text="Which hotel.")
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


class HotelsQuery(QuerySerializer):
    """Parameters of `GET /dashboard/hotels/`."""

    basis = BasisField()
    page_size = PageSizeField()
    cursor = WholeNumberField(
        required=False, min_value=0, max_value=MAX_HOTEL_ID, default=0, help_text="From `Link`."
    )


class NoParameters(QuerySerializer):
    """For what takes no parameters."""


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


class HotelOutput(CountsOutput):
    """A hotel that has data."""

    hotel_id = serializers.IntegerField()
    first_date = serializers.DateField()
    last_date = serializers.DateField()

    class Meta:
        ref_name = "Hotel"


class CheckOutput(serializers.Serializer):
    """What the last check found; nulls before the first one."""

    checked_at = serializers.DateTimeField(allow_null=True)
    events = serializers.IntegerField(allow_null=True, help_text="Events recounted.")
    days = serializers.IntegerField(allow_null=True, help_text="Days compared.")
    differences = serializers.IntegerField(allow_null=True, help_text="Days that differed.")
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
