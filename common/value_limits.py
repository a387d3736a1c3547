"""Limits of values that several apps check: hotel ids, years, events in one request.

Each limit is defined here once, so that what one app accepts no other app refuses.
"""

MAX_HOTEL_ID = 2_147_483_647  # the largest signed 32-bit integer; ids begin at 1
# A year outside is a typing error (0024, 20224) that would stretch every chart over centuries.
MIN_YEAR, MAX_YEAR = 1900, 2199
MAX_BATCH_EVENTS = 10_000  # in one array of `POST /events/`
MAX_FEED_SHARES = 64  # into which the feed can be divided; one updater counts each
MAX_ROWS = 1_000  # of a list in a JSON object, like the events of pricing rules
MAX_BODY_BYTES = 8 * 1024 * 1024  # of a request; 10,000 events are about 2 MB
