"""Bodies of requests with `Content-Encoding: gzip`, decoded up to a limit.

Promise: never more than the limit is decoded, so that a body of a few kilobytes cannot fill the
memory. Any other encoding is a 415 that names gzip, in its message and in `Accept-Encoding`.
"""

import zlib

from rest_framework.exceptions import APIException, ParseError

GZIP_NAMES = ("gzip", "x-gzip")  # RFC 9110: recipients read x-gzip as gzip
# A member costs a copy of what follows it, and holds something in every honest body.
MAX_MEMBERS = 100
_GZIP_WINDOW_BITS = 16 + zlib.MAX_WBITS


class UnknownContentEncoding(APIException):
    """415: the body is encoded in a way that is not known here."""

    status_code = 415
    default_code = "unknown_content_encoding"
    headers = {"Accept-Encoding": "gzip"}

    def __init__(self, encoding: str) -> None:
        super().__init__(
            f"the body's Content-Encoding is {encoding!r}; known is gzip: send it so, or leave "
            f"the body and the header plain"
        )


class TooLargeDecoded(Exception):
    """A body is larger than the limit once it is decoded."""


def decode_body(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """Return a body without its Content-Encoding.

    Args:
        encoding: the header's value; empty or "identity" for none.
        max_bytes: the most bytes to decode.
    Raises:
        UnknownContentEncoding: the encoding is another one than gzip, or several.
        ParseError: the body is no gzip, is damaged, or is cut.
        TooLargeDecoded: the decoded body is larger than `max_bytes`.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    if name not in GZIP_NAMES:
        raise UnknownContentEncoding(encoding.strip())
    decoded = bytearray()
    rest = body
    for _ in range(MAX_MEMBERS):  # gzip may have several members, one after another
        member = zlib.decompressobj(_GZIP_WINDOW_BITS)
        try:
            decoded += member.decompress(rest, max_bytes + 1 - len(decoded))
        except zlib.error as error:
            raise ParseError(f"the body is no gzip, as Content-Encoding says: {error}") from error
        if len(decoded) > max_bytes:
            raise TooLargeDecoded
        if not member.eof:
            raise ParseError("the body's gzip is cut: its end is missing")
        rest = member.unused_data
        if not rest:
            return bytes(decoded)
    raise ParseError(f"the body's gzip has more than {MAX_MEMBERS} members: compress it in one")
