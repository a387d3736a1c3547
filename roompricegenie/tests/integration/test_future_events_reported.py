"""Events dated in the future are counted in the load's report and in `pipeline_status`."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from data_provider import ledger
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.event_validation import parse_event
from data_provider.ledger import totals

RESERVATION = "3f2b8c1e-0d4a-4b6e-9a51-000000000001"


def event(when: datetime, status: int = 1) -> dict[str, object]:
    return {
        "hotel_id": 1, "event_timestamp": f"{when:%Y-%m-%d %H:%M:%S}", "status": status,
        "room_reservation_id": RESERVATION, "night_of_stay": "2025-07-04",
    }  # fmt: skip


def around_now() -> list[dict[str, object]]:
    """Two events in the past, three in the future."""
    now = datetime.now(UTC)
    hours = (-500, -1, 3, 30, 24 * 365 * 100)
    return [event(now + timedelta(hours=hour)) for hour in hours]


def test_the_report_of_a_load(tmp_path: Path) -> None:
    events = around_now()
    path = tmp_path / "events.csv"
    lines = [",".join(events[0]), *(",".join(map(str, row.values())) for row in events)]
    path.write_text("\n".join(lines))
    output = StringIO()
    call_command("trigger_load_events", str(path), dry_run=True, stdout=output)
    [line] = [line for line in output.getvalue().splitlines() if "future" in line]
    assert f"{path}: 3 events are dated in the future" in line
    assert "without offset" in line


@pytest.mark.django_db(databases=["data_provider", "pricing_service"], transaction=True)
def test_pipeline_status(queue: EventQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    def status(*options: str) -> str:
        output = StringIO()
        with pytest.raises(SystemExit):  # no dashboard answers in this test
            call_command("pipeline_status", *options, stdout=output)
        return output.getvalue()

    assert "in the future" not in status()
    ledger.record([row for row, _ in map(parse_event, around_now()) if row is not None])
    answer = json.loads(status("--json"))
    assert answer["events_in_future"] == 3
    assert "3 events are dated in the future" in answer["notes"][0]
    assert not any("future" in problem for problem in answer["troubles"])
    monkeypatch.setattr(totals, "COUNTED_EVENTS", 2)
    assert "2 or more events are dated in the future" in status()
