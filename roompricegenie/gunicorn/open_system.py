"""Keeps an open system off the network.

With DJANGO_DEBUG or API_AUTH=open anybody who reaches the server can post events, read all figures
and, with debug, see parts of the code. gunicorn then serves this machine only.
"""

import ipaddress
import os
import socket
import sys
from collections.abc import Sequence
from typing import Any

from roompricegenie import settings


def refuse_open_addresses(addresses: Sequence[Any]) -> None:
    """End gunicorn with one line if it would serve an open system to the network.

    Args:
        addresses: as in gunicorn's `server.address`: (host, port), the path of a unix socket, or
            the descriptor of an open socket.
    Raises: SystemExit.
    """
    is_open = settings.DEBUG or settings.API_AUTH == "open"
    if not is_open or settings.SERVE_OPEN_SYSTEM_TO_NETWORK:
        return
    cause = "DJANGO_DEBUG is on" if settings.DEBUG else "API_AUTH is open"
    for address in addresses:
        if not _is_on_this_machine(address):
            shown = ":".join(map(str, address[:2])) if isinstance(address, tuple) else address
            sys.exit(
                f"gunicorn: {cause}, so anybody who reaches {shown} could read and write: bind "
                "127.0.0.1, or set DJANGO_DEBUG=false, a DJANGO_SECRET_KEY and no API_AUTH, or "
                "accept the risk with SERVE_OPEN_SYSTEM_TO_NETWORK=true"
            )


def _is_on_this_machine(address: Any) -> bool:
    """Return whether only processes of this machine can connect to an address."""
    if isinstance(address, int):
        with socket.socket(fileno=os.dup(address)) as listener:
            address = listener.getsockname()
    if not isinstance(address, tuple):
        return True  # a unix socket
    host = address[0]
    if not host:
        return False
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return True  # gunicorn cannot bind it either, and says why
    return all(ipaddress.ip_address(str(each[4][0]).split("%")[0]).is_loopback for each in found)
