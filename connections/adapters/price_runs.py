"""Nights after one another with one price, as one: most systems take prices for an interval."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from connections.adapters.adapter import NightPrice


def price_runs(prices: Sequence[NightPrice], longest: int) -> Iterator[list[NightPrice]]:
    """Yield runs of consecutive nights with one price of one room type.

    Args:
        longest: the most nights of a run.
    """
    run: list[NightPrice] = []
    for price in sorted(prices, key=lambda one: (one.room_type_id, one.night)):
        follows = (
            run
            and len(run) < longest
            and (price.room_type_id, price.amount) == (run[-1].room_type_id, run[-1].amount)
            and price.night == run[-1].night + timedelta(days=1)
        )
        if run and not follows:
            yield run
            run = []
        run.append(price)
    if run:
        yield run
