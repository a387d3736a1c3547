"""One simulated event, and how it is written as a line of CSV and as JSON."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

BOOKING, CANCELLATION = 1, 2


class SimulatedEvent(NamedTuple):
    """One room-night booked or cancelled, as a hotel's booking system would send it.

    The fields are in the order of `csv_columns.CSV_COLUMNS`.
    """

    hotel_id: int
    status: int  # BOOKING or CANCELLATION
    event_timestamp: datetime  # UTC, whole seconds
    night_of_stay: date
    room_reservation_id: UUID
    id: int  # the sender's own number

    def as_csv_line(self) -> str:
        """Format the event as a line of a CSV file with CSV_HEADER, without the line end."""
        stamp = f"{self.event_timestamp:%Y-%m-%d %H:%M:%S}"
        return ",".join(map(str, (self.hotel_id, self.status, stamp, *self[3:])))

    def as_json(self) -> dict[str, int | str]:
        """Return the event as a JSON object for `POST /events/`."""
        return {
            "hotel_id": self.hotel_id,
            "event_timestamp": self.event_timestamp.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "status": self.status,
            "room_reservation_id": str(self.room_reservation_id),
            "night_of_stay": self.night_of_stay.isoformat(),
        }
