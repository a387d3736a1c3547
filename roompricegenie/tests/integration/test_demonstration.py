"""The demonstration goes into a ledger once, never among a real hotel's events, and lives on."""

import io
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from common.currencies import CURRENCY_DECIMALS
from dashboard_service.hotel_profiles import get_profile, update_profile
from dashboard_service.models import RoomsForSale
from data_provider import ledger, tasks
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.event_validation import EventRow
from data_provider.models import Event
from pricing_service.models import PricingRules
from pricing_service.rules.pricing_rules import load_rules, save_rules
from roompricegenie.celery import tell_simulated_hotel
from roompricegenie.loading import demonstration
from roompricegenie.loading.demonstration import tell_price_rules, tell_profiles
from simulator import tasks as simulator_tasks
from simulator.demonstration_files import DemonstrationFiles, make_demonstration

pytestmark = [
    pytest.mark.long,
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"],
        transaction=True,
    ),
]

MOMENT = datetime(2026, 11, 26, 21, 30, tzinfo=UTC)
OF_A_REAL_HOTEL = EventRow(2, "2024-03-01 10:00:00", "0" * 31 + "1", "2024-05-01", 1, None)


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(demonstration, "now", lambda: MOMENT)
    monkeypatch.setattr(simulator_tasks, "_recorded_until", None)
    return tmp_path


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made_once")
    make_demonstration(folder, MOMENT)
    return folder


@pytest.fixture
def files(data_dir: Path, made_once: Path) -> DemonstrationFiles:
    return make_demonstration(shutil.copytree(made_once, data_dir / "demonstration"), MOMENT)


def load(*options: str) -> str:
    out = io.StringIO()
    call_command("trigger_load_events", *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def record_queued(queue: EventQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_queue", queue)
    while queue.length():
        tasks.record_queued_events()


def test_without_a_file_the_demonstration_is_loaded_and_again_nothing_new(
    queue: EventQueue, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load().splitlines()[-1]
    record_queued(queue, monkeypatch)
    events = Event.objects.count()
    assert f"{events + 1:,} lines: 1 header, {events:,} queued, 0 rejected, 0 blank" in first
    assert set(Event.objects.values_list("hotel_id", flat=True)) == {1, 2}
    assert ledger.count_later_than(MOMENT).events == 0
    # On a later day, and after an event that somebody posted.
    ledger.record([OF_A_REAL_HOTEL])
    monkeypatch.setattr(demonstration, "now", lambda: MOMENT + timedelta(days=30))
    assert load().splitlines()[-1] == first
    record_queued(queue, monkeypatch)
    assert Event.objects.count() == events + 1


def test_a_real_hotel_gets_no_made_up_events(queue: EventQueue, data_dir: Path) -> None:
    ledger.record([OF_A_REAL_HOTEL])
    for command in ("trigger_load_events", "load_demonstration"):
        with pytest.raises(CommandError, match=r"hotel 2 .*not the demonstration's: name a FILE"):
            call_command(command)
    assert queue.length() == 0
    assert not (data_dir / "demonstration" / "events.csv.gz").exists()
    assert get_profile(2).name == ""


def test_a_dry_run_keeps_nothing(queue: EventQueue, data_dir: Path) -> None:
    assert "0 rejected" in load("--dry-run")
    assert queue.length() == 0
    assert not (data_dir / "demonstration").exists()


def test_a_folder_that_cannot_be_written_is_named(queue: EventQueue, data_dir: Path) -> None:
    (data_dir / "demonstration").write_text("no folder")
    with pytest.raises(CommandError, match=r"the demonstration cannot be made: .*demonstration"):
        load()


def test_names_rooms_and_rules_are_told(files: DemonstrationFiles) -> None:
    tell_profiles(files)
    tell_price_rules(files)
    seaview, lodge = get_profile(1), get_profile(2)
    assert (seaview.name, seaview.rooms, seaview.currency, seaview.time_zone) == (
        "Seaview Hotel (demonstration)", 30, "EUR", "Europe/Rome",
    )  # fmt: skip
    assert lodge.currency in CURRENCY_DECIMALS
    assert {span.rooms for span in RoomsForSale.objects.filter(hotel=lodge)} == {0}
    first, second = load_rules(1), load_rules(2)
    assert first and second
    assert (first.rules.mode, second.rules.mode) == ("automatic", "suggest")
    assert "Jazz festival" in {event.name for event in first.events}
    assert sum(room_type.rooms for room_type in first.room_types) == 30
    assert len(second.rooms_for_sale) > 2


def test_what_a_person_told_stays(files: DemonstrationFiles) -> None:
    update_profile(1, name="Mine")
    save_rules(1, {"base_price": 77})
    for _ in range(2):
        tell_profiles(files)
        tell_price_rules(files)
    assert get_profile(1).name == "Mine"
    assert get_profile(1).rooms is None
    assert PricingRules.objects.get(pk=1).base_price == 77
    assert PricingRules.objects.count() == 2


# --- it lives on ------------------------------------------------------------------------------------


def live(monkeypatch: pytest.MonkeyPatch, **later: int) -> int:
    monkeypatch.setattr(simulator_tasks, "now", lambda: MOMENT + timedelta(**later))
    return int(simulator_tasks.record_coming_bookings())


def test_bookings_come_at_a_believable_pace_and_once(
    queue: EventQueue, files: DemonstrationFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    load()
    record_queued(queue, monkeypatch)
    before = Event.objects.count()
    assert live(monkeypatch, seconds=0) == 0
    a_week = live(monkeypatch, days=7)
    assert 150 < a_week < 1_500
    assert Event.objects.count() == before + a_week
    assert live(monkeypatch, days=7) == 0
    monkeypatch.setattr(simulator_tasks, "_recorded_until", None)  # another process
    assert live(monkeypatch, days=7) == 0
    assert live(monkeypatch, days=8) > 0
    assert ledger.count_later_than(MOMENT + timedelta(days=8)).events == 0


def test_nothing_comes_without_the_demonstration(
    files: DemonstrationFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert live(monkeypatch, days=7) == 0, "its file was made, and another ledger is used"
    files.events.unlink()
    assert live(monkeypatch, days=7) == 0
    assert not Event.objects.exists()


def test_the_simulated_hotel_has_a_name_until_a_person_tells_another(db: None) -> None:
    for _ in range(2):
        tell_simulated_hotel()
    assert str(get_profile(3)) == "Harbour Hotel (demonstration)"
    assert get_profile(3).rooms
    update_profile(3, name="")
    tell_simulated_hotel()
    assert get_profile(3).name == ""
