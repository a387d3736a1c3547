"""The address of a client, as limits, lock-outs and logs count it: one for each customer.

An IPv4 address is the same however it is written, also inside of an IPv6 address: a server that
listens on `::` sees all of IPv4 as `::ffff:a.b.c.d`. Any other IPv6 address is its /64 network, all
of which one customer has; only on a link (fe80::/64) is each address another machine.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

UNKNOWN = "0.0.0.0"  # noqa: S104  # what is no address; nothing is bound to it
# Networks whose addresses end with an IPv4 address; the last prefix of RFC 8215 is for local use.
_IPV4_INSIDE = (
    IPv6Network("::ffff:0:0/96"),  # mapped: a socket that serves both
    IPv6Network("::ffff:0:0:0/96"),  # translated, without a state
    IPv6Network("64:ff9b::/96"),  # NAT64
    IPv6Network("64:ff9b:1::/48"),
)


def client_address(forwarded_for: str, peer: str, proxies: int) -> str:
    """Return the address that the outermost of our own proxies saw.

    Args:
        forwarded_for: the value of X-Forwarded-For, to which each proxy appends.
        peer: the address that the connection comes from.
        proxies: the number of our own proxies. What stands before them in the header is the
            client's to invent.
    """
    chain = [part.strip() for part in forwarded_for.split(",") if part.strip()]
    chain.append(peer)
    return customer_address(chain[max(0, len(chain) - 1 - proxies)])


def customer_address(text: str) -> str:
    """Return an address without its port and zone, IPv6 as its /64; UNKNOWN for other texts."""
    try:
        parsed = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        host = text.strip("[").partition("]" if "]" in text else ":")[0].partition("%")[0]
        try:
            parsed = ip_address(host)
        except ValueError:
            return UNKNOWN
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if any(parsed in network for network in _IPV4_INSIDE):
        return str(IPv4Address(int(parsed) & 0xFFFF_FFFF))
    return _ipv6_customer(parsed)


def _ipv6_customer(parsed: IPv6Address) -> str:
    if parsed.is_link_local or parsed.is_loopback:
        return str(parsed)
    return str(ip_network((parsed, 64), strict=False).network_address)
