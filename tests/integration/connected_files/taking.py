"""Steps of these tests: time passes, files are taken, and what became of them."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from connections.models import Connection, ConnectionFile
from connections.reading.reading import read_connection


def stand_still() -> None:
    """Let the files that were seen stand still for long enough."""
    ConnectionFile.objects.update(seen_at=timezone.now() - timedelta(minutes=1))


def take_all(connection: Connection, work: Callable[[], None], times: int = 60) -> Connection:
    """Read until every file is taken."""
    for _ in range(times):
        is_done = read_connection(connection.pk)
        present = Connection.objects.get(pk=connection.pk)
        assert present.failure == "", present.failure_text
        open_files = present.files.filter(state__in=("seen", "sent"))
        if is_done and not open_files.exists():
            return present
        work()
        stand_still()
    raise AssertionError(list(present.files.values_list("name", "state", "problem")))


def states(connection: Connection) -> dict[str, str]:
    return dict(connection.files.values_list("name", "state"))


def numbers(count: int) -> list[str]:
    return [f"R-{number}" for number in range(count)]
