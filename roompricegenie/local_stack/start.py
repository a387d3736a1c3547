"""`make run`: the whole system on one machine, from one command.

Migrates the databases, then runs an embedded Valkey, gunicorn, a worker for each queue (one for
webhooks and mails) and beat under a supervisor that prefixes their output. The first start creates
an `admin` user and, unless SAMPLE=0, loads a demonstration. A process that dies is started again.
Ctrl-C, SIGTERM or a closed terminal stop every process: workers finish what they have in hand
first, Valkey stops last, and the next start continues where this one stopped. If this process is
killed, the kernel ends the others, and the next start those that hang (Linux).
"""

import argparse
import asyncio
import io
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import requests
from django.core.exceptions import ImproperlyConfigured

from roompricegenie.file_lock import RUN_LOCK, exclusive_lock
from roompricegenie.find_running_stack import recorded_settings
from roompricegenie.local_stack import embedded_valkey
from roompricegenie.local_stack.end_with_parent import end_with_parent
from roompricegenie.local_stack.leftover_services import LeftoverServices, services_lock
from roompricegenie.local_stack.prefixed_output import SYSTEM, PrefixedOutput
from roompricegenie.local_stack.supervisor import (
    STOP_SIGNALS,
    Service,
    ServiceNotReady,
    Supervisor,
    ignore_stop_signals,
)

BIN = Path(sys.executable).parent
READY_SECONDS = 60
LAST_OUTPUT_SECONDS = 1


class CannotStart(Exception):
    """One line that says why, and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stack until a signal stops it. Return the exit code."""
    for number in STOP_SIGNALS:
        signal.signal(number, _exit_on_signal)
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--parent", type=int, help="end when the process with this id ends")
    if parent := parser.parse_args(arguments).parent:
        end_with_parent(parent)
    try:
        _run_stack()
    except (
        CannotStart, LeftoverServices, embedded_valkey.ValkeyError, ImproperlyConfigured
    ) as error:  # fmt: skip
        print(f"make run: {error}", file=sys.stderr)
        return 1
    except ServiceNotReady as error:
        log = error.service.log
        print(
            f"make run: {error.service.name} did not start; {log} says why{_last_line(log)}",
            file=sys.stderr,
        )
        return 1
    return 0


def _run_stack() -> None:
    """Raises: CannotStart, ValkeyError, ImproperlyConfigured, ServiceNotReady."""
    environment = dict(os.environ)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")
    import django
    from django.conf import settings

    # The children's too: a command that this stack starts must not look for a running one.
    own = {"DATA_DIR": str(settings.DATA_DIR), "PORT": str(settings.PORT)}
    os.environ.update(own)
    with ExitStack() as stack:
        with _unusable_files_named():
            stack.enter_context(_only_one(settings.DATA_DIR))
            lock = stack.enter_context(services_lock(settings.DATA_DIR, _write_error_line))
            _check_port(settings.PORT)  # the web server of a run that was killed has it no more
            with suppress(OSError):  # a checkout that cannot be written to
                stack.enter_context(recorded_settings({**environment, **own}))
            django.setup()
            services = [*_embedded_valkey(settings.DATA_DIR), *_services()]
            output = PrefixedOutput([service.name for service in services])
            _prepare_databases(settings.DATA_DIR, output)
        try:
            asyncio.run(_run(services, settings.PORT, settings.DATA_DIR, output, lock))
        finally:
            output.flush(LAST_OUTPUT_SECONDS)


@contextmanager
def _unusable_files_named() -> Iterator[None]:
    """Turn an error of a file inside the `with` block into one line. Raises: CannotStart."""
    try:
        yield
    except OSError as error:
        raise CannotStart(
            f"{error}: move away what is there, make room, or let this user read and write it"
        ) from error


def _last_line(log: str) -> str:
    """Return `: ` and the last line of a log file; nothing when there is none."""
    with suppress(OSError):
        if lines := Path(log).read_text(errors="replace").splitlines():
            return f": {lines[-1]}"
    return ""


def _write_error_line(line: str) -> None:
    """For what is said before the services run."""
    print(line, file=sys.stderr, flush=True)


def _exit_on_signal(number: int, frame: object) -> None:
    """Before the supervisor runs, no process is there to be stopped."""
    ignore_stop_signals()
    sys.exit(128 + number)


