"""Looks at the hotels whose figures changed, and tells each user what their rules ask for.

Only hotels with a rule that is switched on are looked at: those whose figures changed since the
last look, all of them once an hour (prices grow old at a bound without a new figure), and those
with a trouble that lasts. The number of statements does not grow with the hotels, up to
HOTELS_AT_ONCE; it grows with the messages that are made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from dashboard_service import figures_for_pricing
from dashboard_service.figures.freshness import incomplete_hotels
from dashboard_service.models import FeedPosition
from overview.alerts.alert_messages import alert_draft
from overview.alerts.alert_models import AlertCheck, AlertRule
from overview.alerts.alert_occasions import Occasion, find_occasions
from overview.alerts.hotel_situation import (
    LASTING,
    HotelSituation,
    LastingTroubles,
    lasting_troubles,
    load_situations,
)
from overview.messages.new_messages import record, told_occasions
from overview.messages.readers import Readers

logger = logging.getLogger(__name__)

HOTELS_AT_ONCE = 100
LOOK_AGAIN_AFTER = timedelta(hours=1)


def raise_alerts(keep_going: Callable[[], bool] = lambda: True) -> int:
    """Tell users what is new by their rules; return how many messages were made.

    Args:
        keep_going: asked before each HOTELS_AT_ONCE hotels; the next run continues.
    Raises:
        django.db.Error.
    """
    if FeedPosition.current().rebuild_needed:
        return 0  # figures are incomplete
    incomplete = incomplete_hotels()
    now = timezone.now()
    rules: dict[int, list[AlertRule]] = {}
    for rule in AlertRule.objects.filter(on_since__lte=now).order_by("hotel_id", "pk"):
        if rule.hotel_id not in incomplete:
            rules.setdefault(rule.hotel_id, []).append(rule)
    if not rules:
        return 0
    changed = figures_for_pricing.changed(list(rules))
    troubles = lasting_troubles(rules.keys())
    due = _due(list(rules), changed, now)
    made, readers = 0, Readers()
    for start in range(0, len(due), HOTELS_AT_ONCE):
        if not keep_going():
            break
        hotels = due[start : start + HOTELS_AT_ONCE]
        made += _tell({hotel: rules[hotel] for hotel in hotels}, troubles, now, readers)
        _note_checked(hotels, changed, now)
    # Of the others, what lasts may have begun; no figures are read for it.
    lasting = {
        hotel: wanted
        for hotel in (troubles.stale.keys() | troubles.failing.keys()) - set(due)
        if (wanted := [rule for rule in rules[hotel] if rule.kind in LASTING])
    }
    return made + (_tell(lasting, troubles, now, readers) if lasting else 0)


def look_again(hotel_id: int) -> None:
    """Have a hotel looked at by the next run: its rules changed. Raises: django.db.Error."""
    AlertCheck.objects.filter(pk=hotel_id).delete()


def _due(hotels: list[int], changed: dict[int, datetime], now: datetime) -> list[int]:
    """Return the hotels to look at, those that waited longest first."""
    checks = AlertCheck.objects.in_bulk(hotels)

    def is_due(hotel: int) -> bool:
        check = checks.get(hotel)
        return (
            check is None
            or check.figures_changed_at != changed.get(hotel)
            or check.checked_at <= now - LOOK_AGAIN_AFTER
        )

    never = datetime.min.replace(tzinfo=UTC)
    waiting_since = {hotel: check.checked_at for hotel, check in checks.items()}
    return sorted(filter(is_due, hotels), key=lambda hotel: waiting_since.get(hotel, never))


def _tell(
    rules: dict[int, list[AlertRule]],
    troubles: LastingTroubles,
    now: datetime,
    readers: Readers,
) -> int:
    kinds = {hotel: {rule.kind for rule in asked} for hotel, asked in rules.items()}
    situations = load_situations(kinds, troubles, now)
    found = [
        (rule, situation, occasions)
        for situation in situations
        for rule in rules[situation.hotel_id]
        if (occasions := _occasions(rule, situation))
    ]
    told = told_occasions(sorted({rule.hotel_id for rule, _, _ in found})) if found else set()
    made = 0
    for rule, situation, occasions in found:
        new = [one for one in occasions if (rule.user_id, rule.hotel_id, one.key) not in told]
        if new and readers.may_read(rule.user_id, rule.hotel_id):
            language = readers.language(rule.user_id, situation.language)
            made += record(alert_draft(rule, situation, new, language)) is not None
    return made


def _occasions(rule: AlertRule, situation: HotelSituation) -> list[Occasion]:
    assert rule.on_since is not None  # else it was not read
    first_day = situation.local_day(rule.on_since)
    return find_occasions(rule.kind, rule.threshold, situation, first_day)


def _note_checked(hotels: Sequence[int], changed: dict[int, datetime], now: datetime) -> None:
    """Note which figures were looked at: those of before the look, so that none is missed."""
    AlertCheck.objects.bulk_create(
        [
            AlertCheck(pk=hotel, figures_changed_at=changed.get(hotel), checked_at=now)
            for hotel in hotels
        ],
        update_conflicts=True,
        unique_fields=["hotel_id"],
        update_fields=["figures_changed_at", "checked_at"],
    )
