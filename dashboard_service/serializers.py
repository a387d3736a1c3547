"""Serializers of the dashboard's query parameters, request bodies and responses."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from common.pagination import PageSizeField
from common.strict_input import (
    DateField,
    HotelField,
    QuerySerializer,
    WholeNumberField,
)
from common.value_limits import MAX_HOTEL_ID, MAX_YEAR, MIN_YEAR
from dashboard_service.figures.period_figures import Span
from dashboard_service.figures.sold_room_nights import BREAKDOWNS
from dashboard_service.models import Basis
from dashboard_service.profile_serializers import ProfileOutput


class BasisField(serializers.ChoiceField):
    """The date that room-nights are counted on."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("default", Basis.BOOKED.value)
        super().__init__(
            Basis.choices,
            help_text="Count by the date of the event (booked) or by the night of stay (stay).",
            **options,
        )


class DashboardQuery(QuerySerializer):
    """Parameters of `GET /dashboard/`."""

    hotel_id = HotelField()
    period = serializers.ChoiceField(
        ["day", "month", "year"], default="month", help_text="The period of a row."
    )
    year = WholeNumberField(
        required=False,
        min_value=1,
        max_value=9999,
        help_text="Only this year; without it, from the first to the last period with data.",
    )
    month = WholeNumberField(
        required=False, min_value=1, max_value=12, help_text="Only this month; needs a year."
    )
    day = WholeNumberField(
        required=False, min_value=1, max_value=31, help_text="Only this day; needs a month."
    )
    basis = BasisField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        errors: dict[str, str] = {}
        if "month" in attrs and "year" not in attrs:
            errors["month"] = _("needs a year")
        elif "month" in attrs and attrs["period"] == "year":
            errors["month"] = _("goes with period=month or period=day")
        if "day" in attrs and "month" not in attrs:
            errors["day"] = _("needs a month and a year")
        elif "day" in attrs and attrs["period"] != "day":
            errors["day"] = _("goes with period=day")
        elif "day" in attrs and "year" in attrs:
            try:
                date(attrs["year"], attrs["month"], attrs["day"])
            except ValueError:
                errors["day"] = _("is no real date: %(date)s") % {
                    "date": f"{attrs['year']:04}-{attrs['month']:02}-{attrs['day']:02}"
                }
        if errors:
            raise serializers.ValidationError(errors)
        return attrs

    @staticmethod
    def span(parameters: dict[str, Any]) -> Span:
        """Return validated parameters as a span."""
        return Span(**parameters)


class PerformanceQuery(DashboardQuery):
    """Parameters of `GET /dashboard/performance/`."""

    basis = BasisField(default=Basis.STAY.value)
    by = serializers.ChoiceField(
        ["none", *BREAKDOWNS],
        default="none",
        help_text="Break down: a row for each word that has figures in the period.",
    )


class PaceQuery(QuerySerializer):
    """Parameters of `GET /dashboard/pace/`."""

    hotel_id = HotelField()
    year = WholeNumberField(
        min_value=MIN_YEAR, max_value=MAX_YEAR, help_text="Of the nights of stay."
    )
    month = WholeNumberField(
        required=False,
        default=None,
        min_value=1,
        max_value=12,
        help_text="The nights of this month; without it, the months of the year.",
    )
    as_of = DateField(
        required=False,
        default=None,
        help_text="Count events until the end of this day; default: the newest day with data.",
    )


