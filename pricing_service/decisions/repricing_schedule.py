"""Finds the hotels that are due for repricing, by a fixed number of queries for all of them.

A hotel is due when its figures, rooms, rules or day changed since the last time, and while an
automatic price may still move towards the recommended one. `PricingState.due_at` says since when,
or when its day ends; `find_due` moves it to now where something changed.

Changed rules and figures of the last minute are found by each look. Once in ALL_HOTELS_SECONDS one
of all workers looks at every hotel, so that nothing is missed: figures that were committed long
after their time, rooms and time zones (their profiles have no time of change), hotels that the
version before priced.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from dashboard_service import figures_for_pricing
from dashboard_service.figures_for_pricing import HotelRooms
from pricing_service.models import Mode, PricingRules, PricingState, RepricingLook

# Minimum time between two repricings of a hotel for new figures. Changed rules do not wait.
REPRICING_INTERVAL_SECONDS: Final = 10
ALL_HOTELS_SECONDS: Final = 12  # a little less than between two scheduled runs
# Longer than ALL_HOTELS_SECONDS and a usual transaction of the figures' updater together.
RECENT_FIGURES: Final = timedelta(seconds=60)
# Rooms are compared when their digest changed in this process, and after this long in any case.
ROOMS_SECONDS: Final = 600
HOTELS_IN_A_STATEMENT: Final = 500

NO_PROFILE: Final = HotelRooms(figures_for_pricing.rooms_fingerprint(None, ()), "UTC")


class _Priced(NamedTuple):
    """From what a hotel was priced the last time."""

    hotel_id: int
    figures_changed_at: datetime | None
    rooms_fingerprint: str
    as_of: date | None
    due_at: datetime | None


_rooms_compared: tuple[str, float] = ("", 0.0)  # their digest then, and when, in this process


def find_due(*, all_hotels: bool) -> bool:
    """Make the hotels due of which something changed; return whether rules did.

    Args:
        all_hotels: look at every hotel, not only at what changed in the last minute.
    Raises:
        django.db.Error.
    """
    is_any_urgent = _mark_changed_rules()
    _mark_unsettled()
    if all_hotels:
        _look_at_all_hotels()
    else:
        _mark_new_figures()
    return is_any_urgent


def is_turn_of_all_hotels() -> bool:
    """Return whether this worker is the one to look at all hotels now.

    Raises: django.db.Error.
    """
    now = timezone.now()
    RepricingLook.objects.get_or_create(pk=RepricingLook.ID)
    due = RepricingLook.objects.filter(looked_at__lte=now - timedelta(seconds=ALL_HOTELS_SECONDS))
    return bool(due.update(looked_at=now))


def waiting_for_a_look_since() -> datetime | None:
    """Return when hotels were last looked at, or got their rules since; None where none has prices.

    Raises: django.db.Error.
    """
    priced = PricingRules.objects.exclude(mode=Mode.OFF)
    first = priced.order_by("updated_at").values_list("updated_at", flat=True).first()
    look = RepricingLook.objects.values_list("looked_at", flat=True).first()
    return None if first is None else max(first, look or first)


def with_prices() -> QuerySet[PricingState]:
    """Return the states of hotels whose rules say that they have prices."""
    return PricingState.objects.filter(Exists(_rules_of(OuterRef("pk"))))


def _rules_of(hotel_id: OuterRef) -> QuerySet[PricingRules]:
    return PricingRules.objects.exclude(mode=Mode.OFF).filter(pk=hotel_id)


def _mark_changed_rules() -> bool:
    """Make hotels urgent that were never priced, or whose rules changed; return whether any."""
    states = PricingState.objects.filter(pk=OuterRef("pk"))
    new = PricingRules.objects.exclude(mode=Mode.OFF).filter(~Exists(states))
    PricingState.objects.bulk_create(
        [PricingState(hotel_id=hotel) for hotel in new.values_list("pk", flat=True)],
        ignore_conflicts=True,
    )
    rules = _rules_of(OuterRef("pk"))
    is_changed = Exists(rules.filter(updated_at__gt=OuterRef("priced_at")))
    is_new = Q(priced_at=None) & Exists(rules)
    # What failed is tried again at once when a person changed the rules since, else after a pause.
    is_mended = Exists(rules.filter(updated_at__gt=OuterRef("tried_at")))
    changed = PricingState.objects.filter(is_changed | is_new, Q(tries=0) | is_mended)
    # Who is urgent already keeps the turn.
    return bool(changed.filter(is_urgent=False).update(is_urgent=True, due_at=timezone.now()))


def _mark_unsettled() -> None:
    """Make hotels due whose automatic prices may still move, as after a person's decision."""
    _mark(PricingState.objects.filter(is_unsettled=True))


