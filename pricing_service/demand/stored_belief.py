"""What the engine believes of a hotel: the stored belief while it is valid, else one learned now.

A belief is learned from what happened before the last whole week ended, and from what a person told
of the worth of nights and of the rooms. It stays valid until the week's cut-off moves or one of
these changes; bounds, steps and aggressiveness do not touch it. Two processes may learn the same
belief at once: both store the same.
"""

from __future__ import annotations

from datetime import date
from hashlib import blake2b
from typing import Final

import numpy as np
from django.utils import timezone

from pricing_service.demand.belief_models import StoredBelief
from pricing_service.engine.belief import AHEAD, Belief, last_cut_off, learn
from pricing_service.engine.belief_json import LEARNER_VERSION, belief_from_json, belief_to_json
from pricing_service.engine.hotel_history import History
from pricing_service.engine.hotel_rules import HotelRules
from pricing_service.engine.observations import learned_nights, worth_of

CHANGEABLE: Final = ("cut_off", "fingerprint", "belief", "learned_at")


def current_belief(
    hotel_id: int, rules: HotelRules, history: History, as_of: date, *, is_kept: bool = True
) -> Belief:
    """Return the belief that `engine.belief.learn` gives for these rules and this history.

    Args:
        is_kept: whether a belief that is learned now is stored; not for rules that are only tried.
    Raises:
        django.db.Error.
    """
    fingerprint = belief_fingerprint(rules, history, as_of)
    stored = StoredBelief.objects.filter(pk=hotel_id).first()
    if stored is not None and stored.fingerprint == fingerprint:
        return belief_from_json(stored.belief)
    belief = learn(rules, history, as_of)
    if is_kept:
        row = StoredBelief(
            hotel_id=hotel_id,
            cut_off=date.fromordinal(belief.cut_off),
            fingerprint=fingerprint,
            belief=belief_to_json(belief),
            learned_at=timezone.now(),
        )
        StoredBelief.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["hotel_id"], update_fields=CHANGEABLE
        )
    return belief


def belief_fingerprint(rules: HotelRules, history: History, as_of: date) -> str:
    """Return a short text that changes with everything that a belief is learned from."""
    cut_off = last_cut_off(as_of)
    first, last = learned_nights(history, cut_off, AHEAD)
    nights = np.arange(first, last + 1)
    rooms = [rules.rooms_on(date.fromordinal(int(night))) for night in nights]
    most = max([rules.rooms, *rules.rooms_by_date.values()])
    digest = blake2b(digest_size=16)
    digest.update(repr((LEARNER_VERSION, cut_off, first, most, rules.learn_response)).encode())
    digest.update(worth_of(rules, nights).tobytes())
    digest.update(np.array(rooms, dtype=np.int64).tobytes())
    known = history.day < cut_off
    night, day = history.night[known], history.day[known]
    # The rows have no order: sums that nearly every change of a row changes stand for them.
    for count in (history.booked[known], history.cancelled[known]):
        sums = (count.sum(), count @ night, count @ day, count @ (night * day), count @ day**2)
        digest.update(repr([int(value) for value in sums]).encode())
    offered = history.offer_day < cut_off
    if rules.learn_response:
        for column in (history.offer_night, history.offer_day, history.offer_price):
            digest.update(np.ascontiguousarray(column[offered]).tobytes())
    return digest.hexdigest()
