"""8: each IPv4 address is counted by itself, also where a socket for both protocols maps it.

Tried from two addresses of this machine, so the stack must run here.
"""

import http.client
import re
import secrets
from urllib.parse import urlencode

from tests.security.stack import Finding, Stack

STRANGER, COLLEAGUE = "127.0.0.2", "127.0.0.3"
FAILURES = 5  # that lock a name for an address
LOCKED = 429
TIMEOUT_SECONDS = 30


def run(stack: Stack) -> list[Finding]:
    """Guess a password from one address until it is locked; another must not be."""
    name = f"trial-{secrets.token_hex(4)}"
    guesses = [_login(stack, STRANGER, name) for _ in range(FAILURES + 1)]
    other = _login(stack, COLLEAGUE, name)
    return [
        Finding(guesses[-1] == LOCKED, f"guesses from {STRANGER}: {guesses}"),
        Finding(other == 200, f"then from {COLLEAGUE}: {other}"),
    ]


def _login(stack: Stack, source: str, name: str) -> int:
    """Return the status of a login with a wrong password: 200 is the form again."""
    connection = http.client.HTTPConnection(
        *stack.address, timeout=TIMEOUT_SECONDS, source_address=(source, 0)
    )
    connection.request("GET", "/login/")
    response = connection.getresponse()
    response.read()
    token = re.search(r"csrftoken=(\w+)", response.getheader("Set-Cookie", ""))
    assert token, "the login page sets no token"
    fields = {"username": name, "password": "wrong", "csrfmiddlewaretoken": token[1]}
    connection.request(
        "POST", "/login/", urlencode(fields),
        {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={token[1]}"},
    )  # fmt: skip
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status
