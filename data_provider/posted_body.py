"""What `POST /events/` and `POST /reservations/` take; `common.posted_body` reads it."""

from common.posted_body import Kind
from data_provider.event_validation import REQUIRED

EVENTS = Kind(
    "event",
    "an",
    REQUIRED,
    '{"hotel_id": 1, "status": 1, "event_timestamp": "2025-06-01T10:00:00Z", '
    '"room_reservation_id": "3f2b8c1e-0d4a-4b6e-9a51-0123456789ab", '
    '"night_of_stay": "2025-07-04"}',
)
RESERVATIONS = Kind(
    "reservation",
    "a",
    ("reservation_id", "booked_at", "updated_at", "rooms"),
    '{"hotel_id": 1, "reservation_id": "R-1001", "status": "confirmed", '
    '"booked_at": "2025-06-01T10:00:00Z", "updated_at": "2025-06-01T10:00:00Z", '
    '"currency": "EUR", "rooms": [{"room_id": "1", "arrival": "2025-07-04", '
    '"departure": "2025-07-06", "rate": "129.00"}]}',
)
