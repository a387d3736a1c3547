"""Trial 3: hotels whose webhook receivers drip must not hold up other hotels' prices.

The stack must name `localhost` in WEBHOOK_INTERNAL_HOSTS, because the receivers run here.
"""

import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import requests

from tests.security.priced_hotels import priced_hotel, sell_out

FIRST_HOTEL = 930_001
DRIPPING = 3
WAIT_SECONDS = 30


def run(base_url: str, api_key: str | None) -> list[str]:
    """Return the faults seen. Takes at most a minute."""
    client = requests.Session()
    if api_key:
        client.headers["Authorization"] = f"Bearer {api_key}"
    over = threading.Event()
    connections: list[float] = []
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        threading.Thread(target=_drip, args=(listener, over, connections), daemon=True).start()
        url = f"http://localhost:{listener.getsockname()[1]}/slow"
        try:
            for hotel in range(FIRST_HOTEL, FIRST_HOTEL + DRIPPING):
                answer = priced_hotel(client, base_url, hotel, webhook_url=url)
                if answer.status_code != 200:
                    return [f"not tried: the webhook is refused: {answer.text[:200]}"]
            healthy = FIRST_HOTEL + DRIPPING
            priced_hotel(client, base_url, healthy)
            time.sleep(10)  # the deliveries begin
            if not connections:
                return ["not tried: no receiver was posted to"]
            return _reprices(client, base_url, healthy)
        finally:
            over.set()


def _reprices(client: requests.Session, base_url: str, hotel: int) -> list[str]:
    """Sell a night out; its recommended price must follow."""
    began = datetime.now(UTC)
    night = (began + timedelta(days=20)).date()
    sell_out(client, base_url, hotel, night)
    query = {"hotel_id": str(hotel), "from": f"{night}", "to": f"{night}"}
    while datetime.now(UTC) - began < timedelta(seconds=WAIT_SECONDS):
        rows = client.get(f"{base_url}/prices/", params=query, timeout=10).json()
        if rows and rows[0]["on_the_books"]:
            return []
        time.sleep(0.5)
    return [f"three dripping receivers held prices up for more than {WAIT_SECONDS} s"]


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
