"""The list of adapters, and opening one for a connection. The next adapter gets its line here."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.conf import settings

from connections.adapters.adapter import Access, Adapter, CredentialsRefused, OddAnswer
from connections.adapters.apaleo.apaleo_adapter import ApaleoAdapter
from connections.adapters.cloudbeds.cloudbeds_adapter import CloudbedsAdapter
from connections.adapters.generic import GenericAdapter
from connections.adapters.mews.mews_adapter import MewsAdapter
from connections.files.folder import ADDRESS as FOLDER_ADDRESS
from connections.files.folder import FolderAdapter
from connections.files.mailbox import MailboxAdapter
from connections.files.sftp import SftpAdapter
from connections.models import Connection
from connections.secret_encryption import decrypt, encrypt

if TYPE_CHECKING:
    from connections.adapters.adapter import Words

Result = TypeVar("Result")

ADAPTERS: Final[dict[str, type[Adapter]]] = {
    kind.vendor: kind for kind in (MewsAdapter, CloudbedsAdapter, ApaleoAdapter, GenericAdapter)
}
FILE_ADAPTERS: Final = (FolderAdapter, SftpAdapter, MailboxAdapter)
ADAPTERS.update({kind.vendor: kind for kind in FILE_ADAPTERS})


def addresses_of(kind: type[Adapter]) -> dict[str, "Words"]:
    """Return where a vendor's API may be: the vendor's own, and what CONNECTION_ADDRESSES names.

    No other address is called: a person who connects a hotel must not reach through this server
    what is inside its network.
    """
    named = list(settings.CONNECTION_ADDRESSES)
    if settings.CONNECTION_FILES_DIR:
        named.append(FOLDER_ADDRESS)
    fitting = [address for address in named if address.partition(":")[0] in kind.schemes]
    return {**kind.addresses, **{address: address for address in fitting}}


def open_adapter(connection: Connection, before_call: Callable[[], None] = lambda: None) -> Adapter:
    """Return a connection's adapter, ready to call.

    Raises: SecretsUnreadable; OddAnswer if vendor or address are not known (any more).
    """
    kind = ADAPTERS.get(connection.vendor)
    if kind is None:
        raise OddAnswer(f"there is no adapter for {connection.vendor}")
    if connection.address not in addresses_of(kind):
        raise OddAnswer(
            "the address of its API is not allowed: the operator names it in CONNECTION_ADDRESSES"
        )
    return kind(
        Access(
            connection.address,
            decrypt(connection.secrets),
            connection.property_id,
            connection.choices,
            before_call,
            connection.hotel_id,
        )
    )


def with_fresh_secrets(
    connection: Connection,
    act: Callable[[Adapter], Result],
    save: Callable[..., Any],
    before_call: Callable[[], None] = lambda: None,
) -> Result:
    """Act, and once more with renewed secrets where the vendor refuses the present ones.

    Args:
        save: stores fields of the connection.
    Raises: what `act` raises, and what `open_adapter` does.
    """
    adapter = open_adapter(connection, before_call)
    try:
        return act(adapter)
    except CredentialsRefused:
        fresh = adapter.renew_secrets()
        if fresh is None:
            raise
    save(secrets=encrypt(fresh))
    return act(open_adapter(connection, before_call))