class PageQuery(DashboardQuery):
    """Parameters of the web page at `/`; the page has defaults for hotel and year."""

    hotel_id = HotelField(required=False)
    year = WholeNumberField(required=False, min_value=MIN_YEAR, max_value=MAX_YEAR)
    day = None  # type: ignore[assignment]  # removes the inherited field
    show = serializers.ChoiceField(
        ["room_nights", "revenue", "occupancy", "adr"], default="room_nights"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if "month" in attrs and attrs["period"] != "day":
            raise serializers.ValidationError({"month": _("goes with period=day")})
        return attrs


class HotelsQuery(QuerySerializer):
    """Parameters of `GET /dashboard/hotels/`."""

    basis = BasisField()
    page_size = PageSizeField()
    cursor = WholeNumberField(
        required=False,
        min_value=0,
        max_value=MAX_HOTEL_ID,
        default=0,
        help_text="The last hotel of the previous page; from the header `Link`.",
    )


class PickupQuery(QuerySerializer):
    """Parameters of `GET /dashboard/pickup/`."""

    hotel_id = HotelField()
    as_of = DateField(
        required=False,
        default=None,
        help_text="Count events until the end of this day; default: the newest day with data.",
    )
    days = WholeNumberField(
        required=False, default=90, min_value=1, max_value=730, help_text="Number of nights."
    )


class PerformanceOutput(serializers.Serializer):
    """Room-nights and revenue of a hotel in one period."""

    hotel_id = serializers.IntegerField()
    period = serializers.ChoiceField(["day", "month", "year"])
    basis = serializers.ChoiceField(Basis.choices)
    year = serializers.IntegerField()
    month = serializers.IntegerField(allow_null=True)
    day = serializers.IntegerField(allow_null=True)
    room_type = serializers.CharField(
        required=False, allow_null=True, help_text="With by=room_type; null: not described."
    )
    channel = serializers.CharField(required=False, allow_null=True, help_text="With by=channel.")
    segment = serializers.CharField(required=False, allow_null=True, help_text="With by=segment.")
    room_nights = serializers.IntegerField(help_text="Net.")
    room_nights_with_rate = serializers.IntegerField(help_text="With a rate in the currency.")
    revenue = serializers.CharField(allow_null=True, help_text="Of the rates that are known.")
    currency = serializers.CharField(allow_null=True)
    average_rate = serializers.CharField(
        allow_null=True, help_text="Revenue by room-nights with a rate (ADR)."
    )
    rooms_for_sale = serializers.IntegerField(
        allow_null=True,
        help_text="Room-nights for sale: on the stay basis, from the hotel's first night with data "
        "on; null for a room type.",
    )
    occupancy = serializers.FloatField(allow_null=True, help_text="1.0 = full.")
    revpar = serializers.CharField(allow_null=True, help_text="Revenue by rooms for sale.")

    class Meta:
        ref_name = "Performance"


class PaceOutput(serializers.Serializer):
    """What is on the books for a month or a night of stay, beside the same time last year."""

    hotel_id = serializers.IntegerField()
    year = serializers.IntegerField()
    month = serializers.IntegerField()
    night_of_stay = serializers.DateField(allow_null=True, help_text="Null for a month.")
    night_last_year = serializers.DateField(
        allow_null=True, help_text="The same weekday, 364 days earlier."
    )
    as_of = serializers.DateField(help_text="The last day whose events count.")
    as_of_last_year = serializers.DateField(help_text="The same number of days before.")
    room_nights = serializers.IntegerField(help_text="On the books.")
    room_nights_last_year = serializers.IntegerField(
        allow_null=True, help_text="On the books then; null before the hotel's first night."
    )
    room_nights_difference = serializers.IntegerField(allow_null=True)
    room_nights_final_last_year = serializers.IntegerField(
        allow_null=True, help_text="How last year ended."
    )
    currency = serializers.CharField(allow_null=True)
    revenue = serializers.CharField(allow_null=True, help_text="Null where no rate is known.")
    revenue_last_year = serializers.CharField(allow_null=True)
    revenue_difference = serializers.CharField(allow_null=True)
    revenue_final_last_year = serializers.CharField(allow_null=True)

    class Meta:
        ref_name = "Pace"


class PickupOutput(serializers.Serializer):
    """What is on the books for one night of stay, and its pickup."""

    hotel_id = serializers.IntegerField()
    as_of = serializers.DateField(help_text="The last day whose events count.")
    night_of_stay = serializers.DateField()
    on_the_books = serializers.IntegerField(help_text="Net room-nights at the end of as_of.")
    pickup_1 = serializers.IntegerField(help_text="Net change in the last day.")
    pickup_7 = serializers.IntegerField(help_text="Net change in the last 7 days.")
    pickup_30 = serializers.IntegerField(help_text="Net change in the last 30 days.")

    class Meta:
        ref_name = "Pickup"


class CountsOutput(serializers.Serializer):
    """Net, booked and cancelled room-nights."""

    booking_count = serializers.IntegerField(help_text="Net: gross less cancelled.")
    gross_booking_count = serializers.IntegerField(help_text="Room-nights booked.")
    cancellation_count = serializers.IntegerField(help_text="Room-nights cancelled.")

    class Meta:
        ref_name = "RoomNights"


class DashboardOutput(CountsOutput):
    """Room-nights of a hotel in one period."""

    hotel_id = serializers.IntegerField()
    period = serializers.ChoiceField(["day", "month", "year"])
    basis = serializers.ChoiceField(Basis.choices)
    year = serializers.IntegerField()
    month = serializers.IntegerField(allow_null=True)
    day = serializers.IntegerField(allow_null=True)

    class Meta:
        ref_name = "DashboardPeriod"


class HotelOutput(ProfileOutput, CountsOutput):
    """A hotel with data: profile, first and last date, and totals."""

    first_date = serializers.DateField()
    last_date = serializers.DateField()

    class Meta:
        ref_name = "Hotel"


class CheckOutput(serializers.Serializer):
    """Result of the last check of all hotels; nulls before the first one."""

    checked_at = serializers.DateTimeField(allow_null=True)
    events = serializers.IntegerField(allow_null=True, help_text="Events recounted.")
    counts = serializers.IntegerField(allow_null=True, help_text="Counts compared.")
    differences = serializers.IntegerField(allow_null=True, help_text="Counts that differed.")
    repaired = serializers.BooleanField(
        allow_null=True, help_text="Whether the hotels that differed were rebuilt."
    )
    begun_at = serializers.DateTimeField(allow_null=True)
    hotels = serializers.IntegerField(allow_null=True, help_text="Hotels checked.")
    repaired_hotels = serializers.IntegerField(allow_null=True)
    unchecked_hotels = serializers.IntegerField(
        allow_null=True, help_text="Hotels that could not be checked."
    )
    round_begun_at = serializers.DateTimeField(
        allow_null=True, help_text="Of the check that goes on; null between two."
    )
    round_hotels = serializers.IntegerField(allow_null=True, help_text="That it is to check.")
    round_checked = serializers.IntegerField(allow_null=True, help_text="That it has checked.")

    class Meta:
        ref_name = "DashboardCheck"


class ShareLagOutput(serializers.Serializer):
    """How far a share of the hotels is behind the ledger."""

    share = serializers.IntegerField(help_text="The remainder of its hotels' ids.")
    position = serializers.IntegerField(help_text="The last event of the feed that is counted.")
    events_behind = serializers.IntegerField(
        allow_null=True,
        help_text="Null where all shares stand at one position and events are behind.",
    )
    seconds_behind = serializers.FloatField(allow_null=True)


class StatusOutput(serializers.Serializer):
    """How far the figures are behind the ledger."""

    position = serializers.IntegerField(
        allow_null=True,
        help_text="The last event of the feed to which the figures of all hotels count; null for "
        "some hotels only.",
    )
    events_behind = serializers.IntegerField(
        allow_null=True,
        help_text="0 when every event is counted; null when the Data Provider does not answer.",
    )
    seconds_behind = serializers.FloatField(
        allow_null=True,
        help_text="Age of the oldest event that is not counted yet; null like events_behind.",
    )
    updated_at = serializers.DateTimeField(allow_null=True)
    events_behind_is_estimate = serializers.BooleanField(
        required=False,
        help_text="True, and only present, when events_behind is large and was estimated.",
    )
    unknown_because = serializers.CharField(
        required=False, help_text="Only present when events_behind is null: why it is unknown."
    )
    shares = ShareLagOutput(
        many=True,
        required=False,
        help_text="Only present where the feed is divided into shares: the same of each.",
    )

    class Meta:
        ref_name = "DashboardStatus"
