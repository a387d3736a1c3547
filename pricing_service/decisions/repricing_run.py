"""A run of one worker: takes hotels that are due, one by one, and prices them.

Any number of workers may run at once. A run that leaves hotels waiting says so once
(`hotels_waiting`), so that the next free worker begins a run, which says so in turn: as many work
as there are, and never more than one run waits for a worker.
"""

from collections.abc import Callable
from itertools import count
from typing import Final

from django.db import InterfaceError, OperationalError

from pricing_service.decisions import repricing_claims, repricing_schedule
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.demand.room_night_counting import follow_priced_hotels
from pricing_service.models import PricingState
from pricing_service.rules.rooms_carry_over import carry_over_all_rooms
from pricing_service.signals import hotels_waiting

# Of so many turns one goes to the hotel that has waited longest, though rules of others changed.
TURNS: Final = 4


def reprice_due(keep_going: Callable[[], bool], *, call_others: bool = True) -> int:
    """Price the hotels that are due and return how many nights changed.

    Args:
        keep_going: asked before each hotel but the first; False ends the run.
        call_others: whether other workers are to help as soon as there is more than one hotel.
    Raises:
        django.db.Error.
    """
    all_hotels = repricing_schedule.is_turn_of_all_hotels()
    if all_hotels:
        carry_over_all_rooms()
    have_rules_changed = repricing_schedule.find_due(all_hotels=all_hotels)
    if all_hotels or have_rules_changed:
        follow_priced_hotels()
    nights = 0
    for turn in count():
        if turn and not keep_going():
            _call_others()
            break
        claimed = repricing_claims.claim_next(urgent_first=turn % TURNS != TURNS - 1)
        if claimed is None:
            break
        if turn == 0 and call_others:
            _call_others()
        nights += _reprice_claimed(claimed)
    return nights


def _call_others() -> None:
    if repricing_claims.due_hotels().exists():
        hotels_waiting.send(sender=None)


def _reprice_claimed(claimed: PricingState) -> int:
    """Price a claimed hotel, end the claim, and return how many nights changed."""
    try:
        nights = reprice(claimed.hotel_id)
    except Exception as error:  # whatever is wrong with one hotel, the others get their prices
        repricing_claims.end_failed_claim(claimed, error)
        if isinstance(error, (OperationalError, InterfaceError)):
            raise  # a database is away: the others would only fail, too
        return 0
    repricing_claims.end_claim(claimed)
    return nights
