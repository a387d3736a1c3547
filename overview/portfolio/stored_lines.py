"""The portfolio's lines: worked out for the hotels whose figures or prices changed, else stored.

A line never differs from what its hotel's own page shows: it is stored with a fingerprint of all
that it depends on, and worked out anew when that is another one. A task does so every minute for
hotels that were looked at before, so that even the first view in the morning finds most of them
done. All hotels that are due are worked out together, with the same number of statements.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from django.db import DatabaseError
from django.utils import timezone

from common.etags import code_fingerprint
from dashboard_service.figures.many_hotels.hotel_state import HotelState, hotel_states
from dashboard_service.figures.many_hotels.key_figures import KeyFigures, NightsPace, key_figures
from dashboard_service.figures.sold_room_nights import Sold
from overview.models import PortfolioLine
from pricing_service.prices_of_many_hotels import (
    PriceState,
    PricesToLookAt,
    price_states,
    prices_to_look_at,
)

logger = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]
# Part of each fingerprint, so that a new version works the lines out anew.
CODE_FINGERPRINT: Final = code_fingerprint(
    _ROOT / "dashboard_service" / "figures", _ROOT / "pricing_service" / "engine"
) + code_fingerprint(Path(__file__).parent)
CHUNK_HOTELS: Final = 250  # that the task works out in one turn


@dataclass(frozen=True, kw_only=True)
class Line:
    """A hotel's line: its profile and day, its figures, and what of its prices needs a person."""

    state: HotelState
    figures: KeyFigures
    prices: PriceState
    to_look_at: PricesToLookAt

    @property
    def name(self) -> str:
        return str(self.state.profile)

    @property
    def has_rooms(self) -> bool:
        """Whether a person told the rooms of any night."""
        return self.state.profile.rooms is not None or bool(self.state.spans)


def load_lines(states: Sequence[HotelState]) -> list[Line]:
    """Return a line for each hotel, in their order; what was worked out is stored.

    Raises: django.db.Error.
    """
    prices = price_states([state.hotel_id for state in states])
    wanted = {state.hotel_id: _fingerprint(state, prices[state.hotel_id]) for state in states}
    stored = {
        row.hotel_id: row.figures
        for row in PortfolioLine.objects.filter(pk__in=wanted)
        if row.fingerprint == wanted[row.hotel_id]
    }
    due = [state for state in states if state.hotel_id not in stored]
    figures = key_figures(due)
    to_look_at = prices_to_look_at({state.hotel_id: state.today for state in due})
    new = {
        state.hotel_id: {
            "figures": asdict(figures[state.hotel_id]),
            "to_look_at": asdict(to_look_at[state.hotel_id]),
        }
        for state in due
    }
    _store(new, wanted)
    lines = []
    for state in states:
        number = state.hotel_id
        found = stored.get(number)
        lines.append(
            Line(
                state=state,
                figures=_restored(found["figures"]) if found else figures[number],
                prices=prices[number],
                to_look_at=PricesToLookAt(**found["to_look_at"]) if found else to_look_at[number],
            )
        )
    return lines


def refresh_lines() -> int:
    """Work out what is due of hotels that were looked at before; return how many are stored.

    Raises: django.db.Error.
    """
    numbers = PortfolioLine.objects.order_by("hotel_id").values_list("hotel_id", flat=True)
    known = list(numbers)
    for start in range(0, len(known), CHUNK_HOTELS):
        chunk = known[start : start + CHUNK_HOTELS]
        load_lines(hotel_states(frozenset(chunk), len(chunk)))
    return len(known)


def _fingerprint(state: HotelState, prices: PriceState) -> str:
    # What is dated later than today in UTC is in the future, whatever the hotel's own day.
    parts = (CODE_FINGERPRINT, timezone.now().date(), state.parts, prices.parts)
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _store(new: dict[int, dict[str, Any]], fingerprints: dict[int, str]) -> None:
    """Store lines; where that is impossible, the page goes on without."""
    rows = [
        PortfolioLine(hotel_id=number, fingerprint=fingerprints[number], figures=figures)
        for number, figures in sorted(new.items())  # in one order, so that no two writers block
    ]
    try:
        PortfolioLine.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["hotel_id"],
            update_fields=["fingerprint", "figures"],
        )
    except DatabaseError as error:
        logger.warning("the portfolio's lines are not stored: %s", error)


def _restored(stored: dict[str, Any]) -> KeyFigures:
    """Return figures from JSON, whose keys are text and whose dates are, too."""
    pace, newest, stale = (stored[name] for name in ("pace", "newest_day", "stale_since"))
    return KeyFigures(
        currency=stored["currency"],
        sold={int(span): Sold(**sold) for span, sold in stored["sold"].items()},
        rooms_for_sale={int(span): rooms for span, rooms in stored["rooms_for_sale"].items()},
        pickup=stored["pickup"],
        pace=NightsPace(**pace) if pace else None,
        newest_day=date.fromisoformat(newest) if newest else None,
        stale_since=date.fromisoformat(stale) if stale else None,
    )
