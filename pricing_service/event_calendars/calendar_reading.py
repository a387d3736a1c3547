"""Reading a hotel's calendars: once a day each, and when a person asks for it.

What a calendar has is compared with what was found before. A new event becomes a proposal; an event
that moved or was renamed stays the one that it was; one that was accepted and is gone is marked;
one that nobody answered goes without a word. An entry whose identifier changed is recognised by its
name, so that what was dismissed does not come again.

One reader at a time for each calendar: it claims it, for as long as a reading can take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from common.number_and_date_texts import ENGLISH
from dashboard_service import figures_for_pricing
from pricing_service.event_calendars.calendar_fetching import Fetched, NotFetched, fetch
from pricing_service.event_calendars.calendar_file import (
    CalendarContent,
    CalendarEvent,
    NoCalendar,
    read_calendar,
)
from pricing_service.event_calendars.calendar_models import Answer, EventCalendar, FoundEvent
from pricing_service.models import PricingState
from pricing_service.rules.calendar_proposals import YEARS_BACK, sold_by_night
from pricing_service.rules.holiday_events import HolidayEvent, with_learned_factors

PERIOD: Final = timedelta(hours=24)
AFTER_FAILURE: Final = timedelta(hours=3)
CLAIM: Final = timedelta(minutes=2)
# A file that stays the same is read anew, because nights come nearer of which it tells.
PARSE_AFTER: Final = timedelta(days=7)
DAYS_AHEAD: Final = 730
DAYS_BACK: Final = 365 * (YEARS_BACK + 1)  # of the same events before, to learn from
SAME_EVENT_DAYS: Final = 45  # between dates of an event that moved
DAYS_KEPT: Final = 400  # after an event was

WHAT_A_READING_SETS: Final = (
    "failure", "read_at", "next_read_at", "claimed_until", "parsed_at", "etag", "last_modified",
    "notice",
)  # fmt: skip
WHAT_A_CALENDAR_SAYS: Final = (
    "key", "uid", "name", "first", "last", "proposed_factor", "vanished_at", "is_vanishing_told",
)  # fmt: skip


def read_due(may_go_on: Callable[[], bool] = lambda: True) -> int:
    """Read the calendars that are due, the longest waiting first; return how many."""
    due = EventCalendar.objects.filter(next_read_at__lte=timezone.now()).order_by("next_read_at")
    done = 0
    for calendar in list(due):
        if not may_go_on():
            break
        done += read_one(calendar)
    return done


def read_one(calendar: EventCalendar) -> bool:
    """Fetch and compare a calendar; what fails is stored with it. Return False if another reads it.

    Raises: django.db.Error.
    """
    now = timezone.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    claimed = EventCalendar.objects.filter(free, pk=calendar.pk).update(claimed_until=now + CLAIM)
    if not claimed:
        return False
    calendar.refresh_from_db()
    is_known = calendar.parsed_at is not None and now - calendar.parsed_at < PARSE_AFTER
    try:
        known = (calendar.etag, calendar.last_modified) if is_known else ("", "")
        with override(ENGLISH):  # what is stored, others read in other languages
            fetched = fetch(calendar.address, *known)
            if fetched.text is not None:
                _take(calendar, fetched, fetched.text, now)
    except (NotFetched, NoCalendar) as error:
        calendar.failure = str(error)[:300]
        calendar.next_read_at = now + AFTER_FAILURE
    else:
        calendar.failure, calendar.read_at = "", now
        calendar.next_read_at = now + PERIOD
    calendar.claimed_until = None
    # Only if it is still there: a person may have removed it meanwhile.
    fields = {name: getattr(calendar, name) for name in WHAT_A_READING_SETS}
    EventCalendar.objects.filter(pk=calendar.pk).update(**fields)
    return True


def _take(calendar: EventCalendar, fetched: Fetched, text: str, now: datetime) -> None:
    """Compare a file with what is known of the calendar. Raises: NoCalendar."""
    hotel = figures_for_pricing.hotel(calendar.hotel_id)
    today = hotel.today
    content = read_calendar(
        text,
        ZoneInfo(hotel.time_zone),
        today - timedelta(days=DAYS_BACK),
        today + timedelta(days=DAYS_AHEAD),
    )
    coming = [event for event in content.events if event.last >= today]
    factors = _learned_factors(hotel, coming, content.events)
    # Persons' answers wait for it, and it for them: what is stored is never older than an answer.
    with PricingState.locked(calendar.hotel_id):
        # Locked, so that it cannot be removed meanwhile.
        if EventCalendar.objects.select_for_update().filter(pk=calendar.pk).exists():
            _compare(calendar, coming, factors, today, now)
    calendar.parsed_at = now
    calendar.etag, calendar.last_modified = fetched.etag, fetched.last_modified
    calendar.notice = _notice(content)[:300]


def _compare(
    calendar: EventCalendar,
    coming: Sequence[CalendarEvent],
    factors: Sequence[float | None],
    today: date,
    now: datetime,
) -> None:
    rows = list(calendar.events.all())
    matched = _match(rows, coming)
    present = {row.pk for row in matched.values()}
    for row in rows:
        if row.pk in present:
            continue
        if row.last < today:
            if row.last < today - timedelta(days=DAYS_KEPT):
                row.delete()
        elif row.answer == Answer.OPEN:
            row.delete()
        elif row.answer == Answer.ACCEPTED and row.vanished_at is None:
            row.vanished_at = now
            row.save()
    found = []
    for event, factor in zip(coming, factors, strict=True):
        row = matched.get(event.key) or FoundEvent(calendar=calendar)
        row.key, row.uid = event.key, event.uid
        row.name, row.first, row.last = event.name, event.first, event.last
        row.proposed_factor = factor
        row.vanished_at, row.is_vanishing_told = None, False
        found.append(row)
    FoundEvent.objects.bulk_create([row for row in found if row.pk is None])
    known = [row for row in found if row.pk in present]
    FoundEvent.objects.bulk_update(known, WHAT_A_CALENDAR_SAYS, batch_size=200)


def _match(rows: Sequence[FoundEvent], coming: Sequence[CalendarEvent]) -> dict[str, FoundEvent]:
    """Return the known event of each coming one by its key: the same key, or else nearly the same.

    Nearly the same is one of the same entry or of the same name, at about the same time.
    """
    by_key = {row.key: row for row in rows}
    matched = {event.key: by_key[event.key] for event in coming if event.key in by_key}
    left = [row for row in rows if row.key not in matched]
    for event in coming:
        if event.key in matched:
            continue
        near = [
            row
            for row in left
            if (row.uid == event.uid or row.name.casefold() == event.name.casefold())
            and abs((row.first - event.first).days) <= SAME_EVENT_DAYS
        ]
        if near:
            row = min(near, key=lambda row: abs((row.first - event.first).days))
            matched[event.key] = row
            left.remove(row)
    return matched


def _learned_factors(
    hotel: figures_for_pricing.Hotel,
    coming: Sequence[CalendarEvent],
    events: Sequence[CalendarEvent],
) -> list[float | None]:
    """Return a factor for each coming event that the calendar had before, too."""
    past = [_as_holiday(event) for event in events if event.last < hotel.today]
    if not past:
        return [None] * len(coming)
    sold = sold_by_night(hotel, hotel.today - timedelta(days=1))
    learned = with_learned_factors([_as_holiday(event) for event in coming], past, sold)
    return [event.factor for event in learned]


def _as_holiday(event: CalendarEvent) -> HolidayEvent:
    """Return an event as the holidays' learner takes it; a year in the name says nothing."""
    name = " ".join(re.sub(r"\b(?:19|20)\d\d\b", "", event.name).casefold().split())
    return HolidayEvent(event.name, event.first, event.last, frozenset({name}))


def _notice(content: CalendarContent) -> str:
    """Return what of a file could not be used, in words."""
    told = [
        (
            content.unreadable,
            ngettext(
                "%(count)d entry cannot be read.", "%(count)d entries cannot be read.",
                content.unreadable,
            ),
        ),
        (
            content.too_often,
            ngettext(
                "%(count)d entry is on too often to be special.",
                "%(count)d entries are on too often to be special.",
                content.too_often,
            ),
        ),
        (
            content.unknown_rules,
            ngettext(
                "Of %(count)d recurring entry only the first time is known.",
                "Of %(count)d recurring entries only the first time is known.",
                content.unknown_rules,
            ),
        ),
    ]  # fmt: skip
    texts = [text % {"count": count} for count, text in told if count]
    if not content.events and not texts:
        return _("It has no events in the coming two years.")
    return " ".join(texts)
