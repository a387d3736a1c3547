"""A fair's web server for tests: real, with a calendar that the test writes."""

import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class CalendarServer:
    """A fair's web server: what it answers is set by the test; remembers the requests' headers."""

    def __init__(self) -> None:
        self.body = b""
        self.status = 200
        self.headers: dict[str, str] = {}
        self.requests: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = {name.lower(): value for name, value in self.headers.items()}
                outer.requests.append(asked)
                is_known = asked.get("if-none-match") == outer.headers.get("ETag", "none")
                self.send_response(304 if is_known else outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if not is_known:
                    self.wfile.write(outer.body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}/token-123/fair.ics"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def has(self, *events: tuple[str, str, date, date], more: str = "") -> None:
        """Let the calendar have events: identifier, name, first and last day."""
        blocks = "".join(
            f"BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:{name}\r\nDTSTART;VALUE=DATE:{first:%Y%m%d}\r\n"
            f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}\r\nEND:VEVENT\r\n"
            for uid, name, first, last in events
        )
        self.body = f"BEGIN:VCALENDAR\r\n{blocks}{more}END:VCALENDAR\r\n".encode()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
