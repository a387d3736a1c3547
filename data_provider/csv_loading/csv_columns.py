"""The columns of an event in a CSV file, for those who write such files.

The reader takes columns in any order and needs only `event_validation.REQUIRED`. Writers (the
simulator, the export of old events) use this order, so that their files look alike.
"""

from data_provider.rate_and_words import OPTIONAL

SOURCE_ID_COLUMN = "id"  # the sender's own number, optional
CSV_COLUMNS = (
    "hotel_id",
    "status",
    "event_timestamp",
    "night_of_stay",
    "room_reservation_id",
    SOURCE_ID_COLUMN,
    *OPTIONAL,
)
CSV_HEADER = ",".join(CSV_COLUMNS)  # the first line of a file, without its line end
PLAIN_CSV_HEADER = ",".join(CSV_COLUMNS[: -len(OPTIONAL)])  # of a file without optional values
