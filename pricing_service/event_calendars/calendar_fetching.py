"""Fetching a calendar from the address that a person told: encrypted, guarded, limited.

The guard is the webhooks': only addresses of the public Internet are connected to, by the very
lookup that was checked, also after each redirect; hosts inside the network are those that the
operator names in WEBHOOK_INTERNAL_HOSTS, and they alone may be without TLS. Size and time are
limited. Error messages never contain the address's path, which often holds a token.
"""

from __future__ import annotations

import time
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from common.content_encoding import TooLargeDecoded, decode_body
from pricing_service.delivery.http_exchange import Answer, ExchangeFailed, get
from pricing_service.delivery.receiver_address import check_address, is_named_internal, shortened
from pricing_service.event_calendars.calendar_models import MAX_ADDRESS_CHARACTERS

MAX_BYTES: Final = 4_000_000  # a city's calendar of several years has about one million
SECONDS: Final = 10.0  # for all of it
MAX_REDIRECTS: Final = 3
REDIRECTS: Final = (301, 302, 303, 307, 308)
USER_AGENT: Final = "RoomPriceGenie event calendars"


class Fetched(NamedTuple):
    """A file with what the server said of it; `text` is None where it has no other one."""

    text: str | None
    etag: str = ""
    last_modified: str = ""


class NotFetched(Exception):
    """The calendar was not fetched; the text says why, for people."""


def normal_address(typed: str) -> str:
    """Return a calendar's address as it is stored. Raises: ValidationError, with the reason."""
    address = typed.strip()
    if address.lower().startswith("webcal://"):
        address = f"https{address[6:]}"
    if not address.isascii() or any(sign.isspace() or not sign.isprintable() for sign in address):
        raise ValidationError(_("is no web address: give one like https://fair.example/events.ics"))
    if len(address) > MAX_ADDRESS_CHARACTERS:
        raise ValidationError(_("is too long for an address"))
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValidationError(_("is no web address: %(reason)s") % {"reason": error}) from error
    if not host or parts.scheme not in ("http", "https"):
        raise ValidationError(_("is no web address: give one like https://fair.example/events.ics"))
    if "@" in parts.netloc:
        raise ValidationError(_("has a user name or password before the host: leave it out"))
    if parts.scheme == "http" and not is_named_internal(host, port or 80):
        raise ValidationError(_("must begin with https://"))
    check_address(address)
    return address


def fetch(address: str, etag: str = "", last_modified: str = "") -> Fetched:
    """Return a calendar's file.

    Args:
        etag, last_modified: of the file that is known: if it is still the one, there is no text.
    Raises: NotFetched.
    """
    headers = {"User-Agent": USER_AGENT, "Accept": "text/calendar, */*;q=0.5"}
    headers |= {"Accept-Encoding": "gzip"}
    headers |= {"If-None-Match": etag} if etag else {}
    headers |= {"If-Modified-Since": last_modified} if last_modified else {}
    end = time.monotonic() + SECONDS
    for _hop in range(MAX_REDIRECTS + 1):
        answer = _get(address, headers, end - time.monotonic())
        if answer.status not in REDIRECTS:
            return _read(answer)
        target = urljoin(address, answer.headers.get("location", ""))
        try:
            address = normal_address(target)
        except ValidationError as error:
            reason = "; ".join(error.messages)
            raise NotFetched(
                _("it leads to %(address)s, which %(reason)s")
                % {"address": shortened(target)[:100], "reason": reason}
            ) from error
    raise NotFetched(_("it leads from one address to another, without end"))


def _get(address: str, headers: dict[str, str], seconds: float) -> Answer:
    try:
        return get(address, headers, max(seconds, 0.1), MAX_BYTES)
    except ExchangeFailed as error:
        raise NotFetched(str(error)) from error


def _read(answer: Answer) -> Fetched:
    """Raises: NotFetched."""
    if answer.status == 304:
        return Fetched(None)
    if answer.status != 200:
        raise NotFetched(_("it answered %(status)d") % {"status": answer.status})
    try:
        body = decode_body(answer.body, answer.headers.get("content-encoding", ""), MAX_BYTES)
    except TooLargeDecoded as error:
        reason = _("its answer is larger than %(bytes)s bytes") % {"bytes": f"{MAX_BYTES:,}"}
        raise NotFetched(reason) from error
    except APIException as error:
        raise NotFetched(_("its answer cannot be decoded")) from error
    return Fetched(
        body.decode("utf-8-sig", "replace"),
        etag=_header(answer, "etag", 200),
        last_modified=_header(answer, "last-modified", 100),
    )


def _header(answer: Answer, name: str, longest: int) -> str:
    """Return a header that can be sent back; one that is odd or too long is left out."""
    value = answer.headers.get(name, "").strip()
    return value if len(value) <= longest and value.isascii() and value.isprintable() else ""
