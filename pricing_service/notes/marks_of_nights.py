"""What prices know of nights, to be marked in every view: events of the rules, people's notes."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, timedelta

from common.access_rights import Ability
from common.night_marks import Marks, MarkSource, NightMark
from pricing_service.models import DemandEvent, PricingRules
from pricing_service.notes.night_notes import notes_by_night
from pricing_service.rules.rule_list_models import NightNote


def _marks(hotel_id: int, first: date, last: date) -> Marks:
    """Raises: django.db.Error."""
    marks: Marks = {}
    events = DemandEvent.objects.filter(profile_id=hotel_id, first__lte=last, last__gte=first)
    for event in events.order_by("first", "id"):
        begin, end = max(event.first, first), min(event.last, last)
        for number in range((end - begin).days + 1):
            night = begin + timedelta(days=number)
            marks.setdefault(night, []).append(NightMark("event", event.name))
    for night, note in notes_by_night(hotel_id, first, last).items():
        marks.setdefault(night, []).append(NightMark("note", note.text))
    return marks


def _state(hotel_id: int) -> Hashable:
    """Raises: django.db.Error."""
    rules = PricingRules.objects.filter(pk=hotel_id).values_list("updated_at", flat=True)
    notes = NightNote.objects.filter(hotel_id=hotel_id).values_list("id", flat=True)
    return rules.first(), notes.first()


SOURCE = MarkSource(Ability.READ_PRICES, _marks, _state)
