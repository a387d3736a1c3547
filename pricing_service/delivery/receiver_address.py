"""Which addresses webhooks may be posted to, and how an address is shown.

Prices go to public addresses only: whoever may set a hotel's webhook must not reach through this
server what is inside its network (databases, the cloud's metadata, other machines). What counts is
the IP address that a post would connect to, so `public_address_only` is asked when sending, with
the result of the very lookup that is connected to. Receivers inside the network are named by the
operator in WEBHOOK_INTERNAL_HOSTS.
"""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Every IPv6 address that is assigned to somebody lies here; special ranges lie outside or are
# excluded by `is_global`.
_UNICAST = ipaddress.IPv6Network("2000::/3")
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")  # Python's opinion of it differs by version
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # a gateway sends it to the IPv4 address at its end
HIDDEN_PATH = "/…"
LOCAL_NAMES = ("localhost", "localhost.localdomain")


def is_public(text: str) -> bool:
    """Return whether an IP address is one of the public Internet.

    An IPv6 address that carries an IPv4 address (mapped, 6to4, NAT64) is as public as that one.
    """
    address: IPAddress = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        inner = _carried_ipv4(address)
        if inner is None:
            return address in _UNICAST and address.is_global
        address = inner
    # Multicast counts as global, and some versions of Python count reserved addresses as well.
    special = address.is_multicast or address.is_reserved or address in _PROTOCOLS
    return address.is_global and not special


def _carried_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def is_named_internal(host: str, port: int) -> bool:
    """Return whether WEBHOOK_INTERNAL_HOSTS names the host, alone or with this port."""
    name = _bare(host)
    named = {entry.lower() for entry in settings.WEBHOOK_INTERNAL_HOSTS}
    bracketed = f"[{name}]" if ":" in name else name
    return not named.isdisjoint({name, bracketed, f"{bracketed}:{port}"})


def check_address(url: str) -> None:
    """Check a receiver's address when it is told; "" (no receiver) is valid.

    A host name is not looked up: what it means now says little about what it means when a post is
    sent, which `http_exchange` checks.
    Raises: ValidationError.
    """
    if not url:
        return
    parts, port = _split(url)
    host = _bare(parts.hostname or "")
    if "@" in parts.netloc:
        raise ValidationError(
            _("has a user name or password before the host: leave it out; posts are signed instead")
        )
    if "…" in url:
        raise ValidationError(
            _("is the shortened form that hides the path: give the whole address")
        )
    if is_named_internal(host, port):
        return
    try:
        public = is_public(host)
    except ValueError:
        public = host not in LOCAL_NAMES and not host.endswith(".localhost")
    if not public:
        raise ValidationError(f"{refusal(host)}")


def refusal(host: str) -> str:
    """Return why a host is refused, and the way out."""
    return _(
        "%(host)s is not a public address: give one of the Internet, or have the operator name the "
        "receiver in WEBHOOK_INTERNAL_HOSTS"
    ) % {"host": host}


def shortened(url: str) -> str:
    """Return scheme and host of a receiver's address; its path often contains a token."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN_PATH
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{HIDDEN_PATH}"


def _split(url: str) -> tuple[SplitResult, int]:
    """Raises: ValidationError."""
    try:
        parts = urlsplit(url)
        return parts, parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise ValidationError(_("is no address: %(error)s") % {"error": error}) from error


def _bare(host: str) -> str:
    """Return a host name without brackets, scope and final dot, in lower case."""
    return host.strip("[]").partition("%")[0].rstrip(".").lower()
