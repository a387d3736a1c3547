"""asyncssh's SFTP server with a folder for tests, in a thread with an event loop of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncssh

USER, PASSWORD = "hotel", "secret of the account"


class Account(asyncssh.SSHServer):
    """Lets in the user with the password; notes every attempt."""

    attempts: list[str] = []

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self.attempts.append(password)
        return (username, password) == (USER, PASSWORD)


@contextmanager
def serve_folder(folder: Path, authorized: Path | None = None) -> Iterator[tuple[str, str]]:
    """Serve a folder; yields the address and the host key as a person sees it."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()
    started: list[int] = []
    is_started = threading.Event()

    async def serve() -> None:
        server = await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Account, server_host_keys=[key],
            authorized_client_keys=str(authorized) if authorized else None,
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder).encode()),
        )  # fmt: skip
        started.append(server.get_port())
        is_started.set()
        await ended.wait()
        server.close()
        await server.wait_closed()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    is_started.wait(10)
    public = key.convert_to_public()
    try:
        yield (
            f"sftp://127.0.0.1:{started[0]}",
            f"{public.get_algorithm()} {public.get_fingerprint()}",
        )
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
        loop.close()