def _mark_new_figures() -> None:
    changed_at = figures_for_pricing.changed_since(timezone.now() - RECENT_FIGURES)
    if changed_at:
        states = PricingState.objects.filter(pk__in=list(changed_at)).values_list(
            "hotel_id", "figures_changed_at"
        )
        _mark_hotels([hotel for hotel, seen in states if seen != changed_at[hotel]])


def _look_at_all_hotels() -> None:
    """Compare each hotel's figures, rooms and day with those that it was priced from."""
    global _rooms_compared
    changed_at = figures_for_pricing.changed_since(None)
    # Hotels with prices switched off are never due: claims need not pass over them.
    now = timezone.now()
    without = PricingState.objects.filter(~Exists(_rules_of(OuterRef("pk"))), due_at__lte=now)
    without.update(due_at=None, is_urgent=False)
    priced = [_Priced(*row) for row in with_prices().values_list(*_Priced._fields).iterator()]
    changed = {row.hotel_id for row in priced if row.figures_changed_at != changed_at.get(row[0])}
    digest = figures_for_pricing.rooms_digest()
    are_rooms_compared = _are_rooms_to_compare(digest) or any(row.due_at is None for row in priced)
    if are_rooms_compared:
        changed |= _with_other_rooms_or_day(priced)
    _mark_hotels(changed)
    if are_rooms_compared:
        _rooms_compared = digest, time.monotonic()


def _are_rooms_to_compare(digest: str) -> bool:
    seen, compared_at = _rooms_compared
    return digest != seen or time.monotonic() > compared_at + ROOMS_SECONDS


def _with_other_rooms_or_day(priced: list[_Priced]) -> set[int]:
    """Return the hotels whose rooms or day are others now.

    Those that have no time to be due at, because the version before priced them, get one.
    """
    rooms = figures_for_pricing.rooms_of_hotels()
    today = {zone: _today(zone) for zone in {of.time_zone for of in (*rooms.values(), NO_PROFILE)}}
    changed = set()
    without_time: dict[str, list[int]] = {}
    for row in priced:
        now = rooms.get(row.hotel_id, NO_PROFILE)
        if (row.rooms_fingerprint, row.as_of) != (now.fingerprint, today[now.time_zone]):
            changed.add(row.hotel_id)
        elif row.due_at is None:
            without_time.setdefault(now.time_zone, []).append(row.hotel_id)
    for zone, hotels in without_time.items():
        ends_at = figures_for_pricing.day_ends_at(today[zone], zone)
        for part in _parts(hotels):
            PricingState.objects.filter(pk__in=part, due_at=None).update(due_at=ends_at)
    return changed


def _today(time_zone: str) -> date:
    return timezone.now().astimezone(ZoneInfo(time_zone)).date()


def _mark_hotels(hotels: Collection[int]) -> None:
    for part in _parts(hotels):
        _mark(PricingState.objects.filter(pk__in=part))


def _mark(states: QuerySet[PricingState]) -> None:
    """Make hotels due; who is due already keeps its turn, and who fails its pause."""
    now = timezone.now()
    is_undue = Q(due_at=None) | Q(due_at__gt=now)
    states.filter(is_undue, tries=0, priced_at__isnull=False).update(due_at=now)


def _parts(hotels: Collection[int]) -> Iterator[list[int]]:
    rest = iter(sorted(hotels))
    while part := list(islice(rest, HOTELS_IN_A_STATEMENT)):
        yield part
