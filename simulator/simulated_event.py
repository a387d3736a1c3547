"""One simulated event, and how it is written as a line of CSV and as JSON.

The words of the simulated hotels have no comma and no quote, so that a line needs no quoting.
"""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from common.currencies import format_thousandths
from data_provider.rate_and_words import OPTIONAL

BOOKING, CANCELLATION, CHANGE = 1, 2, 3


class SimulatedEvent(NamedTuple):
    """One room-night booked, cancelled or changed, as a hotel's booking system would send it.

    The fields are in the order of `csv_columns.CSV_COLUMNS`.
    """

    hotel_id: int
    status: int  # BOOKING, CANCELLATION or CHANGE
    event_timestamp: datetime  # UTC, whole seconds
    night_of_stay: date
    room_reservation_id: UUID
    id: int  # the sender's own number
    rate: int | None = None  # thousandths of the currency's unit
    currency: str | None = None
    room_type: str | None = None
    channel: str | None = None
    segment: str | None = None

    def as_csv_line(self) -> str:
        """Format the event as a line of a CSV file with CSV_HEADER, without the line end."""
        stamp = f"{self.event_timestamp:%Y-%m-%d %H:%M:%S}"
        identity = f"{self.hotel_id},{self.status},{stamp},{self.night_of_stay}"
        optional = self._optional()
        cells = ",".join(optional.get(name, "") for name in OPTIONAL)
        return f"{identity},{self.room_reservation_id},{self.id},{cells}"

    def as_json(self) -> dict[str, int | str]:
        """Return the event as a JSON object for `POST /events/`."""
        return {
            "hotel_id": self.hotel_id,
            "event_timestamp": self.event_timestamp.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "status": self.status,
            "room_reservation_id": str(self.room_reservation_id),
            "night_of_stay": self.night_of_stay.isoformat(),
            **self._optional(),
        }

    def _optional(self) -> dict[str, str]:
        """Return the rate and the words that the event has, as text."""
        amount = None
        if self.rate is not None and self.currency is not None:
            amount = format_thousandths(self.rate, self.currency)
        texts = (amount, self.currency, self.room_type, self.channel, self.segment)
        return {name: text for name, text in zip(OPTIONAL, texts, strict=True) if text is not None}
