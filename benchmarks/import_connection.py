"""Reads all of a booking system once, as the connections' worker does; prints what it took.

`python -m benchmarks.import_connection ADDRESS`, with the environment of a stack.
"""

import json
import os
import sys
import time
from datetime import timedelta

import django

HOTEL = 4711


def main(address: str) -> None:
    django.setup()
    from connections.adapters.generic import GenericAdapter
    from connections.models import Connection, ConnectionState
    from connections.reading.reading import read_connection
    from connections.secret_encryption import encrypt

    GenericAdapter.calls_per_window = (1_000_000, 1.0)
    import benchmarks.reservations_server as server

    connection = Connection.objects.create(
        hotel_id=HOTEL, vendor="generic", address=address, property_id="P", made_by="a benchmark",
        secrets=encrypt({"token": "t"}), state=ConnectionState.IMPORTING, choices={"rate_id": "x"},
        import_from=server.END - timedelta(days=server.DAYS + 1),
    )  # fmt: skip
    began, cpu_began = time.monotonic(), sum(os.times()[:2])
    while not read_connection(connection.pk, end=time.monotonic() + 8):
        connection.refresh_from_db()
        if connection.failure:
            sys.exit(f"{connection.failure}: {connection.failure_text}")
    seconds = time.monotonic() - began
    cpu = sum(os.times()[:2]) - cpu_began
    connection.refresh_from_db()
    print(
        json.dumps(
            {
                "seconds": seconds, "cpu": cpu, "reservations": connection.reservations.count(),
                "events": connection.events_appended, "pages": connection.pages_read,
                "problems": connection.problems.count(),
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1])
