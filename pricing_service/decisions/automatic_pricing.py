"""From how the nights stand to prices in force.

Recommended prices follow `pricing_service.engine.price_formula` and are renewed when the hotel's
figures, its rules or the day change. The price in force follows the profile's mode: *suggest* waits
for a
person, *automatic* takes the recommended price within the profile's limits. In both a fixed price
comes into force at once, no price that nobody holds stays outside the bounds, and a price that a
person holds stays. Each change is kept as a decision in the transaction that makes it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from django.utils import timezone

from dashboard_service import figures_for_pricing
from pricing_service.demand.demand_outlook import Outlook, day_of, look
from pricing_service.demand.forecast import NightForecast
from pricing_service.engine.price_formula import (
    Price,
    Rules,
    Situation,
    list_price,
    on_step,
    price,
)
from pricing_service.models import (
    Action,
    Mode,
    NightPrice,
    PriceDecision,
    PricingProfile,
    PricingState,
    WebhookDelivery,
)
from pricing_service.rules import pricing_rules
from pricing_service.signals import prices_changed

MACHINE = "RoomPriceGenie"
APART_SECONDS = 10  # between two repricings of a hotel for new figures


@dataclass
class _Today:
    """What was changed automatically about a night today."""

    changes: int = 0
    first_price: Decimal | None = None  # before the first change


def hotels_to_price() -> list[int]:
    """Hotels whose figures, rules or day changed since they were priced, the longest ago first."""
    profiles = dict(
        PricingProfile.objects.exclude(mode=Mode.OFF).values_list("hotel_id", "updated_at")
    )
    states = PricingState.objects.in_bulk(list(profiles))
    changed = figures_for_pricing.changed(list(profiles))
    now = timezone.now()
    never = datetime.min.replace(tzinfo=UTC)
    due = []
    for hotel_id, updated_at in profiles.items():
        state = states.get(hotel_id)
        if state is None or state.priced_at is None or updated_at > state.priced_at:
            due.append((never, hotel_id))
        elif now - state.priced_at < timedelta(seconds=APART_SECONDS):
            continue
        elif (
            changed.get(hotel_id) != state.figures_changed_at
            or day_of(figures_for_pricing.hotel(hotel_id)) != state.as_of
        ):
            due.append((state.priced_at, hotel_id))
    return [hotel_id for _, hotel_id in sorted(due)]


def reprice(hotel_id: int) -> int:
    """Price a hotel's coming nights anew; how many nights were looked at.

    All of them on a new day or with new rules, else those whose figures changed.
    """
    told = pricing_rules.told(hotel_id)
    if told is None or told.profile.mode == Mode.OFF:
        return 0
    began = timezone.now()
    changed_at = figures_for_pricing.changed([hotel_id]).get(hotel_id)
    outlook = look(hotel_id, told)
    with PricingState.locked(hotel_id) as state:
        is_all = state.as_of != outlook.as_of or (
            state.priced_at is None or told.profile.updated_at > state.priced_at
        )
        renewed = _renew(told, outlook, is_all)
        state.as_of = outlook.as_of
        state.figures_changed_at = changed_at
        state.priced_at = began
        state.save()
    if renewed:
        prices_changed.send(sender=None)
    return renewed


def _renew(told: pricing_rules.Told, outlook: Outlook, is_all: bool) -> int:
    profile, rules = told.profile, told.rules()
    nights = [one.night for one in outlook.situations]
    known = {
        row.night: row
        for row in NightPrice.objects.filter(
            hotel_id=profile.hotel_id, night__range=(nights[0], nights[-1])
        )
    }
    today = _changes_of_today(profile.hotel_id)
    rows, decisions = [], []
    for situation, forecast in zip(outlook.situations, outlook.forecasts, strict=True):
        row = known.get(situation.night)
        if row is not None and not is_all and row.on_the_books == situation.on_the_books:
            continue
        made = price(rules, situation)
        is_new = row is None
        row = row or NightPrice(
            hotel_id=profile.hotel_id,
            night=situation.night,
            price=first_price(profile, rules, made, situation.night),
        )
        _describe(row, situation, forecast, made)
        rows.append(row)
        if is_new:
            decisions.append(decision(row, Action.START, None, _why_first(profile, made), MACHINE))
            continue
        wanted = _in_force(profile, rules, row, made, today[row.night])
        if wanted != row.price:
            old, row.price = row.price, wanted
            decisions.append(decision(row, Action.AUTOMATIC, old, made.sentence, MACHINE))
    keep(profile, rows, decisions)
    return len(rows)


def first_price(profile: PricingProfile, rules: Rules, made: Price, night: date) -> Decimal:
    """With which a night begins: by the calendar, where a person must accept the rest."""
    return made.amount if profile.mode == Mode.AUTOMATIC else list_price(rules, night)


def _why_first(profile: PricingProfile, made: Price) -> str:
    return made.sentence if profile.mode == Mode.AUTOMATIC else "The first price, by the calendar."


def _describe(row: NightPrice, situation: Situation, forecast: NightForecast, made: Price) -> None:
    row.recommended = made.amount
    row.days_before = situation.days_before
    row.rooms = situation.rooms
    row.on_the_books = situation.on_the_books
    row.expected_on_the_books = round(made.expected_on_the_books, 2)
    row.forecast = round(forecast.expected, 2)
    row.forecast_low = round(forecast.low, 2)
    row.forecast_high = round(forecast.high, 2)
    row.factors = {name: round(factor, 4) for name, factor in made.factors.items()}
    row.sentence = made.sentence
    row.priced_at = timezone.now()


def is_worth_a_change(profile: PricingProfile, old: Decimal, new: Decimal) -> bool:
    """Is a price far enough from another to be told to anybody?"""
    return old != new and abs(new - old) * 100 >= profile.smallest_change_percent * old


def _in_force(
    profile: PricingProfile, rules: Rules, row: NightPrice, made: Price, today: _Today
) -> Decimal:
    """The price that a night should have now."""
    old: Decimal = row.price
    if row.is_held:
        return old
    if made.bound == "fixed":
        return made.amount
    inside = min(max(old, rules.minimum), rules.maximum)
    if inside != old:
        return made.amount if profile.mode == Mode.AUTOMATIC else inside
    if profile.mode != Mode.AUTOMATIC or not is_worth_a_change(profile, old, made.amount):
        return old
    if today.changes >= profile.changes_per_day:
        return old
    return _limited(profile, rules, old, made.amount, today.first_price or old)


def _limited(
    profile: PricingProfile, rules: Rules, old: Decimal, new: Decimal, morning: Decimal
) -> Decimal:
    """As near to the new price as one step and one day may go."""
    step, day = (
        Decimal(percent) / 100
        for percent in (profile.largest_change_percent, profile.largest_day_percent)
    )
    if new > old:
        highest = min(old * (1 + step), morning * (1 + day))
        return max(old, min(new, on_step(highest, rules.step, ROUND_FLOOR)))
    lowest = max(old * (1 - step), morning * (1 - day))
    return min(old, max(new, on_step(lowest, rules.step, ROUND_CEILING)))


def _changes_of_today(hotel_id: int) -> defaultdict[date, _Today]:
    """Automatic changes since midnight UTC, by night."""
    midnight = datetime.combine(timezone.now().date(), time.min, UTC)
    found: defaultdict[date, _Today] = defaultdict(_Today)
    rows = PriceDecision.objects.filter(
        hotel_id=hotel_id, action=Action.AUTOMATIC, made_at__gte=midnight
    )
    for night, old in rows.order_by("id").values_list("night", "old_price"):
        found[night].changes += 1
        if found[night].first_price is None:
            found[night].first_price = old
    return found


def decision(
    row: NightPrice, action: Action, old: Decimal | None, reason: str, who: str
) -> PriceDecision:
    """What is kept of a change; not yet stored."""
    return PriceDecision(
        hotel_id=row.hotel_id,
        night=row.night,
        action=action,
        old_price=old,
        new_price=row.price,
        recommended=row.recommended,
        on_the_books=row.on_the_books,
        reason=reason,
        who=who,
    )


DESCRIBED = [
    field.name
    for field in NightPrice._meta.concrete_fields
    if field.name not in ("id", "hotel_id", "night")
]


def keep(profile: PricingProfile, rows: list[NightPrice], decisions: list[PriceDecision]) -> None:
    """Store nights with what was decided, and what the booking system should be told of it."""
    NightPrice.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["hotel_id", "night"], update_fields=DESCRIBED
    )
    PriceDecision.objects.bulk_create(decisions)
    new = [one for one in decisions if one.old_price != one.new_price]
    if profile.webhook_url and new:
        WebhookDelivery.objects.create(
            hotel_id=profile.hotel_id,
            prices=[{"night": one.night.isoformat(), "price": str(one.new_price)} for one in new],
        )
