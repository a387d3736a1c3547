"""What of the prices of many hotels needs a person, in a few statements whatever their number.

Prices that wait for a person, nights whose price is at a bound, deliveries that fail. What all of
it depends on can be read cheaply, so that nothing is worked out anew while it stays.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Count, F, Max, QuerySet

from pricing_service.decisions.change_limits import ChangeLimits
from pricing_service.decisions.undo_models import UndoStep
from pricing_service.delivery.told_prices import fingerprint
from pricing_service.delivery.webhook_models import WebhookReceiver
from pricing_service.models import Mode, NightPrice, PricingRules, PricingState

WAITING_NIGHTS: Final = 90  # coming nights whose prices may wait for a person
BOUND_NIGHTS: Final = 30  # coming nights that are looked at for prices at a bound
BOUNDS: Final = ("minimum", "maximum")


@dataclass(frozen=True, kw_only=True)
class PriceState:
    """Whether a hotel has prices, and how its booking system takes them."""

    mode: str = ""  # of its rules; empty without rules
    parts: tuple[Any, ...] = ()  # all that its prices depend on beside the day
    failing_since: datetime | None = None  # of deliveries to the present address

    @property
    def has_prices(self) -> bool:
        """Whether prices are made."""
        return self.mode not in ("", Mode.OFF)


@dataclass(frozen=True, kw_only=True)
class PricesToLookAt:
    """Nights of a hotel whose prices a person may want to look at."""

    waiting: int = 0  # nights with another recommended price, in suggest mode
    at_bound: int = 0  # open nights whose recommended price is the minimum or the maximum


def price_states(hotels: Collection[int]) -> dict[int, PriceState]:
    """Return the state of each hotel's prices, by number. Raises: django.db.Error."""
    columns = PricingRules.objects.filter(pk__in=hotels).values_list(
        "hotel_id", "mode", "updated_at", "webhook_url"
    )
    rules = {number: (mode, saved, url) for number, mode, saved, url in columns}
    priced = dict(PricingState.objects.filter(pk__in=hotels).values_list("hotel_id", "priced_at"))
    steps = {
        number: (newest, undone)
        for number, newest, undone in UndoStep.objects.filter(hotel_id__in=hotels)
        .order_by()
        .values_list("hotel_id")
        .annotate(newest=Max("id"), undone=Max("undone_at"))
    }
    receivers = WebhookReceiver.objects.filter(pk__in=hotels, failing_since__isnull=False)
    failing = {row.hotel_id: row for row in receivers}
    states = {}
    for number in hotels:
        if number not in rules:
            states[number] = PriceState()
            continue
        mode, updated_at, address = rules[number]
        receiver = failing.get(number)
        fails = receiver is not None and receiver.address_fingerprint == fingerprint(address)
        states[number] = PriceState(
            mode=mode,
            # A person's decision is a step to undo, and an undone one has its time; all else that
            # changes prices is in the time of the last pricing.
            parts=(mode, updated_at, priced.get(number), *steps.get(number, ())),
            failing_since=receiver.failing_since if fails and receiver else None,
        )
    return states


def prices_to_look_at(todays: Mapping[int, date]) -> dict[int, PricesToLookAt]:
    """Return what of hotels' prices needs a person, by number.

    Args:
        todays: the own day of each hotel, by number.
    Raises: django.db.Error.
    """
    found: dict[int, PricesToLookAt] = {}
    for today in sorted(set(todays.values())):  # at most three: of all time zones
        numbers = [number for number, day in todays.items() if day == today]
        found |= _of_day(numbers, today)
    return found


def _of_day(hotels: Collection[int], today: date) -> dict[int, PricesToLookAt]:
    """Return it for hotels that have the same day."""
    active = PricingRules.objects.filter(pk__in=hotels).exclude(mode=Mode.OFF)
    rules = {row.hotel_id: row for row in active}
    suggesting = [number for number, row in rules.items() if row.mode == Mode.SUGGEST]
    last_waiting = today + timedelta(days=WAITING_NIGHTS - 1)
    differing = _open_nights(suggesting, today, last_waiting).filter(is_held=False)
    differing = differing.exclude(price=F("recommended"))
    waiting = Counter(
        number
        for number, price, recommended in differing.values_list("hotel_id", "price", "recommended")
        if ChangeLimits.from_rules(rules[number]).allows_change(price, recommended)
    )
    last_bound = today + timedelta(days=BOUND_NIGHTS - 1)
    bounded = _open_nights(list(rules), today, last_bound).filter(made_from__bound__in=BOUNDS)
    at_bound = dict(bounded.order_by().values_list("hotel_id").annotate(nights=Count("id")))
    return {
        number: PricesToLookAt(waiting=waiting[number], at_bound=at_bound.get(number, 0))
        for number in hotels
    }


def _open_nights(hotels: Collection[int], first: date, last: date) -> QuerySet[NightPrice]:
    return NightPrice.objects.filter(hotel_id__in=hotels, night__range=(first, last), rooms__gt=0)
