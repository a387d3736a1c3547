"""Copy and restore of a PostgreSQL database by PostgreSQL's own pg_dump and pg_restore.

The programs must be on PATH and not older than the server. A restore is one transaction.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import Error, connections, transaction

from roompricegenie.backups.database_copy import BackupError, Counts, Progress, count_rows

POLL_SECONDS = 0.5  # between two looks at how much pg_dump has written


class PostgresqlCopier:
    """A DatabaseCopier for a database of a PostgreSQL server.

    Args:
        name: the database's alias in settings.DATABASES.
        queries: what to count, by name; each a SELECT of one number.
    """

    kind = "postgresql"
    extension = "dump"

    def __init__(self, name: str, queries: dict[str, str]) -> None:
        self._name = name
        self._queries = queries
        self._connection = connections[name]

    @contextmanager
    def _database_errors(self) -> Iterator[None]:
        """Convert database errors to BackupError."""
        try:
            yield
        except Error as error:
            reason = " ".join(str(error).split())
            raise BackupError(
                f"the database {self._name!r} fails: {reason} (on a new server create the "
                "database, empty; `manage.py migrate_all` creates missing tables)"
            ) from error

    def count(self) -> Counts | None:
        with self._database_errors():
            tables = self._connection.introspection.table_names()
        if not tables:
            return {}
        try:
            with self._connection.cursor() as cursor:
                return count_rows(cursor, self._queries)
        except Error:
            return None

    def other_connections(self) -> int:
        with self._database_errors(), self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return int(cursor.fetchone()[0])

    def back_up(self, copy: Path, progress: Progress) -> Counts:
        program = self._find_program("pg_dump")
        # pg_dump reads the snapshot of the transaction in which the rows are counted.
        with (
            self._database_errors(),
            transaction.atomic(self._name),
            self._connection.cursor() as cursor,
        ):
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            counts = count_rows(cursor, self._queries)
            cursor.execute("SELECT pg_export_snapshot()")
            [snapshot] = cursor.fetchone()
            self._run(
                [program, "--format=custom", "--no-owner", f"--snapshot={snapshot}",
                 f"--file={copy}"],
                on_poll=lambda: progress(copy.stat().st_size, None),
            )  # fmt: skip
        return counts

    @contextmanager
    def prepare_restore(self, copy: Path) -> Iterator[Callable[[], None]]:
        program = self._find_program("pg_restore")
        listing = self._run([program, "--list", str(copy)], connect=False)
        in_copy = set(re.findall(r"^\d+; \d+ \d+ TABLE \S+ (\S+) ", listing, re.MULTILINE))
        with self._database_errors():
            unknown = sorted({*self._connection.introspection.table_names()} - in_copy)
        if unknown:
            # pg_restore would leave them, and the next migration would fail on them.
            raise BackupError(
                f"the database {self._name!r} has tables that are not in the backup "
                f"({', '.join(unknown)}): drop the database, create it again, empty, and restore"
            )
        yield lambda: self._restore(program, copy)

    def _restore(self, program: str, copy: Path) -> None:
        self._run(
            [program, "--clean", "--if-exists", "--single-transaction", "--no-owner", str(copy)]
        )

    def _find_program(self, name: str) -> str:
        """Return the path of a program of PostgreSQL.

        Raises: BackupError when it is missing or older than the server.
        """
        with self._database_errors(), self._connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            server = int(cursor.fetchone()[0]) // 10_000
        path = shutil.which(name)
        if path is None:
            raise BackupError(
                f"{name} is not on PATH: install the client programs of PostgreSQL {server} (like "
                f"postgresql-client-{server}), or run this where they are installed"
            )
        result = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        version = re.search(r"(\d+)", result.stdout)
        if version is None or int(version[1]) < server:
            raise BackupError(
                f"{path} is {result.stdout.strip() or 'broken'}, and the server of the database "
                f"{self._name!r} is PostgreSQL {server}: put a {name} of {server} or newer first "
                "on PATH"
            )
        return path

    def _run(
        self, command: list[str], *, on_poll: Callable[[], None] | None = None, connect: bool = True
    ) -> str:
        """Run a program on this database and return its standard output.

        Args:
            on_poll: called every POLL_SECONDS while the program runs.
            connect: whether the program needs the database's address.
        Raises: BackupError when the program fails.
        """
        if connect:
            database = self._connection.settings_dict["NAME"]
            command = [*command, "--no-password", f"--dbname={database}"]
        with subprocess.Popen(
            command, env=self._environment(), text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            try:
                while True:
                    try:
                        output, errors = process.communicate(timeout=POLL_SECONDS)
                        break
                    except subprocess.TimeoutExpired:
                        if on_poll:
                            on_poll()
            except BaseException:
                process.kill()
                raise
        if process.returncode != 0:
            reason = " ".join(errors.split()) or f"it ended with {process.returncode}"
            raise BackupError(f"{command[0]} failed for the database {self._name!r}: {reason}")
        return output

    def _environment(self) -> dict[str, str]:
        """Return the environment that holds the address; the password is on no command line."""
        settings = self._connection.settings_dict
        _, secrets = self._connection.client.settings_to_cmd_args_env(settings, [])
        address = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER"}
        return {
            **os.environ,
            **{variable: str(settings[key]) for variable, key in address.items() if settings[key]},
            **(secrets or {}),
        }
