"""`python -m benchmarks.fill_databases COUNT [money]`: write events and their counts to databases.

Without queue and feed, because a measurement only needs the data. With `money`, only the ledger.
"""

import sys
from itertools import islice

import django

BATCH_EVENTS = 20_000


def main(count: int, *, with_money: bool) -> None:
    from benchmarks.generated_events import rows
    from dashboard_service.counting.count_storage import add_counts
    from dashboard_service.counting.event_counts import EventCounts
    from dashboard_service.counting.updater_lock import locked_position
    from data_provider import ledger

    counts = EventCounts({})
    events = rows(count, with_money=with_money)
    while batch := list(islice(events, BATCH_EVENTS)):
        ledger.record(batch)
        if with_money:
            continue
        counts.add(
            {
                "hotel_id": row.hotel_id,
                "status": row.rpg_status,
                "night_of_stay": row.night_of_stay,
                "event_timestamp": row.timestamp.replace(" ", "T") + "Z",
            }
            for row in batch
        )
    if with_money:
        return
    with locked_position() as locked:
        add_counts(counts)
        locked.position = ledger.newest_position()
        locked.save()


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), with_money="money" in sys.argv[2:])
