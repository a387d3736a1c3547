"""3: hotels whose webhook receivers drip do not hold up other hotels' prices.

The stack must name `localhost` in WEBHOOK_INTERNAL_HOSTS, because the receivers run here.
"""

import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import requests

from tests.security.priced_hotels import priced_hotel, sell_out
from tests.security.stack import Finding, Stack

FIRST_HOTEL = 930_001
DRIPPING = 3
BESIDE = f"beside {DRIPPING} receivers that drip"
WAIT_SECONDS = 30


def run(stack: Stack) -> list[Finding]:
    """Try it; takes at most a minute."""
    client = stack.client()
    over = threading.Event()
    connections: list[float] = []
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        threading.Thread(target=_drip, args=(listener, over, connections), daemon=True).start()
        url = f"http://localhost:{listener.getsockname()[1]}/slow"
        try:
            for hotel in range(FIRST_HOTEL, FIRST_HOTEL + DRIPPING):
                answer = priced_hotel(client, stack.base, hotel, webhook_url=url)
                if answer.status_code != 200:
                    return [Finding(False, f"the webhook is refused: {answer.text[:200]}")]
            healthy = FIRST_HOTEL + DRIPPING
            priced_hotel(client, stack.base, healthy)
            time.sleep(10)  # the deliveries begin
            if not connections:
                return [Finding(False, "no receiver was posted to")]
            return [_reprices(client, stack.base, healthy)]
        finally:
            over.set()


def _reprices(client: requests.Session, base_url: str, hotel: int) -> Finding:
    """Sell a night out; its recommended price must follow."""
    began = datetime.now(UTC)
    night = (began + timedelta(days=20)).date()
    sell_out(client, base_url, hotel, night)
    query = {"hotel_id": str(hotel), "from": f"{night}", "to": f"{night}"}
    while datetime.now(UTC) - began < timedelta(seconds=WAIT_SECONDS):
        rows = client.get(f"{base_url}/prices/", params=query, timeout=10).json()
        if rows and rows[0]["on_the_books"]:
            seconds = (datetime.now(UTC) - began).total_seconds()
            return Finding(True, f"a sale is in the prices after {seconds:.1f} s, {BESIDE}")
        time.sleep(0.5)
    return Finding(False, f"a sale is not in the prices after {WAIT_SECONDS} s, {BESIDE}")


def _drip(listener: socket.socket, over: threading.Event, connections: list[float]) -> None:
    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not over.wait(2):
                connection.sendall(b"a")

    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            connections.append(time.monotonic())
            threading.Thread(target=serve, args=(connection,), daemon=True).start()