def _check_port(port: int) -> None:
    """Check that the port is free. Raises: CannotStart."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(
                f"port {port} is taken ({error.strerror}): stop what listens there, or "
                f"choose another with `make run PORT={port + 1}`"
            ) from error


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    """Hold the lock of the data folder: two systems on one folder would share a Valkey socket."""
    with ExitStack() as stack:
        try:
            stack.enter_context(exclusive_lock(data_dir / RUN_LOCK))
        except BlockingIOError as error:
            raise CannotStart(
                f"another `make run` uses {data_dir}: stop it, or set another DATA_DIR"
            ) from error
        yield


def _prepare_databases(data_dir: Path, output: PrefixedOutput) -> None:
    """Migrate, and create what the first start lacks. Raises: CannotStart."""
    from django.core.management import CommandError, call_command
    from django.db import connections

    try:
        call_command("migrate_all", verbosity=0)
        _create_admin(data_dir, output)
        # With this key the services call each other where API_AUTH=required.
        call_command("create_api_key", service=True, stdout=io.StringIO())
    except CommandError as error:
        raise CannotStart(str(error)) from error
    finally:
        connections.close_all()


def _create_admin(data_dir: Path, output: PrefixedOutput) -> None:
    """The first time: a user `admin`, whose password only the owner of the file can read."""
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    if users.exists():
        return
    password = secrets.token_urlsafe(12)
    path = data_dir / "admin_password"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password + "\n")
    users.create_superuser("admin", password=password)
    output.write(SYSTEM, f"The admin's first user is `admin`, password {password} (kept in {path})")


def _embedded_valkey(data_dir: Path) -> list[Service]:
    """Return the embedded server, or nothing if CELERY_BROKER_URL names the operator's own.

    Raises: ValkeyError.
    """
    from django.conf import settings

    if os.environ.get("CELERY_BROKER_URL"):
        return []
    return [
        embedded_valkey.prepare_server(settings.VALKEY_SOCKET, data_dir, _write_error_line),
    ]


def _services() -> list[Service]:
    """Return gunicorn, the workers and beat."""
    from django.conf import settings

    # A person at a terminal wants to read of what is wrong; machines filter by level themselves.
    level = "info" if settings.LOG_FORMAT == "json" else "warning"
    celery = [str(BIN / "celery"), "-A", "roompricegenie", "--quiet"]
    # Nobody listens to what workers tell each other, and it takes an idle one's processor.
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    worker = [*celery, "worker", "-l", level, *alone]
    # Celery warns at length when it runs as root; on a development machine or in a container that
    # is a choice, and twenty lines of it hide what matters.
    quiet = "ignore:::celery.platforms"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": quiet}
    commands = {
        "web": [str(BIN / "gunicorn"), "roompricegenie.wsgi:application"],
        "worker": [*worker, "-Q", "celery", "-c", "2", "-n", "events@%h"],
        "dashboard": [*worker, "-Q", "dashboard_queue", "-c", "1", "-n", "dashboard@%h"],
        **_other_workers(worker, few=settings.FEW_WORKERS),
        "beat": [*celery, "beat", "-l", level],
    }
    return [Service(name, command, environment) for name, command in commands.items()]


def _other_workers(worker: list[str], *, few: bool) -> dict[str, list[str]]:
    """Return the commands of the workers that neither record nor count events."""
    if few:
        # With a process for each kind of work, so that none waits long for another.
        queues = "prices_queue,checks_queue,mail_queue,webhook_queue,connections_queue"
        return {"others": [*worker, "-Q", queues, "-c", "5", "-n", "others@%h"]}
    return {
        "prices": [*worker, "-Q", "prices_queue", "-c", "1", "-n", "prices@%h"],
        "checks": [*worker, "-Q", "checks_queue", "-c", "1", "-n", "checks@%h"],
        # Two processes of one worker: each kind waits for servers of others, and runs of at most
        # 20 s leave the second process to the other kind. A worker more costs a laptop a second of
        # its processor at each start and 80 MB.
        "webhooks": [*worker, "-Q", "webhook_queue,mail_queue", "-c", "2", "-n", "webhooks@%h"],
        "connections": [*worker, "-Q", "connections_queue", "-c", "1", "-n", "connections@%h"],
    }


async def _run(
    services: Sequence[Service], port: int, data_dir: Path, output: PrefixedOutput, lock: int
) -> None:
    """Run the services until a signal; they inherit the descriptor `lock`.

    Raises: ServiceNotReady.
    """
    supervisor = Supervisor(services, output, inherited=[lock])
    with supervisor.stopped_by_signals():
        greeting = asyncio.create_task(_greet_and_load_sample(port, data_dir, output, lock))
        try:
            await supervisor.run()
        finally:
            greeting.cancel()
            await asyncio.wait([greeting])


async def _greet_and_load_sample(
    port: int, data_dir: Path, output: PrefixedOutput, lock: int
) -> None:
    """When the system is ready: print where to look, and load the sample the first time."""
    from django.conf import settings

    from roompricegenie.local_stack.sample_loading import load_sample_once

    base = f"http://127.0.0.1:{port}"
    if not await _wait_until_ready(base):
        output.write(SYSTEM, f"not ready after a minute; {base}/readyz says why")
        return
    output.write(SYSTEM, f"RoomPriceGenie is ready: {base}/")
    output.write(SYSTEM, f"  Swagger {base}/swagger/   Redoc {base}/redoc/")
    password = data_dir / "admin_password"
    output.write(SYSTEM, f"  admin   {base}/admin/   user admin, password in {password}")
    if settings.API_AUTH == "open":
        output.write(SYSTEM, "  open to all who can reach it (API_AUTH=open): for development only")
    output.write(SYSTEM, "  Ctrl-C stops everything")
    if not settings.SAMPLE:
        output.write(SYSTEM, "  Starts without the demonstration (SAMPLE=0)")
        return
    await load_sample_once(data_dir, lambda line: output.write(SYSTEM, line), [lock])


async def _wait_until_ready(base: str) -> bool:
    def is_ready() -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{base}/readyz", timeout=2).status_code == 200
        return False

    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up:
        if await asyncio.to_thread(is_ready):
            return True
        await asyncio.sleep(0.1)
    return False
