"""Query parameters, request bodies and responses of the prices' REST API.

Amounts are sent as text with the decimals of the hotel's currency, so that no client rounds them on
the way.
"""

from datetime import timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.functional import classproperty
from django.utils.translation import gettext as _
from rest_framework import serializers

from common.pagination import PageSizeField
from common.strict_input import (
    DateField,
    HotelField,
    QuerySerializer,
    StrictInput,
    StrictListField,
    WholeNumberField,
)
from common.value_limits import MAX_HOTEL_ID
from pricing_service.decisions.rules_for_nights import NightRule
from pricing_service.models import Action
from pricing_service.notes.note_serializers import NoteOutput
from pricing_service.room_types.room_type_serializers import (
    NIGHT_STATES,
    RoomTypeField,
    RoomTypeNightOutput,
)
from pricing_service.rules.rule_list_serializers import MoneyField
from pricing_service.validators import HIGHEST_FACTOR, LOWEST_FACTOR

MAX_NIGHTS = 731
EXAMPLE_AHEAD = timedelta(days=30)
MANUAL_ACTIONS = [Action.ACCEPT, Action.OVERRIDE, Action.LOCK, Action.RELEASE]
# What an action takes beside the nights; what each of the first four does not take `decide` says.
RULE_VALUES: Final = {
    NightRule.FIX: {"price"},
    NightRule.UNFIX: set[str](),
    NightRule.EVENT: {"name", "factor"},
    NightRule.BOUNDS: {"minimum_price", "maximum_price"},
}
VALUE_NAMES: Final[tuple[str, ...]] = (
    "price", "seen", "reason", "name", "factor", "minimum_price", "maximum_price",
)  # fmt: skip


