"""The `queue` fixture: an event queue on the private Valkey, empty at the start of a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.test import override_settings

from data_provider.event_queue.queue_stream import EventQueue


@pytest.fixture
def queue(valkey_socket: Path) -> Iterator[EventQueue]:
    client = redis.Redis(unix_socket_path=str(valkey_socket))
    client.flushall()
    with override_settings(CELERY_BROKER_URL=f"redis+socket://{valkey_socket}"):
        yield EventQueue(client)
    client.close()
