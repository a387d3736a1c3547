"""The number of shares of the feed is changed in one transaction, while everything runs."""

import random
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connections, transaction

from dashboard_service.counting import feed_updater
from dashboard_service.counting.share_layout import change_layout
from dashboard_service.counting.updater_lock import all_positions_locked, locked_position
from dashboard_service.data_provider_client import Provider
from dashboard_service.models import FeedPosition
from dashboard_service.tests.fake_provider import (
    BASE,
    FakeProvider,
    expected_counts,
    make_event,
    stored_counts,
)
from dashboard_service.tests.feed_shares import any_events, layout, set_positions

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])


class _KilledAt:
    """Lets so many statements run and fails the next; then those of the rollback run."""

    def __init__(self, statements: int) -> None:
        self._left = statements

    def __call__(self, execute: Any, *arguments: Any) -> Any:
        self._left -= 1
        if self._left == -1:
            raise DatabaseError("killed")
        return execute(*arguments)


def test_a_command_that_is_killed_at_any_statement_changed_nothing_or_all(
    requests_mock: Any,
) -> None:
    rng = random.Random(5)
    fake = FakeProvider(requests_mock, any_events(range(1, 20), rng))
    connection = connections["dashboard_service"]
    killed_at = 0
    while True:
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                if table.startswith("dashboard_service_"):
                    cursor.execute(f"DELETE FROM {table}")
        set_positions(0, 0, 0)
        feed_updater.update_share(Provider(BASE), 1, 3)  # the others are behind
        before, counts = layout(), stored_counts()
        try:
            with connection.execute_wrapper(_KilledAt(killed_at)):
                change_layout(Provider(BASE), 2)
        except DatabaseError:
            assert (layout(), stored_counts()) == (before, counts)
        else:
            assert [row[:2] for row in layout()] == [(0, 2), (1, 2)]
            break
        finally:
            killed_at += 1
        feed_updater.update(Provider(BASE))
        assert stored_counts() == expected_counts(fake.events)
    assert killed_at > 10


def test_a_process_of_the_version_without_shares_counts_nothing() -> None:
    statement = (
        "INSERT INTO dashboard_service_feedposition (id, position, rebuild_needed, updated_at) "
        "VALUES (1, 0, %s, '2026-01-01')"
    )
    with connections["dashboard_service"].cursor() as cursor:
        set_positions(5, 5)
        with pytest.raises(IntegrityError), transaction.atomic("dashboard_service"):
            cursor.execute(statement, [False])
        FeedPosition.objects.all().delete()
        cursor.execute(statement, [False])
    assert layout() == [(0, 1, 0)]


def test_the_locks_are_those_of_the_hotels_share() -> None:
    with locked_position() as position:
        assert (position.share, position.shares) == (0, 1)
    set_positions(3, 1, 2)
    with locked_position(5) as position:
        assert (position.share, position.position) == (2, 2)
    with all_positions_locked() as positions:
        assert [position.position for position in positions] == [3, 1, 2]
    with pytest.raises(ValueError, match="divided"), locked_position():
        pass


def set_feed_shares(number: object) -> str:
    output = StringIO()
    call_command("set_feed_shares", str(number), stdout=output)
    return output.getvalue()


def test_the_command(requests_mock: Any, settings: Any) -> None:
    settings.EVENTS_API_BASE_URL = BASE
    fake = FakeProvider(requests_mock, [make_event(number) for number in range(1, 6)])
    feed_updater.update(Provider(BASE))
    assert "1 share became 4 shares at event 5" in set_feed_shares(4)
    assert "-c 4" in set_feed_shares(2) + set_feed_shares(4)
    assert "4 shares already, nothing was changed" in set_feed_shares(4)
    fake.events = [make_event(number) for number in range(1, 30)]
    feed_updater.update_share(Provider(BASE), 1, 4)
    text = set_feed_shares(1)
    assert "4 shares became 1 share at event 29" in text
    assert "12 of them while all updaters waited" in text
    assert stored_counts() == expected_counts(fake.events)
    assert layout() == [(0, 1, 29)]


def test_the_command_refuses_what_cannot_be(requests_mock: Any, settings: Any) -> None:
    settings.EVENTS_API_BASE_URL = BASE
    for number in (0, -1, 65):
        with pytest.raises(CommandError, match="1 to 64"):
            set_feed_shares(number)
    requests_mock.get(f"{BASE}/events/feed/", status_code=400)  # one that knows no shares
    with pytest.raises(CommandError, match="upgrade"):
        set_feed_shares(2)
    assert layout() == [(0, 1, 0)]


def test_far_behind_most_is_counted_without_the_locks(
    requests_mock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard_service.counting.share_layout.LOCKED_IDS", 3)
    fake = FakeProvider(requests_mock, [make_event(number) for number in range(1, 30)])
    set_positions(0, 0)
    feed_updater.update_share(Provider(BASE), 1, 2)
    change = change_layout(Provider(BASE), 3)
    assert (change.counted, change.counted_locked, change.position) == (15, 0, 29)
    assert stored_counts() == expected_counts(fake.events)
