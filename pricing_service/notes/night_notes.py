"""Notes of people about nights: any night of a hotel, past or coming, with or without a price.

A night has one note, its newest; an empty one removes it. Writing the same again stores nothing.
Every note that was ever written stays stored with its author and time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from pricing_service.models import PricingState
from pricing_service.rules.rule_list_models import NightNote


def notes_by_night(
    hotel_id: int, first: date | None = None, last: date | None = None
) -> dict[date, NightNote]:
    """Return the notes of a hotel by night, in order of time; nights without a note are left out.

    Args:
        first, last: nights, both included; default: all.
    Raises: django.db.Error.
    """
    rows = NightNote.objects.filter(hotel_id=hotel_id)
    if first:
        rows = rows.filter(night__gte=first)
    if last:
        rows = rows.filter(night__lte=last)
    newest = {row.night: row for row in rows.order_by("night", "id")}
    return {night: row for night, row in newest.items() if row.text}


def write_note(hotel_id: int, nights: Sequence[date], text: str, who: str) -> list[NightNote]:
    """Store one note for some nights, and return the nights' notes after it, in order of time.

    Args:
        text: empty to remove the notes; at most MAX_NOTE_LENGTH characters.
        who: the author's name.
    Raises: django.db.Error.
    """
    chosen = sorted(set(nights))
    with PricingState.locked(hotel_id):
        current = notes_by_night(hotel_id, chosen[0], chosen[-1])
        now = timezone.now()
        rows = [
            NightNote(hotel_id=hotel_id, night=night, text=text, who=who, written_at=now)
            for night in chosen
        ]
        changed = [
            row for row in rows
            if row.text != (current[row.night].text if row.night in current else "")
        ]  # fmt: skip
        NightNote.objects.bulk_create(changed)
    written = {row.night for row in changed}
    return [row if row.night in written else current.get(row.night, row) for row in rows]


def serialize_note(note: NightNote) -> dict[str, Any]:
    """Return a note as REST shows it."""
    return {
        "hotel_id": note.hotel_id,
        "night": note.night,
        "text": note.text,
        "who": note.who,
        "written_at": note.written_at,
    }
