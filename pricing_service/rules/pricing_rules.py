"""What a hotel told about its prices, as one thing: read, changed, looked at beforehand, kept."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Model

from pricing_service.engine.price_formula import LeadStep, Occasion, Rules, on_step
from pricing_service.models import (
    DemandEvent,
    FixedPrice,
    PricingProfile,
    PricingState,
    RoomsForSale,
)

# Of a new profile that told its base price only.
USUAL_MINIMUM, USUAL_MAXIMUM = Decimal("0.6"), Decimal("2.5")
MAX_ROWS: Final = 1_000  # of each list
LISTS: Final[dict[str, type[Model]]] = {
    "events": DemandEvent,
    "rooms_for_sale": RoomsForSale,
    "fixed_prices": FixedPrice,
}


@dataclass
class Told:
    """A profile with its lists; stored or not."""

    profile: PricingProfile
    events: list[DemandEvent] = field(default_factory=list)
    rooms_for_sale: list[RoomsForSale] = field(default_factory=list)
    fixed_prices: list[FixedPrice] = field(default_factory=list)

    def rules(self) -> Rules:
        """As the formula takes it."""
        profile = self.profile
        return Rules(
            base=profile.base_price,
            minimum=profile.minimum_price,
            maximum=profile.maximum_price,
            step=profile.price_step,
            aggressiveness=profile.aggressiveness,
            targets=profile.target_occupancy,
            months=profile.month_factors,
            weekdays=profile.weekday_factors,
            lead=[LeadStep(days, factor) for days, factor in profile.lead_factors],
            occasions=[Occasion(one.first, one.last, one.factor, one.name) for one in self.events],
            fixed={one.night: one.price for one in self.fixed_prices},
        )

    def rooms(self, nights: Sequence[date], usual: int) -> list[int]:
        """Rooms to sell of nights; where two spans meet, as the one says that begins later."""
        spans = sorted(self.rooms_for_sale, key=lambda span: span.first, reverse=True)
        return [
            next((span.rooms for span in spans if span.first <= night <= span.last), usual)
            for night in nights
        ]


def told(hotel_id: int) -> Told | None:
    """What is stored of a hotel; None where nothing is."""
    profile = PricingProfile.objects.filter(pk=hotel_id).first()
    if profile is None:
        return None
    lists: dict[str, Any] = {
        name: list(model._default_manager.filter(profile=profile)) for name, model in LISTS.items()
    }
    return Told(profile, **lists)


def changed(known: Told | None, hotel_id: int, changes: Mapping[str, Any]) -> Told:
    """What would be told after changes; nothing is stored.

    Args:
        changes: fields of a PricingProfile by name, and whole lists by their names in LISTS.
    Raises:
        ValidationError: with the reasons by field.
    """
    wanted = copy.deepcopy(known) if known else Told(_new_profile(hotel_id, changes))
    for name, value in changes.items():
        if name not in LISTS:
            setattr(wanted.profile, name, value)
    errors: dict[str, Any] = {}
    try:
        wanted.profile.full_clean(validate_unique=False)
    except ValidationError as error:
        errors |= error.message_dict
    for name in LISTS.keys() & changes.keys():
        try:
            setattr(wanted, name, _rows(LISTS[name], wanted.profile, changes[name]))
        except ValidationError as error:
            errors[name] = error.messages
    if errors:
        raise ValidationError(errors)
    return wanted


def _new_profile(hotel_id: int, changes: Mapping[str, Any]) -> PricingProfile:
    base = changes.get("base_price")
    if base is None:
        raise ValidationError({"base_price": ["needed for a new profile"]})
    step = changes.get("price_step") or Decimal(1)
    return PricingProfile(
        hotel_id=hotel_id,
        minimum_price=max(on_step(base * USUAL_MINIMUM, step, ROUND_FLOOR), min(step, base)),
        maximum_price=on_step(base * USUAL_MAXIMUM, step, ROUND_CEILING),
    )


def _rows(
    model: type[Model], profile: PricingProfile, given: Sequence[Mapping[str, Any]]
) -> list[Any]:
    if len(given) > MAX_ROWS:
        raise ValidationError(f"at most {MAX_ROWS:,} rows")
    rows = [model(**row) for row in given]
    for number, row in enumerate(rows):
        try:
            row.full_clean(exclude=["profile"], validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            raise ValidationError(f"{number}: {'; '.join(error.messages)}") from error
        row.profile = profile  # type: ignore[attr-defined]
    if model is FixedPrice and len({row.night for row in rows}) < len(rows):  # type: ignore[attr-defined]
        raise ValidationError("the same night stands there twice")
    return rows


def tell(hotel_id: int, changes: Mapping[str, Any]) -> Told:
    """Keep changes of what a hotel told, all or none. Raises: ValidationError."""
    with PricingState.locked(hotel_id):
        wanted = changed(told(hotel_id), hotel_id, changes)
        wanted.profile.save()
        for name in LISTS.keys() & changes.keys():
            manager = LISTS[name]._default_manager
            manager.filter(profile=wanted.profile).delete()
            manager.bulk_create(getattr(wanted, name))
    return wanted
