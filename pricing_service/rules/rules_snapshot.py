"""Values of pricing rules as JSON, from which they can be set again; for undoing a change.

A field is text as Django's serializers write it (a JSON field as it is), a list its rows in that
form. The webhook is left out: a secret is never stored twice, and an address is no price.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django.db.models import Field, JSONField, Model

from pricing_service.models import PricingRules
from pricing_service.rules.pricing_rules import LISTS, ROOMS, HotelPricingRules

NOT_KEPT: Final = frozenset({"webhook_url", "webhook_secret"})


def snapshot(hotel_rules: HotelPricingRules, names: Iterable[str]) -> dict[str, Any]:
    """Return the values of fields and lists by name; of the webhook none."""
    values: dict[str, Any] = {}
    for name in sorted(set(names) - NOT_KEPT):
        if name == ROOMS:
            values[name] = [
                {"first": str(span.first), "last": str(span.last), "rooms": span.rooms}
                for span in hotel_rules.rooms_for_sale
            ]
        elif name in LISTS:
            values[name] = [
                {field.name: _to_json(field, row) for field in _row_fields(LISTS[name])}
                for row in getattr(hotel_rules, name)
            ]
        else:
            values[name] = _to_json(PricingRules._meta.get_field(name), hotel_rules.rules)
    return values


def audited_values(hotel_rules: HotelPricingRules | None, names: Iterable[str]) -> dict[str, Any]:
    """Return the snapshot with the webhook's address, for telling what a change changed."""
    if hotel_rules is None:
        return {}
    return {**snapshot(hotel_rules, names), "webhook_url": hotel_rules.rules.webhook_url}


def are_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two snapshots say the same, in whatever order a list's rows are.

    They are told in one order and stored in another.
    """
    return _in_order(one) == _in_order(other)


def _in_order(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        # By the fields' names: a database may give them back in another order.
        name: sorted(value, key=_row_key) if name in LISTS or name == ROOMS else value
        for name, value in values.items()
    }


def _row_key(row: Mapping[str, Any]) -> str:
    return repr(sorted(row.items()))


def changes_from(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a snapshot as a change of the rules, as `pricing_rules.with_changes` takes it."""
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name == ROOMS:
            changes[name] = [
                {
                    "first": date.fromisoformat(row["first"]),
                    "last": date.fromisoformat(row["last"]),
                    "rooms": row["rooms"],
                }
                for row in value
            ]
        elif name in LISTS:
            fields = {field.name: field for field in _row_fields(LISTS[name])}
            changes[name] = [
                {key: _from_json(fields[key], text) for key, text in row.items()} for row in value
            ]
        else:
            changes[name] = _from_json(PricingRules._meta.get_field(name), value)
    return changes


def _row_fields(model: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if field.name not in ("id", "profile")]


def _to_json(field: Any, row: Model) -> Any:
    value = field.value_from_object(row)
    if value is None or isinstance(field, JSONField):
        return value
    return field.value_to_string(row)


def _from_json(field: Any, value: Any) -> Any:
    return value if value is None or isinstance(field, JSONField) else field.to_python(value)
