"""API keys that arrive without TLS in a system that has it.

Such a key has crossed a network in plain text. On the inner network the services, the orchestrator
and Prometheus speak to the web server directly, without TLS: from this machine or a private
address, and through no proxy. Anybody else's key is refused, and the log names it so that it gets
replaced.
"""

import logging
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

from accounts.rate_limits import address
from common.client_address import customer_address

logger = logging.getLogger("access")

PROXY_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED")
SCHEMES = ("bearer", "api-key")


def key_text(request: HttpRequest) -> str | None:
    """Return the API key in a request's header, None if it has none."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.lower() in SCHEMES else None


def is_sent(request: HttpRequest) -> bool:
    """Return whether a request has a key that came over a foreign network without TLS."""
    if not settings.TLS or settings.API_AUTH == "open" or request.is_secure():
        return False
    return key_text(request) is not None and not _is_from_inner_network(request)


def _is_from_inner_network(request: HttpRequest) -> bool:
    if any(header in request.META for header in PROXY_HEADERS):
        return False
    peer = request.META.get("REMOTE_ADDR", "")
    if not peer:
        return True  # a unix socket
    inner = ip_address(customer_address(peer))
    return not inner.is_unspecified and (inner.is_private or inner.is_loopback)


def log_use(request: HttpRequest) -> None:
    """Log which key must be replaced: the part before the full stop, which is no secret."""
    prefix, stop, _ = (key_text(request) or "").partition(".")
    shown = repr(prefix[:20]) if stop else "without a prefix"
    logger.warning("key %s was sent without TLS from %s: replace it", shown, address(request))
