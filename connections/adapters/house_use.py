"""Rooms of the owner and for house use, in systems that do not say it of a reservation.

The hotel names what such reservations have there: a market segment, a source or a rate. The
question and what its answer means are the same for all of these systems.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.adapters.adapter import Body, Choice, Named

HOUSE_USE: Final = "house_use"  # the question's name, and the field of a reservation
SEGMENT, SOURCE, RATE = "segment", "source", "rate"
LABELS: Final = {
    SEGMENT: gettext_lazy("segment %(name)s"),
    SOURCE: gettext_lazy("source %(name)s"),
    RATE: gettext_lazy("rate %(name)s"),
}


def house_use_question(choices: Mapping[str, Any], things: Mapping[str, Sequence[Named]]) -> Choice:
    """Return the question which of the things tells owner and house use apart.

    Args:
        choices: the present answers. The one to this question stays possible when the system does
            not list its thing any more.
        things: what can be named, by kind.
    """
    options = [_option(kind, one) for kind, found in things.items() for one in found]
    chosen = str(choices.get(HOUSE_USE) or "")
    kind, _colon, number = chosen.partition(":")
    if kind in LABELS and chosen not in {one.id for one in options}:
        options.append(_option(kind, Named(number, number)))
    label = _("What owner and house use has, if you tell it apart")
    return Choice(HOUSE_USE, label, options, is_required=False)


def house_use_of(choices: Mapping[str, Any], numbers: Mapping[str, Any]) -> Body:
    """Return the field that marks a reservation of the owner or the house; none of another.

    Args:
        numbers: of the reservation's things, by kind; None where it has none.
    """
    chosen = choices.get(HOUSE_USE)
    is_house_use = any(chosen == f"{kind}:{number}" for kind, number in numbers.items() if number)
    return {HOUSE_USE: True} if is_house_use else {}


def _option(kind: str, one: Named) -> Named:
    return Named(f"{kind}:{one.id}", str(LABELS[kind]) % {"name": one.name})
