"""The event ledger: record events once, read them by time, follow them as a feed.

The rest of the project calls the functions listed here, and nothing else writes events:

- `recording`: store events, each identity once.
- `event_query`: read events that meet conditions, in the order of time.
- `feed`: read events in the order in which they became visible, each exactly once.
- `epoch`: which ledger the positions of the feed belong to; it changes after a restore.
- `lookup`: count which of given events are recorded.
- `totals`: sizes, the newest position, and the hotels of the ledger.
- `event_export`: write old events to CSV files (only `manage.py export_events` needs it).
"""

from data_provider.ledger.epoch import LedgerRestored, current_epoch, renew_epoch
from data_provider.ledger.event_query import read_events
from data_provider.ledger.feed import FeedPage, FeedStatus, feed_status, read_feed
from data_provider.ledger.lookup import count_recorded
from data_provider.ledger.query_conditions import Condition, Place, Share
from data_provider.ledger.recording import Recorded, check_writable, record, record_one
from data_provider.ledger.rest_format import rest_timestamp, rest_uuid
from data_provider.ledger.totals import (
    count_later_than,
    estimated_size,
    hotels_after,
    newest_position,
    newest_words,
    size,
)

__all__ = [
    "Condition",
    "FeedPage",
    "FeedStatus",
    "LedgerRestored",
    "Place",
    "Recorded",
    "Share",
    "check_writable",
    "count_later_than",
    "count_recorded",
    "current_epoch",
    "estimated_size",
    "feed_status",
    "hotels_after",
    "newest_position",
    "newest_words",
    "read_events",
    "read_feed",
    "record",
    "record_one",
    "renew_epoch",
    "rest_timestamp",
    "rest_uuid",
    "size",
]
