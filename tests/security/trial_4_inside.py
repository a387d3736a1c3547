"""4: webhooks do not reach this machine, however its address is written.

Not tried: hosts that the stack names in WEBHOOK_INTERNAL_HOSTS (for trial 3, `localhost`).
"""

import socket
import threading
import time
from contextlib import suppress

from tests.security.priced_hotels import priced_hotel
from tests.security.stack import Finding, Stack

FIRST_HOTEL = 940_001
WAIT_SECONDS = 20  # until all that is sent has been sent
FORMS = (
    "127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "0.0.0.0", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::1]", "user:password@127.0.0.1",
    "ip6-localhost", "169.254.169.254", "10.0.0.1",
)  # fmt: skip


def run(stack: Stack) -> list[Finding]:
    """Try it; takes at most a minute."""
    client = stack.client()
    reached: list[str] = []
    faults = []
    with socket.socket(socket.AF_INET6) as listener:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(("::", 0))
        listener.listen(50)
        threading.Thread(target=_note, args=(listener, reached), daemon=True).start()
        port = listener.getsockname()[1]
        for number, form in enumerate(FORMS):
            url = f"http://{form}:{port}/{number}"
            answer = priced_hotel(client, stack.base, FIRST_HOTEL + number, webhook_url=url)
            is_refused = answer.status_code == 400 and list(answer.json()) == ["webhook_url"]
            if answer.status_code != 200 and not is_refused:
                faults.append(f"{form}: answered {answer.status_code} {answer.text[:200]}")
            elif answer.status_code == 200 and "@" in form:
                faults.append(f"{form}: an address with a password is taken")
        time.sleep(WAIT_SECONDS)
    faults += (f"reached this machine: {line}" for line in reached)
    text = "; ".join(faults) or "none reached"
    return [Finding(not faults, f"webhooks to {len(FORMS)} forms of inner addresses: {text}")]


def _note(listener: socket.socket, reached: list[str]) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.settimeout(2)
                reached.append(connection.recv(200).decode(errors="replace").partition("\r")[0])
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
