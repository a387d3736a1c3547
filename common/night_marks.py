"""Events, notes and holidays on nights: marked in every view of nights, with their text.

Apps register what they know of nights, because no view may depend on another app. A source needs an
ability of the reader, and one whose database does not answer is left out: a view never fails for
its marks.
"""

import logging
from collections.abc import Callable, Collection, Hashable
from datetime import date
from typing import Final, Literal, NamedTuple

from common.access_rights import Ability
from common.error_responses import DATABASE_AWAY

logger = logging.getLogger(__name__)

Kind = Literal["event", "note", "holiday"]


class NightMark(NamedTuple):
    """What is to be known of a night: an event's or a holiday's name, or a note's text."""

    kind: Kind
    text: str


Marks = dict[date, list[NightMark]]  # by night, nights without a mark left out


class MarkSource(NamedTuple):
    """An app's marks of a hotel's nights."""

    ability: Ability  # that reading them needs
    #: Returns the marks of a hotel's nights from a first to a last one, both included.
    marks: Callable[[int, date, date], Marks]
    #: Returns a value that changes whenever a hotel's marks do, for ETags; cheap.
    state: Callable[[int], Hashable]


_sources: Final[dict[str, MarkSource]] = {}


def register(name: str, source: MarkSource) -> None:
    """Make a source known; one that is registered again under its name takes its own place."""
    _sources[name] = source


def night_marks(hotel_id: int, first: date, last: date, abilities: Collection[Ability]) -> Marks:
    """Return the marks of a hotel's nights from `first` to `last`, as far as a reader may see them.

    Args:
        abilities: the reader's.
    """
    found: Marks = {}
    for source in _readable(abilities):
        try:
            for night, marks in source.marks(hotel_id, first, last).items():
                found.setdefault(night, []).extend(marks)
        except DATABASE_AWAY as error:
            logger.error("marks of nights are left out: %s", error)
    return found


def marks_state(hotel_id: int, abilities: Collection[Ability]) -> tuple[Hashable, ...]:
    """Return a value that changes whenever `night_marks` of a hotel do; cheap, for ETags."""
    states: list[Hashable] = []
    for source in _readable(abilities):
        try:
            states.append(source.state(hotel_id))
        except DATABASE_AWAY as error:
            logger.error("marks of nights are left out: %s", error)
            states.append(None)
    return tuple(states)


def _readable(abilities: Collection[Ability]) -> list[MarkSource]:
    return [source for _, source in sorted(_sources.items()) if source.ability in abilities]
