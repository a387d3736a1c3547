"""A booking system in our own form, without limits: `python -m benchmarks.reservations_server N`.

Serves N reservations of three years in pages of 1,000; prints its port when it listens.
"""

import random
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

PAGE = 1_000
END = datetime(2026, 6, 1, 8, tzinfo=UTC)
DAYS = 3 * 365
ROOM_TYPES = ("Single", "Double", "Suite")


def reservation(number: int, count: int) -> dict[str, Any]:
    """Return a reservation; the further the number, the later it was booked."""
    drawn = random.Random(number)
    at = END - timedelta(days=DAYS) * (1 - number / count)
    arrival = at.date() + timedelta(days=int(drawn.expovariate(1 / 30)))
    rate = f"{drawn.randint(6000, 24000) / 100:.2f}"
    nights = [
        {"night": str(arrival + timedelta(days=day)), "rate": rate}
        for day in range(drawn.choice((1, 1, 2, 2, 3, 5)))
    ]
    is_cancelled = drawn.random() < 0.15
    cancelled_at = min(END, at + timedelta(days=drawn.randint(1, 20)))
    return {
        "reservation_id": f"R{number:08}", "booked_at": at.isoformat(),
        "status": "cancelled" if is_cancelled else "confirmed",
        "updated_at": (cancelled_at if is_cancelled else at).isoformat(), "currency": "EUR",
        "channel": drawn.choice(("direct", "booking.com", "phone")),
        "rooms": [{"room_id": "1", "room_type": drawn.choice(ROOM_TYPES), "nights": nights}],
        **({"cancelled_at": cancelled_at.isoformat()} if is_cancelled else {}),
    }  # fmt: skip


def main(count: int) -> None:
    rows = [reservation(number, count) for number in range(count)]
    times = [datetime.fromisoformat(row["updated_at"]) for row in rows]

    def answer(path: str, query: dict[str, str]) -> Any:
        if path == "/properties":
            return [{"id": "P", "name": "Hotel"}]
        if path == "/properties/P":
            return {"name": "Hotel", "time_zone": "UTC", "currency": "EUR"}
        since, until = (datetime.fromisoformat(query[name]) for name in ("since", "until"))
        start = int(query.get("page", 0))
        found = [place for place in range(start, count) if since <= times[place] <= until]
        page = found[:PAGE]
        return {
            "reservations": [rows[place] for place in page],
            "next_page": str(page[-1] + 1) if len(found) > PAGE else None,
        }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            content = orjson.dumps(answer(parts.path, dict(parse_qsl(parts.query))))
            self.send_response_only(200)
            self.send_header("Date", format_datetime(END, usegmt=True))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
