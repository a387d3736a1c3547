"""`manage.py simulate_events`: CSV files, posting to a Data Provider, refused options."""

import gzip
import re
import shlex
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import requests
import requests_mock
from django.core.management import CommandError, call_command

from data_provider.csv_loading.csv_columns import CSV_HEADER
from simulator import event_posting
from simulator.management.commands import simulate_events

SAMPLE = Path(__file__).resolve().parents[3] / "data_provider" / "sample"
MARCH = ("--from", "2024-03-01", "--to", "2024-03-31")
URL = "http://ledger.test/events/"
POST = ("--post", "--url", "http://ledger.test", "--hotels", "1", *MARCH)


class Clock:
    """Replaces the module `time`: sleeping takes no time and is recorded."""

    def __init__(self) -> None:
        self.now, self.pauses = 1000.0, list[float]()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(event_posting, "time", clock)
    return clock


def accept_all(request: Any, _context: Any) -> dict[str, int]:
    return {"created": len(request.json()), "duplicates": 0}


@pytest.fixture
def ledger(clock: Clock) -> Iterator[requests_mock.Mocker]:
    """A Data Provider that accepts all events as new."""
    with requests_mock.Mocker() as mocker:
        mocker.post(URL, json=accept_all, status_code=201)
        yield mocker


def run(*arguments: str) -> tuple[str, str]:
    """Run the command; return its standard output and standard error."""
    stdout, stderr = StringIO(), StringIO()
    call_command("simulate_events", *arguments, stdout=stdout, stderr=stderr)
    return stdout.getvalue(), stderr.getvalue()


def posted(ledger: requests_mock.Mocker) -> list[list[dict[str, Any]]]:
    return [request.json() for request in ledger.request_history]


def interrupted_body(lines: Iterable[str], *_: object) -> Iterator[str]:
    yield next(iter(lines))
    raise KeyboardInterrupt


# --- files ----------------------------------------------------------------------------------------


def test_the_bundled_sample_is_the_output_of_its_documented_command() -> None:
    command = re.search(r"simulate_events (.+) --output", (SAMPLE / "README.md").read_text())
    assert command is not None
    assert run(*shlex.split(command[1]))[0] == (SAMPLE / "events.csv").read_text()


def test_bundled_sample_is_small() -> None:
    assert (SAMPLE / "events.csv").stat().st_size <= 2_000_000


def test_writes_csv_to_standard_output() -> None:
    lines = run(*MARCH)[0].splitlines()
    assert lines[0] == CSV_HEADER
    assert len(lines) > 100


def test_file_holds_what_standard_output_shows(tmp_path: Path) -> None:
    run(*MARCH, "--output", str(tmp_path / "events.csv"))
    assert (tmp_path / "events.csv").read_text() == run(*MARCH)[0]


def test_gz_is_compressed(tmp_path: Path) -> None:
    run(*MARCH, "--output", str(tmp_path / "events.csv.gz"))
    with gzip.open(tmp_path / "events.csv.gz", "rt") as file:
        assert file.read() == run(*MARCH)[0]


def test_gz_is_the_same_bytes_under_another_name(tmp_path: Path) -> None:
    one, other = tmp_path / "one.gz", tmp_path / "other.gz"
    for path in (one, other):
        run(*MARCH, "--output", str(path))
    assert one.read_bytes() == other.read_bytes()
    assert one.read_bytes()[4:8] == bytes(4)  # the header's time


def test_hotel_ids_begin_with_the_first_hotel() -> None:
    lines = run(*MARCH, "--hotels", "3", "--first-hotel", "41")[0].splitlines()[1:]
    assert {line.split(",")[0] for line in lines} == {"41", "42", "43"}


def test_events_of_all_hotels_are_sorted_by_time() -> None:
    fields = [line.split(",") for line in run(*MARCH)[0].splitlines()[1:]]
    assert [line[2] for line in fields] == sorted(line[2] for line in fields)
    assert [line[5] for line in fields] == [str(n) for n in range(1, len(fields) + 1)]


