"""Files of an SFTP account.

Promise: nothing is sent to a server, no user name's password and no signature of a key, before it
has shown the host key that a person confirmed when the account was connected.
"""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connections.adapters.adapter import (
    CredentialsRefused,
    Named,
    NeededText,
    NotConfirmed,
    NotReachable,
)
from connections.files.file_adapter import (
    CHUNK_BYTES,
    FileAdapter,
    FileChanged,
    FoundFile,
    is_export,
)

if TYPE_CHECKING:
    import asyncssh

CONNECT_SECONDS: Final = 15
CALL_SECONDS: Final = 45
PORT: Final = 22
# What a server signs with a key of a kind; every other kind is signed by its own name.
SIGNATURES: Final = {"ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"]}
Result = TypeVar("Result")


class SftpAdapter(FileAdapter):
    """Exports in a folder of an SFTP account."""

    vendor = "sftp"
    title = _("Files of an SFTP account")
    schemes = ("sftp",)
    needed = (
        NeededText("user", _("User name"), _("Of the account."), is_secret=False),
        NeededText("password", _("Password"), _("Or a private key below."), is_required=False),
        NeededText(
            "private_key", _("Private key"), _("OpenSSH's form, without a passphrase."),
            is_required=False, is_long=True,
        ),
        NeededText(
            "folder", _("Folder"), _("Where the exports are; empty for the account's own."),
            is_secret=False, is_required=False,
        ),
        NeededText(
            "host_key", _("The server's host key"),
            _("Leave it empty: it is shown, for you to compare with what its operator says."),
            is_secret=False, is_required=False,
        ),
    )  # fmt: skip
    what_to_do = (
        _("Let your system export all reservations each night to an SFTP account."),
        _("Ask its operator for the fingerprint of the server's host key."),
        _("Ask the operator of this server to allow the address, like sftp://files.example.com."),
    )
    tried = _("asyncssh's SFTP server in this project's tests")

    def properties(self) -> Sequence[Named]:
        self.list_files(datetime.now(UTC))
        return [Named("sftp", f"{self.access.secrets['user']}@{self._host}")]

    def list_files(self, since: datetime) -> Sequence[FoundFile]:
        folder = self.access.secrets.get("folder", "") or "."
        with self._account() as (run, sftp):
            rows = run(sftp.readdir, folder)
        found = []
        for row in rows:
            name, attributes = str(row.filename), row.attrs
            if is_export(name) and stat.S_ISREG(attributes.permissions or 0):
                moment = datetime.fromtimestamp(int(attributes.mtime or 0), UTC)
                found.append(FoundFile(name, name, attributes.size or 0, moment))
        return found

    def read_file(self, place: str) -> Iterator[bytes]:
        if not is_export(place):
            raise FileChanged(gettext("it has no name of a file"))
        folder = self.access.secrets.get("folder", "") or "."
        with self._account() as (run, sftp):
            file = run(sftp.open, f"{folder}/{place}", "rb", encoding=None)
            position = 0
            while chunk := run(file.read, CHUNK_BYTES, position):
                position += len(chunk)
                yield bytes(chunk)

    @property
    def _host(self) -> str:
        return urlsplit(self.access.address).hostname or ""

    @contextmanager
    def _account(self) -> Iterator[tuple[Any, asyncssh.SFTPClient]]:
        """Give what waits for a call, and the account. Raises: VendorFailure."""
        import asyncssh  # takes as long to load as Django; few connections need it

        with asyncio.Runner() as runner:

            def run(call: Callable[..., Awaitable[Result]], *what: Any, **how: Any) -> Result:
                self.access.before_call()

                async def bounded() -> Result:
                    async with asyncio.timeout(CALL_SECONDS):
                        return await call(*what, **how)

                return runner.run(bounded())

            check = _HostKeyCheck(self.access.secrets.get("host_key", ""))
            try:
                connection = run(self._connect, check)
                try:
                    yield run, run(connection.start_sftp_client)
                finally:
                    connection.abort()
                    runner.run(connection.wait_closed())
            except asyncssh.HostKeyNotVerifiable:
                raise check.failure() from None
            except asyncssh.PermissionDenied:
                raise CredentialsRefused(gettext("the account is refused")) from None
            except asyncssh.SFTPError as error:
                raise NotReachable(_reason(error)) from None
            except (asyncssh.Error, OSError, EOFError) as error:
                raise NotReachable(_reason(error)) from None

    async def _connect(self, check: _HostKeyCheck) -> asyncssh.SSHClientConnection:
        import asyncssh

        secrets = self.access.secrets
        try:
            text = secrets.get("private_key", "")
            keys = [asyncssh.import_private_key(text)] if text else None
        except (asyncssh.KeyImportError, ValueError):
            raise CredentialsRefused(
                gettext("the private key is in no form that is known")
            ) from None

        class Client(asyncssh.SSHClient):
            def validate_host_public_key(
                self, host: str, addr: str, port: int, key: asyncssh.SSHKey
            ) -> bool:
                return check.accepts(key)

        more = {"server_host_key_algs": check.signatures} if check.signatures else {}
        # Nothing of this machine's own: no configuration, known hosts, keys or agent.
        return await asyncssh.connect(
            self._host, urlsplit(self.access.address).port or PORT, client_factory=Client,
            config=None, known_hosts=([], [], []), client_keys=keys, agent_path=None,
            username=secrets["user"], password=secrets.get("password") or None,
            connect_timeout=CONNECT_SECONDS, login_timeout=CONNECT_SECONDS, **more,
        )  # fmt: skip


class _HostKeyCheck:
    """Compares the server's key with the one that a person confirmed.

    Args:
        confirmed: kind and fingerprint, like `ssh-ed25519 SHA256:…`; empty before that.
    """

    def __init__(self, confirmed: str) -> None:
        self._confirmed = " ".join(confirmed.split())
        self._shown = ""
        kind = self._confirmed.partition(" ")[0]
        # A server that has several keys shows the one of the confirmed kind.
        self.signatures = SIGNATURES.get(kind, [kind]) if " " in self._confirmed else []

    def accepts(self, key: asyncssh.SSHKey) -> bool:
        self._shown = f"{key.get_algorithm()} {key.get_fingerprint()}"
        return self._shown == self._confirmed

    def failure(self) -> NotConfirmed:
        """Return what is wrong, with the key to be confirmed."""
        if self._confirmed:
            text = gettext(
                "the server shows another host key than was confirmed; nothing was sent to it. If "
                "its operator has replaced the key, compare and confirm the new one"
            )
        else:
            text = gettext(
                "the server shows the host key below; nothing was sent to it yet. Compare it with "
                "what its operator says, and sign in once more to confirm it"
            )
        return NotConfirmed(text, "host_key", self._shown)


def _reason(error: BaseException) -> str:
    import asyncssh

    if isinstance(error, TimeoutError):
        return gettext("no answer in time")
    if isinstance(error, asyncssh.SFTPNoSuchFile):
        return gettext("the folder or file is not there")
    if isinstance(error, asyncssh.SFTPError):
        return gettext("the folder or file cannot be read")
    return gettext("no connection")
