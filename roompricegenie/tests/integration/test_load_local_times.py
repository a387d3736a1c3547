"""`trigger_load_events --timezone`: files whose times without offset are the hotels' local times."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from data_provider import ledger
from data_provider.csv_loading.csv_loader import LoadResult
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.event_validation import EventRow
from data_provider.models import Event
from roompricegenie.loading import hotel_time_zones
from roompricegenie.loading.hotel_time_zones import HotelTimeZones
from roompricegenie.loading.wait_for_ledger_and_dashboard import ledger_outcome

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

BASE = "http://dashboard.test"
HEADER = "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id\n"


@pytest.fixture(autouse=True)
def quick_and_separate(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA_DIR = tmp_path
    settings.DASHBOARD_API_BASE_URL = BASE
    monkeypatch.setattr(hotel_time_zones, "RETRY_SECONDS", 0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Events of hotels 7, 8 and 7; the last one has an offset."""
    path = tmp_path / "events.csv"
    times = ((7, "2024-07-01 10:00:00"), (8, "2024-07-01 10:00:00"), (7, "2024-07-01T10:00:00Z"))
    rows = (f"{hotel},1,{time},2024-09-01,{n:032x}\n" for n, (hotel, time) in enumerate(times))
    path.write_text(HEADER + "".join(rows))
    return path


def load(*arguments: str) -> tuple[str, str]:
    """Run the command; return its output and its error."""
    out = io.StringIO()
    try:
        call_command("trigger_load_events", *arguments, stdout=out, stderr=io.StringIO())
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def queued_times(queue: EventQueue) -> list[tuple[int, str]]:
    return [(row.hotel_id, row.timestamp) for batch in queue.take(10) for row in batch.rows()]


def profile_of(requests_mock: Any, hotel: int, **answer: Any) -> Any:
    return requests_mock.get(f"{BASE}/dashboard/hotels/{hotel}/", **answer)


def test_one_zone_for_the_file(queue: EventQueue, file: Path) -> None:
    output, error = load(str(file), "--timezone", "Europe/Rome")
    assert error == ""
    assert queued_times(queue) == [
        (7, "2024-07-01 08:00:00"), (7, "2024-07-01 10:00:00"), (8, "2024-07-01 08:00:00"),
    ]  # fmt: skip
    assert "times without offset were read as local times in Europe/Rome" in output


def test_the_zone_of_each_hotels_profile_is_asked_for_once(
    queue: EventQueue, file: Path, requests_mock: Any
) -> None:
    rome = profile_of(requests_mock, 7, json={"hotel_id": 7, "time_zone": "Europe/Rome"})
    profile_of(requests_mock, 8, json={"hotel_id": 8, "time_zone": "UTC"})
    file.write_text(file.read_text() + f"7,2,2024-07-02 10:00:00,2024-09-01,{0:032x}\n")
    output, error = load(str(file), "--timezone", "hotel")
    assert error == ""
    assert queued_times(queue) == [
        (7, "2024-07-01 08:00:00"), (7, "2024-07-01 10:00:00"), (7, "2024-07-02 08:00:00"),
        (8, "2024-07-01 10:00:00"),
    ]  # fmt: skip
    assert rome.call_count == 1
    assert "local times in Europe/Rome (hotel 7), UTC (hotel 8)" in output


def test_a_dashboard_that_does_not_answer_ends_the_load_with_the_way_out(
    queue: EventQueue, file: Path, requests_mock: Any
) -> None:
    profile_of(requests_mock, 7, json={"hotel_id": 7, "time_zone": "Europe/Rome"})
    profile_of(requests_mock, 8, status_code=503)
    output, error = load(str(file), str(file), "--timezone", "hotel")
    assert "the time zone of hotel 8 is unknown" in error
    assert f"{BASE}/dashboard/hotels/8/ does not answer" in error
    assert "the load ended after 1 events" in error
    assert f"not loaded for the same reason: {file}" in error
    assert "4 lines" not in output
    assert "3 lines: 1 header, 1 queued, 0 rejected, 0 blank, 1 read but not queued" in output
    assert queued_times(queue) == [(7, "2024-07-01 08:00:00")]


def test_a_failure_of_a_moment_is_asked_again(
    queue: EventQueue, file: Path, requests_mock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hotel_time_zones, "RETRY_SECONDS", 5)
    monkeypatch.setattr(hotel_time_zones, "POLL_SECONDS", 0)
    for hotel in (7, 8):
        answer = {"json": {"hotel_id": hotel, "time_zone": "Europe/Rome"}}
        profile_of(requests_mock, hotel, response_list=[{"status_code": 502}, answer])
    output, error = load(str(file), "--timezone", "hotel")
    assert (error, "3 queued" in output) == ("", True)
    assert "Europe/Rome (hotels 7, 8)" in output


@pytest.mark.parametrize("name", ["Europe/Roma", "europe/rome", "+02:00", "../../etc", "CET2", ""])
def test_an_unknown_zone_is_refused_before_anything_is_read(
    queue: EventQueue, file: Path, name: str
) -> None:
    output, error = load(str(file), f"--timezone={name}")
    assert f"--timezone: {name!r} is no time zone: give a name like Europe/Zurich" in error
    assert "or `hotel`" in error
    assert (output, queue.length()) == ("", 0)


def test_the_demonstration_is_in_utc(queue: EventQueue) -> None:
    _, error = load("--timezone", "Europe/Rome")
    assert "--timezone needs a FILE: the demonstration is in UTC" in error
    assert queue.length() == 0


def test_no_zone_is_asked_for_when_every_time_has_an_offset(
    queue: EventQueue, file: Path, requests_mock: Any
) -> None:
    file.write_text(file.read_text().replace("10:00:00,", "10:00:00+02:00,"))
    output, error = load(str(file), "--timezone", "hotel")
    assert (error, "3 queued" in output) == ("", True)
    assert "local times" not in output
    assert requests_mock.call_count == 0


def test_events_that_are_looked_up_are_read_in_the_same_zones(
    queue: EventQueue, file: Path
) -> None:
    """Redis lost the load's report, so the file is read again."""
    zones = HotelTimeZones.of_option("Europe/Rome")
    ledger.record([EventRow(7, "2024-07-01 08:00:00", f"{0:032x}", "2024-09-01", 1, None)])
    assert Event.objects.count() == 1
    outcome = ledger_outcome(queue, LoadResult(str(file), queued=3, zone_of_hotel=zones))
    assert (outcome.found, outcome.missing) == (1, 2)
    outcome = ledger_outcome(queue, LoadResult(str(file), queued=3))
    assert outcome.found == 0, "without the option these are other events"


def test_a_note_on_events_in_the_future_names_the_option(queue: EventQueue, file: Path) -> None:
    file.write_text(file.read_text().replace("2024-07-01 ", "2190-07-01 "))
    output, _ = load(str(file), "--dry-run")
    assert "2 events are dated in the future" in output
    assert "`--timezone`" in output
    output, _ = load(str(file), "--dry-run", "--timezone", "Europe/Rome")
    assert "another time zone than --timezone says, or a wrong year" in output
