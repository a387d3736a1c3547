"""What gunicorn's worker needs to know of a request's head before it gives it to a thread.

Only where it goes is decided here; gunicorn's own parser reads the head again, strictly.
"""

from dataclasses import dataclass

# More than any browser sends; the longest path that gunicorn accepts has 4,094 characters.
MAX_HEAD_BYTES = 32 * 1024
END = b"\r\n\r\n"
HEALTH_PATHS = (b"/healthz", b"/healthz/", b"/readyz", b"/readyz/")


@dataclass(frozen=True)
class RequestHead:
    """The first line and some headers of a request."""

    method: bytes
    path: bytes
    forwarded_for: str  # the value of X-Forwarded-For
    has_body: bool
    renewal_token: str = ""  # of an open page, see common.renewal_questions
    renewal_version: str = ""
    if_none_match: str = ""
    is_kept_alive: bool = True  # by HTTP/1.1, and the client does not ask to close

    @property
    def is_health_check(self) -> bool:
        """Whether it asks for the health and has nothing to be waited for."""
        return self.method in (b"GET", b"HEAD") and self.path in HEALTH_PATHS and not self.has_body

    @property
    def may_be_unchanged(self) -> bool:
        """Whether it is of an open page, and has nothing to be waited for."""
        return (
            self.method == b"GET"
            and self.renewal_token != ""
            and self.is_kept_alive
            and not self.has_body
        )


def read_head(head: bytes) -> RequestHead:
    """Return what a head says, without checking it.

    Args:
        head: the bytes up to and without the empty line.
    """
    first, *lines = head.split(b"\r\n")
    parts = first.split(b" ")
    method, target, protocol = parts if len(parts) == 3 else (b"", b"", b"")
    page = {b"x-renewal-token": "", b"x-renewal-version": "", b"if-none-match": ""}
    is_kept_alive = protocol == b"HTTP/1.1"
    forwarded: list[str] = []
    has_body = False
    for line in lines:
        name, _, value = line.partition(b":")
        name = name.strip().lower()
        if name == b"x-forwarded-for":
            forwarded.append(value.strip().decode("latin-1"))
        elif name in (b"transfer-encoding", b"expect"):
            has_body = True
        elif name == b"content-length":
            has_body = value.strip() != b"0"
        elif name in page:
            page[name] = value.strip().decode("latin-1")
        elif name == b"connection":
            is_kept_alive &= value.strip().lower() == b"keep-alive"
    return RequestHead(
        method,
        target.partition(b"?")[0],
        ",".join(forwarded),
        has_body,
        renewal_token=page[b"x-renewal-token"],
        renewal_version=page[b"x-renewal-version"],
        if_none_match=page[b"if-none-match"],
        is_kept_alive=is_kept_alive,
    )