def test_rooms_sets_the_size_of_the_hotel() -> None:
    assert len(run(*MARCH, "--rooms", "40")[0]) > 3 * len(run(*MARCH, "--rooms", "4")[0])


def test_seed_changes_the_events() -> None:
    assert run(*MARCH, "--seed", "1") != run(*MARCH, "--seed", "2")


def test_dirty_adds_lines_to_the_same_events() -> None:
    clean, dirty = (run(*MARCH, *more)[0].splitlines() for more in ((), ("--dirty", "0.2")))
    assert len(dirty) > 1.1 * len(clean)
    remaining = iter(dirty)
    assert all(line in remaining for line in clean)


def test_file_is_replaced_only_when_the_new_one_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "events.csv"
    path.write_text("old")
    monkeypatch.setattr(simulate_events, "add_invalid_lines", interrupted_body)
    with pytest.raises(SystemExit) as exit_:
        run(*MARCH, "--output", str(path))
    assert exit_.value.code == 130
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("events.csv", "old")]


def test_a_symbolic_link_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "events.csv")
    run(*MARCH, "--output", str(link))
    assert link.is_symlink()
    assert link.read_text().startswith(CSV_HEADER)


# --- posting --------------------------------------------------------------------------------------


def test_the_posted_events_are_those_it_would_write(ledger: requests_mock.Mocker) -> None:
    run(*POST)
    lines = run(*MARCH, "--hotels", "1")[0].splitlines()[1:]
    events = [event for batch in posted(ledger) for event in batch]
    assert [event["room_reservation_id"] for event in events] == [
        line.split(",")[4] for line in lines
    ]


def test_batch_is_the_number_of_events_in_a_request(ledger: requests_mock.Mocker) -> None:
    run(*POST, "--batch", "30")
    sizes = [len(batch) for batch in posted(ledger)]
    assert set(sizes[:-1]) == {30}
    assert 0 < sizes[-1] <= 30


def test_without_batch_a_request_holds_one_second(ledger: requests_mock.Mocker) -> None:
    run(*POST, "--rate", "50")
    assert len(posted(ledger)[0]) == 50


def test_events_are_posted_at_the_rate(ledger: requests_mock.Mocker, clock: Clock) -> None:
    run(*POST, "--rate", "10", "--batch", "20")
    assert clock.now - 1000 == 2 * (len(posted(ledger)) - 1)


def test_the_default_url_is_the_data_provider_of_the_settings(
    clock: Clock, requests_mock: requests_mock.Mocker, settings: Any
) -> None:
    settings.EVENTS_API_BASE_URL = "http://elsewhere.test"
    requests_mock.post("http://elsewhere.test/events/", json=accept_all, status_code=201)
    run("--post", *MARCH)
    assert requests_mock.called


def test_the_summary_counts_new_and_known_events(ledger: requests_mock.Mocker) -> None:
    answers: list[dict[str, Any]] = [
        {"json": {"created": 20, "duplicates": 80}, "status_code": 201},
        {"json": {"created": 0, "duplicates": 100}, "status_code": 200},
    ]
    ledger.post(URL, answers)
    total = len(run(*MARCH, "--hotels", "1")[0].splitlines()) - 1
    printed = run(*POST, "--rate", "100")[0]
    assert re.match(
        rf"Done: \d+ of {total} events were posted, 20 new, \d+ already known\.", printed
    )


def test_plain_lines_of_progress_in_a_pipe(ledger: requests_mock.Mocker) -> None:
    lines = run(*POST, "--rate", "10")[1].splitlines()
    assert len(lines) > 1
    assert all(re.search(r"\d+ of \d+ events were posted", line) for line in lines)


