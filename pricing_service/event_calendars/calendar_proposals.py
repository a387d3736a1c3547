"""What calendars propose to a hotel, and what people answer.

A new event is a proposal: accepted, it becomes an event of the pricing rules with the factor that
the person chose; dismissed, it is never proposed again. An accepted event that moved in its
calendar is a proposal to move it; one that is gone from its calendar is a proposal to remove it.
Either can be left as it is. What a person does not answer changes no price.

Answers change the rules as the settings do: they are steps that can be undone, stand in the audit
log, and the hotel is priced at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Count, F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access_rights import Access
from common.audited_changes import RULES, report_change
from common.translatable_text import Text
from pricing_service.decisions import undo
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.delivery.receiver_address import shortened
from pricing_service.event_calendars.calendar_fetching import normal_address
from pricing_service.event_calendars.calendar_models import Answer, EventCalendar, FoundEvent
from pricing_service.models import PricingState
from pricing_service.rules.pricing_rules import load_rules
from pricing_service.rules.rules_snapshot import changes_from, snapshot

MOST_CALENDARS: Final = 20  # of a hotel
NEUTRAL_FACTOR: Final = 1.0  # of an event without history: it changes no price
Rows = list[dict[str, Any]]


class NotDone(Exception):
    """What a person asked for was not done; the text says why."""


@dataclass
class Proposals:
    """What waits for a person's answer, each in order of time."""

    new: list[FoundEvent] = field(default_factory=list)
    moved: list[FoundEvent] = field(default_factory=list)
    vanished: list[FoundEvent] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.new) + len(self.moved) + len(self.vanished)


def open_proposals(hotel_id: int, today: date) -> Proposals:
    """Return a hotel's proposals for tonight and later. Raises: django.db.Error."""
    found = FoundEvent.objects.filter(calendar__hotel_id=hotel_id, last__gte=today)
    is_moved = ~Q(first=F("told_first"), last=F("told_last"))
    asked = Q(answer=Answer.OPEN) | Q(answer=Answer.ACCEPTED) & (
        Q(vanished_at__isnull=True) & is_moved
        | Q(vanished_at__isnull=False, is_vanishing_told=False)
    )
    proposals = Proposals()
    for event in found.filter(asked):
        if event.answer == Answer.OPEN:
            proposals.new.append(event)
        elif event.vanished_at is None:
            proposals.moved.append(event)
        else:
            proposals.vanished.append(event)
    return proposals


def proposals_state(hotel_id: int) -> tuple[Any, ...]:
    """Return a value that changes whenever a hotel's proposals may; one query."""
    found = EventCalendar.objects.filter(hotel_id=hotel_id)
    state = found.aggregate(Count("events"), Max("events__answered_at"), Max("parsed_at"))
    return tuple(state.values())


def add_calendar(hotel_id: int, typed: str, access: Access) -> EventCalendar:
    """Store an address to be read. Raises: NotDone."""
    try:
        address = normal_address(typed)
    except ValidationError as error:
        raise NotDone(_("The address %(reason)s.") % {"reason": error.messages[0]}) from error
    with PricingState.locked(hotel_id):
        calendars = EventCalendar.objects.filter(hotel_id=hotel_id)
        if calendars.filter(address=address).exists():
            raise NotDone(_("This calendar is in the list already."))
        if calendars.count() >= MOST_CALENDARS:
            raise NotDone(_("A hotel has at most %(count)d calendars.") % {"count": MOST_CALENDARS})
        calendar = EventCalendar.objects.create(
            hotel_id=hotel_id, address=address, added_by=access.name[:200]
        )
    report_change(access, hotel_id, RULES, f"event calendar added: {shortened(address)}")
    return calendar


def remove_calendar(calendar: EventCalendar, access: Access) -> None:
    """Read an address no more; what was accepted stays in the rules."""
    calendar.delete()
    text = f"event calendar removed: {shortened(calendar.address)}"
    report_change(access, calendar.hotel_id, RULES, text)


def accept(hotel_id: int, number: int, factor: float, access: Access) -> None:
    """Take a new event into the rules. Raises: NotDone."""

    def change(event: FoundEvent, rows: Rows) -> Rows:
        if event.answer != Answer.OPEN:
            raise NotDone(_("This event was answered already."))
        return [*rows, _rule(event, factor)]

    _answer(hotel_id, number, access, change, "accepted")


