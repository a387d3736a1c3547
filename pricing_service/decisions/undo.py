"""Undo of what a person did to prices or rules: one act is one step, for a day.

An act is a decision about nights, or a change of the pricing rules with all that it did to prices
in force. Only the newest act of a hotel can be undone, then the one before it. What the system did
since (an automatic price that followed the act) is undone with it; nights that have begun stay as
they are. Undoing is saved as decisions; nothing is deleted from the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from common.translatable_text import Text
from dashboard_service import figures_for_pricing
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.decision_log import new_decision, save_prices
from pricing_service.decisions.undo_models import UndoStep
from pricing_service.demand.demand_outlook import first_coming_night
from pricing_service.models import Action, NightPrice, PriceDecision, PricingState
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules, save_rules
from pricing_service.rules.rules_snapshot import are_same, changes_from, snapshot
from pricing_service.signals import prices_changed
from pricing_service.texts.rule_names import RULE_NAMES
from pricing_service.texts.stored_texts import in_english, stored_texts, to_store
from pricing_service.texts.text_parts import listed

UNDO_HOURS: Final = 24
NAMED: Final = 5  # settings that were changed together
KEPT_DAYS: Final = 7  # after which a step is deleted; decisions stay

# A night's price in force as text, whether it is held and fixed, and the price's currency (missing
# in steps of the version before).
NightState = list[Any]


class UndoImpossible(Exception):
    """The step cannot be undone, and nothing was changed; the message says why."""


def night_states(rows: Iterable[NightPrice]) -> dict[str, NightState]:
    """Return what an undo restores of each night, by date."""
    return {
        str(row.night): [str(row.price), row.is_held, row.is_fixed, row.currency] for row in rows
    }


def save_decision_step(
    hotel_id: int, who: str, summary: Text, before: Mapping[str, NightState]
) -> None:
    """Save a decision about nights as a step. The caller holds the hotel's lock."""
    _save(UndoStep(hotel_id=hotel_id, who=who, nights_before=dict(before)), summary)


def save_rules_and_step(
    hotel_id: int, changes: Mapping[str, Any], who: str, summary: Text | None = None
) -> HotelPricingRules:
    """Save changed rules as `pricing_rules.save_rules` does, and a step that undoes it.

    The first rules of a hotel are no step: prices can be turned off instead.

    Args:
        summary: the act in words; without them the changed settings are named.
    Raises: ValidationError: nothing was changed; with the reasons by field.
    """
    with PricingState.locked(hotel_id):
        current = load_rules(hotel_id)
        before = snapshot(current, changes) if current else {}
        changed = save_rules(hotel_id, changes)
        after = snapshot(changed, changes)
        names = [name for name, value in before.items() if value != after[name]]
        if "currency" in names:
            names = list(before)  # amounts that are the same number in both currencies, too
        if names:
            coming = NightPrice.objects.filter(hotel_id=hotel_id, night__gte=_first_night(changed))
            _save(
                UndoStep(
                    hotel_id=hotel_id,
                    who=who,
                    nights_before=night_states(coming),
                    rules_before={name: before[name] for name in names},
                    rules_after={name: after[name] for name in names},
                ),
                summary or _rules_summary(names),
            )
    return changed


def newest_step(hotel_id: int) -> UndoStep | None:
    """Return the act that can be undone now; None if there is none."""
    oldest = timezone.now() - timedelta(hours=UNDO_HOURS)
    step = UndoStep.objects.filter(hotel_id=hotel_id, undone_at=None).order_by("-id").first()
    return step if step and step.made_at > oldest else None


def undo(hotel_id: int, step_id: int, who: str) -> int:
    """Undo a step and return of how many nights the price or its hold was restored.

    Raises:
        UndoImpossible: it is not the hotel's newest one, or older than UNDO_HOURS, or the rules
            were changed otherwise since.
        ValidationError: the rules of before are not valid any more; nothing was changed.
    """
    with PricingState.locked(hotel_id) as state:
        step = newest_step(hotel_id)
        if step is None or step.id != step_id:
            raise UndoImpossible(
                _(
                    "only the newest act can be undone, for a day; another one came after it, or "
                    "it was undone already"
                )
            )
        current = load_rules(hotel_id)
        if current is None or not are_same(snapshot(current, step.rules_after), step.rules_after):
            raise UndoImpossible(_("the settings were changed since"))
        if step.rules_before:
            current = save_rules(hotel_id, changes_from(step.rules_before))
        rows, decisions = _restored(hotel_id, step, _first_night(current), who)
        save_prices(current.rules, rows, decisions)
        step.undone_at = timezone.now()
        step.save(update_fields=["undone_at"])
        state.is_unsettled = True
        state.save(update_fields=["is_unsettled"])
    prices_changed.send(sender=None)
    if step.rules_before:
        reprice(hotel_id)
    return len(rows)


def _restored(
    hotel_id: int, step: UndoStep, first_night: date, who: str
) -> tuple[list[NightPrice], list[PriceDecision]]:
    """Return the nights as they were before a step, not saved, and the decisions that say so."""
    nights = [night for night in step.nights_before if date.fromisoformat(night) >= first_night]
    rows, decisions = [], []
    texts = stored_texts(step.summary, step.summary_texts)
    reason = Text("Undone: %(act)s.", {"act": texts[0] if texts else step.summary})
    for row in NightPrice.objects.filter(hotel_id=hotel_id, night__in=nights).order_by("night"):
        state = step.nights_before[str(row.night)]
        if night_states([row])[str(row.night)][: len(state)] == state:
            continue
        old_price: Decimal | None = row.price
        old_currency = row.currency
        row.price, row.is_held, row.is_fixed, row.currency = _night_values(state, row)
        if row.currency != old_currency:
            old_price = None
        decisions.append(new_decision(row, Action.UNDO, old_price, [reason], who))
        rows.append(row)
    return rows, decisions


def _night_values(state: NightState, row: NightPrice) -> tuple[Decimal, bool, bool, str]:
    price, is_held, is_fixed, *currency = state
    return Decimal(price), is_held, is_fixed, currency[0] if currency else row.currency


def _save(step: UndoStep, summary: Text) -> None:
    step.summary = in_english([summary])
    step.summary_texts = to_store(step.summary, [summary])
    step.save()
    old = timezone.now() - timedelta(days=KEPT_DAYS)
    UndoStep.objects.filter(hotel_id=step.hotel_id, made_at__lt=old).delete()


def _first_night(hotel_rules: HotelPricingRules) -> date:
    hotel = figures_for_pricing.hotel(hotel_rules.rules.hotel_id)
    return first_coming_night(hotel, hotel_rules)


def _rules_summary(names: list[str]) -> Text:
    """Return the changed settings in words: "settings: base price, events"."""
    named = listed([RULE_NAMES.get(name, name.replace("_", " ")) for name in names[:NAMED]])
    if len(names) > NAMED:
        return Text("settings: %(names)s and others", {"names": named})
    return Text("settings: %(names)s", {"names": named})