def test_a_server_that_recovers_gets_every_event(ledger: requests_mock.Mocker) -> None:
    ledger.post(
        URL,
        [
            {"exc": requests.ConnectionError},
            {"status_code": 503, "text": "starting"},
            {"exc": requests.ReadTimeout},
            {"json": accept_all, "status_code": 201},
        ],
    )
    printed, messages = run(*POST, "--batch", "10000")
    assert re.match(r"Done: (\d+) of \1 events were posted, \1 new", printed)
    assert messages.count("Trying again") == 3


@pytest.mark.parametrize("answer", [{"exc": requests.ConnectionError}, {"status_code": 503}])
def test_a_server_that_stays_unavailable_ends_the_command(
    ledger: requests_mock.Mocker, answer: dict[str, Any]
) -> None:
    ledger.post(URL, **answer)
    with pytest.raises(CommandError, match=r"^.*ledger\.test.*\(0 of \d+ events were posted.*$"):
        run(*POST)
    assert ledger.call_count == 5


@pytest.mark.parametrize("status", [301, 400, 401, 404, 413])
def test_a_refusal_is_reported_and_not_retried(ledger: requests_mock.Mocker, status: int) -> None:
    reason, headers = '{"0":\n {"status": ["no"]}}', {"Location": "http://elsewhere.test"}
    ledger.post(URL, status_code=status, text=reason, headers=headers)
    with pytest.raises(CommandError, match=rf'answered {status}: {{"0": {{"status": \["no"\]}}}}'):
        run(*POST)
    assert ledger.call_count == 1


@pytest.mark.parametrize("answer", ["<html>", "[]", '{"created": null, "duplicates": 1}'])
def test_a_response_of_another_kind_of_server_is_an_error(
    ledger: requests_mock.Mocker, answer: str
) -> None:
    ledger.post(URL, text=answer)
    with pytest.raises(CommandError, match="is no Data Provider"):
        run(*POST)


def test_interrupted_posting_reports_the_tally(ledger: requests_mock.Mocker) -> None:
    ledger.post(URL, [{"json": accept_all, "status_code": 201}, {"exc": KeyboardInterrupt}])
    stderr = StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("simulate_events", *POST, "--batch", "30", stderr=stderr)
    assert exit_.value.code == 130
    assert "Interrupted: 30 of" in stderr.getvalue()


# --- refused options ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("--from 2024-02-02 --to 2024-02-01", "--from 2024-02-02 is after --to 2024-02-01"),
        ("--from 2024-02-30", "--from '2024-02-30' is no date"),
        ("--to tomorrow", "--to 'tomorrow' is no date"),
        ("--from 0001-01-01", "no nights before 1900"),
        ("--hotels 0", "--hotels 0: at least 1"),
        ("--first-hotel 0", "--first-hotel 0: at least 1"),
        ("--first-hotel 2147483647", "hotel 2147483648: hotel ids end at 2147483647"),
        ("--rooms 0", "--rooms 0: at least 1"),
        ("--dirty 1.1", "--dirty 1.1: a share"),
        ("--dirty -0.1", "--dirty -0.1: a share"),
        ("--dirty nan", "--dirty nan: a share"),
        ("--post --rate 0", "--rate 0.0: more than 0"),
        ("--post --rate nan", "--rate nan: more than 0"),
        ("--post --batch 0", "--batch 0: 1 to 10000"),
        ("--post --batch 10001", "--batch 10001: 1 to 10000"),
        ("--post --output events.csv", "--post writes no file"),
        ("--post --dirty 0.1", "--post writes no file"),
        ("--rate 5", "go with --post"),
        ("--post --url nonsense", "Cannot post to nonsense/events/"),
        ("--output /no/such/folder/events.csv", "Cannot write /no/such/folder/events.csv"),
        ("--output /", "Cannot write /: Is a directory"),
    ],
)
def test_a_wrong_option_is_one_line_of_error(arguments: str, reason: str) -> None:
    with pytest.raises(CommandError) as error:
        run(*arguments.split())
    assert reason in str(error.value)
    assert "\n" not in str(error.value)