class NightsQuery(QuerySerializer):
    """A hotel and its nights `from` to `to`, both included."""

    hotel_id = HotelField()

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        return {
            "hotel_id": fields.pop("hotel_id"),
            "from": DateField(
                required=False, help_text="First night; default: tonight, as long as it is on sale."
            ),
            "to": DateField(
                required=False, help_text="Last night; default: a year after the first."
            ),
            **fields,
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "from" in attrs and "to" in attrs:
            if attrs["from"] > attrs["to"]:
                raise serializers.ValidationError({"to": _("is before `from`")})
            if attrs["to"] - attrs["from"] >= timedelta(days=MAX_NIGHTS):
                raise serializers.ValidationError(
                    {"to": _("the span is longer than %(most)d nights") % {"most": MAX_NIGHTS}}
                )
        return attrs


class PricesQuery(NightsQuery):
    """Parameters of `GET /prices/`."""

    room_type = RoomTypeField(required=False)


class NightQuery(QuerySerializer):
    """Parameters of `GET /prices/night/`."""

    hotel_id = HotelField()
    night = DateField(help_text="Night of stay.")


class DecisionsQuery(NightsQuery):
    """Parameters of `GET /prices/decisions/`."""

    page_size = PageSizeField()
    cursor = WholeNumberField(
        required=False, min_value=1, help_text="From the `Link` header of the page before."
    )


class DecisionInput(StrictInput):
    """Body of `POST /prices/decisions/`: a decision about nights of a hotel."""

    hotel_id = serializers.IntegerField(min_value=1, max_value=MAX_HOTEL_ID)
    nights = StrictListField(
        child=DateField(),
        min_length=1,
        max_length=MAX_NIGHTS,
        required=False,
        help_text="Nights of stay; or a range of them, `first` to `last`.",
    )
    first = DateField(required=False, help_text="First night of a range.")
    last = DateField(required=False, help_text="Last night of a range, included.")
    weekdays = StrictListField(
        child=serializers.IntegerField(min_value=0, max_value=6),
        min_length=1,
        max_length=7,
        required=False,
        help_text="Of a range, only the nights of these weekdays; Monday is 0.",
    )
    action = serializers.ChoiceField(
        [action.value for action in (*MANUAL_ACTIONS, *NightRule)],
        help_text="About prices in force: accept, override, lock, release. About the hotel's "
        "rules: `fix` and `unfix` set and remove fixed prices, `event` adds an event, `bounds` a "
        "minimum or a maximum.",
    )
    price = MoneyField(
        required=False,
        help_text="With override and fix, the price; with accept, the recommended price that was "
        "seen; the decision is refused if it has changed since.",
    )
    seen = StrictListField(
        child=MoneyField(),
        max_length=MAX_NIGHTS,
        required=False,
        help_text="With accept, the recommended prices that were seen, one for each of `nights`; "
        "all are refused if one of them has changed since.",
    )
    reason = serializers.CharField(
        max_length=500,
        required=False,
        help_text="Saved with the decision; not with what changes the hotel's rules.",
    )
    name = serializers.CharField(max_length=60, required=False, help_text="The event's.")
    factor = serializers.FloatField(
        min_value=LOWEST_FACTOR, max_value=HIGHEST_FACTOR, required=False, help_text="The event's."
    )
    minimum_price = MoneyField(required=False, help_text="With bounds: it, a maximum or both.")
    maximum_price = MoneyField(required=False, help_text="With bounds.")

    class Meta:
        ref_name = "PriceDecisionInput"

        @classproperty
        def swagger_schema_fields(cls) -> dict[str, Any]:
            """An example with a night that has a price, whenever it is read."""
            night = timezone.now().date() + EXAMPLE_AHEAD
            return {"example": {"hotel_id": 1, "nights": [night.isoformat()], "action": "lock"}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Take `nights`, or the nights of a range as `nights`; `is_range` says which it was."""
        _check_values(attrs)
        named = [name for name in ("first", "last") if name in attrs]
        if "nights" in attrs:
            if named or "weekdays" in attrs:
                raise serializers.ValidationError({"nights": _("give nights or a range, not both")})
            return {**attrs, "is_range": False}
        if len(named) < 2:
            raise serializers.ValidationError({"nights": _("is required, or `first` and `last`")})
        if attrs.get("seen"):
            raise serializers.ValidationError({"seen": _("only allowed with `nights`")})
        first, last = attrs.pop("first"), attrs.pop("last")
        weekdays = attrs.pop("weekdays", range(7))
        if not 0 <= (last - first).days < MAX_NIGHTS:
            message = _("must lie 0 to %(most)d days after the first night")
            raise serializers.ValidationError({"last": message % {"most": MAX_NIGHTS - 1}})
        nights = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        nights = [night for night in nights if night.weekday() in weekdays]
        if not nights:
            message = _("no night of the range is one of them")
            raise serializers.ValidationError({"weekdays": message})
        return {**attrs, "nights": nights, "is_range": True}


def _check_values(attrs: dict[str, Any]) -> None:
    """Raises: ValidationError for values that the action lacks or does not take."""
    action, given = attrs["action"], {name for name in VALUE_NAMES if name in attrs}
    values = {"action": action}
    known = RULE_VALUES.get(action, {"price", "seen", "reason"})
    errors = dict.fromkeys(sorted(given - known), _("not allowed with %(action)s") % values)
    if action == NightRule.BOUNDS and not given & known:
        errors["minimum_price"] = _("give a minimum or a maximum price")
    elif action in RULE_VALUES and action != NightRule.BOUNDS:
        errors |= dict.fromkeys(sorted(known - given), _("required with %(action)s") % values)
    if errors:
        raise serializers.ValidationError(errors)


class PriceOutput(serializers.Serializer):
    """A night's prices, demand and forecast."""

    hotel_id = serializers.IntegerField()
    night = serializers.DateField()
    room_type = serializers.CharField(
        allow_null=True,
        help_text="The type whose price it is: the reference type in rows of the house; null for a "
        "hotel without room types.",
    )
    price = MoneyField(allow_null=True, help_text="The price in force; null on a closed night.")
    currency = serializers.CharField(help_text="In which the price was made.")
    recommended = MoneyField(allow_null=True)
    state = serializers.ChoiceField(
        NIGHT_STATES,
        help_text="`suggested`: another price is recommended that differs by at least the "
        "hotel's smallest change; `held`: a person set or locked the price; `closed`: no room is "
        "for sale, and there is no price; `sold out`: all rooms of the type are booked.",
    )
    days_before = serializers.IntegerField(
        help_text="Days from the hotel's today to the night; where prices are tried as of a day, "
        "from that day."
    )
    rooms = serializers.IntegerField(help_text="Rooms to sell.")
    on_the_books = serializers.IntegerField(
        allow_null=True, help_text="Net room-nights; of a room type, null where they are not known."
    )
    occupancy = serializers.FloatField(allow_null=True, help_text="On the books divided by rooms.")
    expected_on_the_books = serializers.FloatField(
        allow_null=True,
        help_text="Net room-nights that are usual on such a night by now. As the forecast, null in "
        "rows of a room type.",
    )
    forecast = serializers.FloatField(allow_null=True, help_text="Final net room-nights.")
    forecast_low = serializers.FloatField(
        allow_null=True, help_text="Lower bound of the 80 % interval."
    )
    forecast_high = serializers.FloatField(allow_null=True)
    sentence = serializers.CharField(help_text="The reason of the recommended price.")
    priced_at = serializers.DateTimeField()
    minimum_stay = serializers.IntegerField(
        help_text="Fewest nights of a stay that includes this night, whatever its arrival."
    )
    group_rooms = serializers.IntegerField(
        allow_null=True,
        help_text="Of those on the books, booked as groups: many rooms in one minute. As the "
        "forecast, null in rows of a room type.",
    )
    figures_as_of = serializers.DateField(
        allow_null=True,
        help_text="The day that the figures are of, where the hotel's events have stopped: that of "
        "the newest one. Null: they are of today.",
    )

    class Meta:
        ref_name = "Price"


class GroupOutput(serializers.Serializer):
    """A group of a night: rooms that were booked in one minute."""

    booked_at = serializers.DateTimeField(help_text="The minute, UTC.")
    rooms_booked = serializers.IntegerField(help_text="For this night, also those cancelled since.")
    rooms = serializers.IntegerField(help_text="On the books for this night.")

    class Meta:
        ref_name = "GroupOfNight"


class CurvePoint(serializers.Serializer):
    """Net room-nights on the books so many days before a night: actual, expected, last year's."""

    days_before = serializers.IntegerField()
    on_the_books = serializers.IntegerField(allow_null=True, help_text="Null for days to come.")
    expected = serializers.FloatField(help_text="Usual on such a night so many days before.")
    last_year = serializers.IntegerField(
        allow_null=True, help_text="Of the night 364 days before; null if unknown."
    )

    class Meta:
        ref_name = "BookingCurvePoint"


class RevenuePoint(serializers.Serializer):
    """What a night is expected to sell and earn from now on at a price."""

    price = MoneyField()
    bookings = serializers.FloatField(help_text="Further bookings that are not cancelled.")
    revenue = serializers.FloatField(help_text="Of these bookings, in the night's currency.")

    class Meta:
        ref_name = "RevenuePoint"


class DecisionOutput(serializers.Serializer):
    """A saved decision."""

    id = serializers.IntegerField()
    hotel_id = serializers.IntegerField()
    night = serializers.DateField()
    made_at = serializers.DateTimeField()
    action = serializers.ChoiceField(Action.choices)
    old_price = MoneyField(allow_null=True)
    new_price = MoneyField()
    recommended = MoneyField()
    currency = serializers.CharField(help_text="Of the three amounts.")
    on_the_books = serializers.IntegerField()
    reason = serializers.CharField()
    made_from = serializers.DictField(
        help_text="What the recommended price was made from at the time: base price, bounds, step, "
        "factors, rooms and forecast. Empty in decisions of earlier versions."
    )
    who = serializers.CharField()

    class Meta:
        ref_name = "PriceDecision"


class NightOutput(PriceOutput):
    """A night with its factors, bounds, booking curve and decisions."""

    factors = serializers.DictField(
        child=serializers.FloatField(), help_text="Multipliers of the base price, by name."
    )
    base_price = MoneyField(help_text="As the other rules here, when the price was made.")
    minimum_price = MoneyField(help_text="The night's, by season and weekday.")
    maximum_price = MoneyField(help_text="The night's, by season and weekday.")
    price_step = MoneyField()
    bound = serializers.CharField(
        help_text="What limited the recommended price: `minimum`, `maximum`, `fixed` or nothing."
    )
    bound_origin = serializers.CharField(help_text="The season or weekday whose bound it is.")
    bound_season = serializers.DictField(allow_null=True, help_text="The same in parts.")
    events = serializers.CharField(help_text="Names of the night's events.")
    event_names = serializers.ListField(child=serializers.CharField())
    note = NoteOutput(allow_null=True)
    room_types = RoomTypeNightOutput(many=True, help_text="The night's prices by room type.")
    groups = GroupOutput(many=True, help_text="The night's groups, in order of booking.")
    revenue_curve = RevenuePoint(
        many=True,
        help_text="Expected revenue of the free rooms at prices that stay until the night, the "
        "price in force and the recommended one among them; empty where no room is free.",
    )
    curve = CurvePoint(many=True)
    decisions = DecisionOutput(many=True, help_text="Newest first, at most 50.")

    class Meta:
        ref_name = "NightPrice"
