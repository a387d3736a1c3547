"""5: posts verify with Standard Webhooks' own package; a new secret does not end the one before.

The stack must name `localhost` in WEBHOOK_INTERNAL_HOSTS, because the receiver runs here.
"""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import requests
from standardwebhooks import Webhook, WebhookVerificationError

from tests.security.priced_hotels import TIMEOUT_SECONDS, priced_hotel
from tests.security.stack import Finding, Stack

HOTEL = 950_001
WAIT_SECONDS = 30
Post = tuple[dict[str, str], bytes]


def run(stack: Stack) -> list[Finding]:
    """Let a secret be made, change it, and verify a post under each."""
    posts: list[Post] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _receiver(posts))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        return _verify(stack.client(), stack.base, server.server_port, posts)
    finally:
        server.shutdown()
        server.server_close()


def _verify(client: requests.Session, base: str, port: int, posts: list[Post]) -> list[Finding]:
    url = f"http://localhost:{port}/prices"
    answer = priced_hotel(client, base, HOTEL, webhook_url=url, webhook_secret=None)
    old = answer.json().get("webhook_secret")
    if answer.status_code != 200 or not old:
        return [Finding(False, f"no secret is made: {answer.status_code} {answer.text[:200]}")]
    findings = [_are_verified("with the secret that was made", [old], _next_post(posts))]
    rules = f"{base}/prices/hotels/{HOTEL}/"
    new = client.post(f"{rules}webhook-secret/", timeout=TIMEOUT_SECONDS).json()["webhook_secret"]
    posts.clear()
    client.patch(rules, json={"base_price": "170.00"}, timeout=TIMEOUT_SECONDS).raise_for_status()
    findings.append(_are_verified("with both after a change", [old, new], _next_post(posts)))
    shown = client.get(rules, timeout=TIMEOUT_SECONDS).text
    is_hidden = old not in shown and new not in shown
    return [*findings, Finding(is_hidden, "secrets are not shown again")]


def _next_post(posts: list[Post]) -> Post | None:
    give_up = time.monotonic() + WAIT_SECONDS
    while not posts and time.monotonic() < give_up:
        time.sleep(0.1)
    return posts[-1] if posts else None


def _are_verified(what: str, secrets: list[str], post: Post | None) -> Finding:
    if post is None:
        return Finding(False, f"{what}: no post within {WAIT_SECONDS} s")
    headers, body = post
    try:
        for secret in secrets:
            Webhook(secret).verify(body, headers)
    except (WebhookVerificationError, ValueError) as error:
        return Finding(False, f"{what}: {error!r}")
    return Finding(True, f"a post verifies {what}")


def _receiver(posts: list[Post]) -> type[BaseHTTPRequestHandler]:
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Receiver
