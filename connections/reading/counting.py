"""Which reservations count as sold room-nights, by the hotel's choice. Pure.

Promise: a tentative reservation, and one of the owner or the house, is on the books only where the
hotel says so; one that does not count is stated as cancelled and without rooms, so that the ledger
has no room-night of it. When the choice is changed, all is read again, and what changes by it
happened then (`Connection.counted_since`): the ledger takes it as newer than what it knows.
"""

from typing import Any, Final

from connections.adapters.adapter import Body
from connections.adapters.vendor_values import moment_of, utc_text
from connections.models import Connection

TENTATIVE: Final = "tentative"
HOUSE_USE: Final = "house_use"


def counts(body: Body, connection: Connection) -> bool:
    """Return whether a reservation of an adapter counts, cancelled or not."""
    if body.get("status") == TENTATIVE and not connection.tentative_counts:
        return False
    return connection.house_use_counts or not body.get(HOUSE_USE)


def as_counted(body: Body, connection: Connection) -> dict[str, Any]:
    """Return a reservation for `POST /reservations/`. Raises: ValueError, TypeError."""
    stated = {name: value for name, value in body.items() if name != HOUSE_USE}
    if not counts(body, connection):
        stated |= {"status": "cancelled", "rooms": []}
        stated.pop("cancelled_at", None)
    elif stated.get("status") == TENTATIVE:
        stated["status"] = "confirmed"
    since = connection.counted_since
    if since is not None and moment_of(str(stated["updated_at"])) < since:
        stated["updated_at"] = utc_text(since)
    return {**stated, "hotel_id": connection.hotel_id}
