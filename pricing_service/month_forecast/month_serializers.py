"""Query parameters and responses of the forecast of months."""

from datetime import date
from typing import Any, Final

from rest_framework import serializers

from common.strict_input import DateField, HotelField, QuerySerializer

MAX_MONTHS: Final = 36  # of one request


class ForecastQuery(QuerySerializer):
    """Parameters of `GET /prices/forecast/`."""

    hotel_id = HotelField()
    by = serializers.ChoiceField(["month"], default="month", help_text="The period of a row.")

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            **super().get_fields(),
            "from": DateField(
                required=False, help_text="A date of the first month; default: the running month."
            ),
            "to": DateField(
                required=False, help_text="A date of the last month; default: 11 months later."
            ),
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first: date | None = attrs.get("from")
        last: date | None = attrs.get("to")
        if last and not first:
            raise serializers.ValidationError({"to": "needs `from`"})
        if first and last:
            months = 12 * (last.year - first.year) + last.month - first.month + 1
            if months < 1:
                raise serializers.ValidationError({"to": "is before `from`"})
            if months > MAX_MONTHS:
                raise serializers.ValidationError(
                    {"to": f"{months} months; ask for at most {MAX_MONTHS}"}
                )
        return attrs


class MonthForecastOutput(serializers.Serializer):
    """A month's forecast: room-nights and revenue, with the ends of the 80 % interval."""

    hotel_id = serializers.IntegerField()
    year = serializers.IntegerField()
    month = serializers.IntegerField()
    as_of = serializers.DateField(help_text="The day up to whose end events count.")
    stale_since = serializers.DateField(
        allow_null=True, help_text="The newest event's day, where the hotel's events have stopped."
    )
    nights = serializers.IntegerField()
    nights_gone = serializers.IntegerField(help_text="They count as they were.")
    on_the_books = serializers.IntegerField(help_text="Room-nights, gone and coming.")
    room_nights = serializers.FloatField(
        allow_null=True, help_text="Expected; null where a night has no forecast."
    )
    room_nights_low = serializers.FloatField(allow_null=True)
    room_nights_high = serializers.FloatField(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    revenue_on_the_books = serializers.CharField(allow_null=True)
    revenue = serializers.CharField(
        allow_null=True,
        help_text="Expected: on the books, and further room-nights at the price in force or ADR.",
    )
    revenue_low = serializers.CharField(allow_null=True)
    revenue_high = serializers.CharField(allow_null=True)

    class Meta:
        ref_name = "MonthForecast"