def move(hotel_id: int, number: int, access: Access) -> None:
    """Move an accepted event to where its calendar has it; its factor stays. Raises: NotDone."""

    def change(event: FoundEvent, rows: Rows) -> Rows:
        if event.answer != Answer.ACCEPTED:
            raise NotDone(_("This event is not one of the rules."))
        moved = [
            _rule(event, row["factor"]) if _is_of(row, event) else row for row in rows
        ]  # fmt: skip
        if moved == rows:
            raise NotDone(
                _("The event is no longer in the rules as it was accepted: change it there.")
            )
        return moved

    _answer(hotel_id, number, access, change, "moved")


def remove_vanished(hotel_id: int, number: int, access: Access) -> None:
    """Take an event that vanished from its calendar out of the rules. Raises: NotDone."""

    def change(event: FoundEvent, rows: Rows) -> Rows:
        if event.vanished_at is None:
            raise NotDone(_("This event is in its calendar."))
        return [row for row in rows if not _is_of(row, event)]

    _answer(hotel_id, number, access, change, "removed")


def dismiss(hotel_id: int, number: int) -> None:
    """Never propose a new event again. Raises: NotDone."""
    with PricingState.locked(hotel_id):
        event = _find(hotel_id, number)
        if event.answer != Answer.OPEN:
            raise NotDone(_("This event was answered already."))
        event.answer, event.answered_at = Answer.DISMISSED, timezone.now()
        event.save()


def leave(hotel_id: int, number: int) -> None:
    """Leave an event that moved or vanished as it is in the rules. Raises: NotDone."""
    with PricingState.locked(hotel_id):
        event = _find(hotel_id, number)
        event.told_first, event.told_last = event.first, event.last
        event.is_vanishing_told = event.vanished_at is not None
        event.answered_at = timezone.now()
        event.save()


ACTS = {"accepted": Text("accepted"), "moved": Text("moved"), "removed": Text("removed")}


def _answer(
    hotel_id: int,
    number: int,
    access: Access,
    change: Callable[[FoundEvent, Rows], Rows],
    act: str,
) -> None:
    """Change the rules' events and what is known of one, together. Raises: NotDone."""
    with PricingState.locked(hotel_id):
        event = _find(hotel_id, number)
        current = load_rules(hotel_id)
        if current is None:
            raise NotDone(_("The hotel has no pricing rules yet: give it a base price first."))
        before: Rows = changes_from(snapshot(current, ["events"]))["events"]
        after = change(event, before)
        if after != before:
            summary = Text("event %(name)s: %(act)s", {"name": event.name, "act": ACTS[act]})
            try:
                undo.save_rules_and_step(hotel_id, {"events": after}, access.name, summary)
            except ValidationError as error:
                raise NotDone("; ".join(error.messages)) from error
        if act == "removed":
            event.delete()  # should it come back, it is proposed anew
        else:
            event.answer, event.answered_at = Answer.ACCEPTED, timezone.now()
            event.rule_name = event.name
            event.rule_first = event.told_first = event.first
            event.rule_last = event.told_last = event.last
            event.save()
    if after != before:
        span = f"{event.first} to {event.last}"
        report_change(access, hotel_id, RULES, f"event of a calendar {act}: {event.name}, {span}")
        reprice(hotel_id)


def _find(hotel_id: int, number: int) -> FoundEvent:
    """Raises: NotDone."""
    event = FoundEvent.objects.filter(pk=number, calendar__hotel_id=hotel_id).first()
    if event is None:
        raise NotDone(_("This event is no longer there."))
    return event


def _rule(event: FoundEvent, factor: float) -> dict[str, Any]:
    return {"first": event.first, "last": event.last, "name": event.name, "factor": factor}


def _is_of(row: dict[str, Any], event: FoundEvent) -> bool:
    """Return whether an event of the rules is the one that was accepted."""
    accepted = (event.rule_name, event.rule_first, event.rule_last)
    return (row["name"], row["first"], row["last"]) == accepted
