"""Connections that stay open but transmit nothing any more, and workers that leave them.

This happens with a firewall that dropped an idle connection, a host that vanished, a failed load
balancer. Without timeouts a worker waits for ever on such a connection, and looks healthy.
"""

import random
import select
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.test_faults import file_of, gross, post
from tests.soak.services import Services
from tests.waiting import until

pytestmark = [pytest.mark.long, pytest.mark.thorough]


class Network:
    """Forwards connections to a port; `forget` silences all open ones for good, without closing."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._age = 0
        self._end = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def forget(self) -> None:
        self._age += 1

    def close(self) -> None:
        self._end.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._end.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        age = self._age
        with client:
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return
            with server:
                while age == self._age and not self._end.is_set():
                    for source in select.select([client, server], [], [], 0.1)[0]:
                        data = source.recv(65_536)
                        if not data:
                            return
                        (server if source is client else client).sendall(data)
                self._end.wait()  # forgotten: keep it open and silent


@pytest.fixture
def services() -> Iterator[Services]:
    folder = Path(tempfile.mkdtemp(prefix="rpg-network-"))
    running = Services(folder, None, random.Random(1))
    try:
        yield running
    finally:
        running.kill()
        shutil.rmtree(folder, ignore_errors=True)


def test_workers_leave_a_forgotten_connection_by_themselves(services: Services) -> None:
    network = Network(services.redis_port)
    address = f"redis://127.0.0.1:{network.port}/0"
    services.environment["CELERY_BROKER_URL"] = address
    services.start()
    assert post(services, 1).status_code == 201
    until(lambda: gross(services, 1) == 1, "the first event on the dashboard")
    before = [p.pid for s in services.all.values() for p in s.members()[:1]]
    network.forget()
    assert post(services, 1).status_code == 201
    services.manage("trigger_load_events", str(file_of(services, 2, 10)))
    until(lambda: gross(services, 1) == 2, "the second event on the dashboard", seconds=60)
    until(lambda: gross(services, 2) == 10, "the file on the dashboard", seconds=60)
    assert [p.pid for s in services.all.values() for p in s.members()[:1]] == before
    network.close()
