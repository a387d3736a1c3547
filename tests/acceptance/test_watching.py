"""Monitoring of the whole stack: JSON log, metrics, Grafana dashboard and Prometheus alerts.

One request id leads from a POST's answer to the log line that its event is counted. Request counts
add up over gunicorn's workers, also over one that was killed. The dashboard and the alerts query
only metrics that exist, and all of them.
"""

import json
import os
import re
import signal
import uuid
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest
import requests
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.conftest import WHOLE, Stack, running_stack
from tests.waiting import until

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
OUR_PROCESSES = ("web", "worker", "dashboard", "prices", "beat")
OF_PROMETHEUS = {"up", "job", "instance"}  # names that Prometheus adds itself
PROMQL = {
    "sum", "by", "on", "rate", "increase", "deriv", "time", "absent", "histogram_quantile", "or",
    "and", "unless", "offset", "min_over_time",
}  # fmt: skip
NOT_SHOWN: set[str] = set()  # metrics that neither dashboard nor alerts need
T = TypeVar("T")


@pytest.fixture(scope="module")
def watched() -> Iterator[Stack]:
    with running_stack(sample=False, LOG_FORMAT="json", ACCESS_LOG="1", **WHOLE) as running:
        yield running


def said(stack: Stack, **fields: str) -> list[dict[str, Any]]:
    """Return our processes' log lines with these field values; each line must be JSON."""
    whole, _, _ = stack.log.read_text().rpartition("\n")
    found = []
    for line in whole.splitlines():
        process, _, text = line.partition(" | ")
        name = process[9:].strip()
        if name in OUR_PROCESSES and text.strip():
            found.append({"by": name, **json.loads(text)})
    return [line for line in found if all(line.get(name) == fields[name] for name in fields)]


def post(stack: Stack, **headers: str) -> requests.Response:
    event = {
        "hotel_id": 1, "status": 1, "event_timestamp": "2025-06-01T10:00:00Z",
        "room_reservation_id": str(uuid.uuid4()), "night_of_stay": "2025-07-04",
    }  # fmt: skip
    answer = requests.post(f"{stack.base}/events/", json=event, headers=headers, timeout=20)
    assert answer.status_code == 201
    return answer


def scrape(stack: Stack) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = requests.get(f"{stack.base}/metrics", timeout=20)
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def answered(stack: Stack, path: str) -> float:
    """Return how many requests for a path were answered, by /metrics."""
    return sum(
        value
        for (name, labels), value in scrape(stack).items()
        if name == "rpg_http_requests_total" and ("path", path) in labels
    )


def workers_of(stack: Stack, *answers: requests.Response) -> set[int]:
    """Return which of gunicorn's workers gave the answers, by the access log."""
    own = {answer.headers["X-Request-Id"] for answer in answers}

    def find() -> set[int] | None:
        lines = [
            line for line in said(stack, logger="gunicorn.access") if line["request_id"] in own
        ]
        return {line["process"] for line in lines} if len(lines) == len(own) else None

    return until(find, "the access log's lines") or set()


def test_one_id_leads_from_a_post_to_the_figures(watched: Stack) -> None:
    """A running task may count an event before it has the request id: then post another one."""

    def of(own: str, by: str, logger: str) -> list[dict[str, Any]]:
        lines = said(watched, by=by, logger=logger)
        return [line for line in lines if own in line.get("request_id", "").split(",")]

    counted: list[dict[str, Any]] = []
    for _ in range(10):
        own = f"test.{uuid.uuid4()}"
        assert post(watched, **{"X-Request-Id": own}).headers["X-Request-Id"] == own
        with suppress(AssertionError):
            look = partial(of, own, "dashboard", "dashboard_service.counting.feed_updater")
            counted = until(look, f"the dashboard worker's line of {own}", 10)
            break
    assert counted, watched.log.read_text()
    assert re.fullmatch(r"counted 1 events, feed position \d+ to \d+", counted[0]["message"])
    assert counted[0]["task_id"]
    until(partial(of, own, "prices", "celery.app.trace"), "the run that renews prices has it too")


def test_every_line_says_when_how_bad_and_who(watched: Stack) -> None:
    answer = post(watched)
    workers_of(watched, answer)
    until(lambda: said(watched, by="beat"), "a line of beat's")
    lines = said(watched)
    assert {line["by"] for line in lines} == set(OUR_PROCESSES)
    for line in lines:
        assert {"time", "level", "logger", "message", "process"} <= line.keys(), line
        assert line["time"].endswith("+00:00"), line
    [access] = said(watched, request_id=answer.headers["X-Request-Id"], by="web")
    assert (access["method"], access["path"], access["status"]) == ("POST", "/events/", 201)
    assert access["who"] == "anybody"
    assert access["seconds"] > 0 and access["bytes"] == len(answer.content)


def test_requests_add_up_over_workers_also_over_one_that_was_killed(watched: Stack) -> None:
    def ask() -> requests.Response:
        return requests.get(f"{watched.base}/dashboard/check/", timeout=20)

    before, sent = answered(watched, "/dashboard/check/"), 0
    workers: set[int] = set()
    while len(workers) < 2:  # any idle worker takes a request
        assert sent < 300, workers
        answers = [ask() for _ in range(10)]
        sent += len(answers)
        workers |= workers_of(watched, *answers)
    assert answered(watched, "/dashboard/check/") == before + sent
    killed = workers.pop()
    os.kill(killed, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(killed), "gunicorn noticed")

    def comes_back() -> bool:
        nonlocal sent
        sent += 1
        return not workers_of(watched, ask()) & {killed, *workers}

    until(comes_back, "a new worker answers")
    assert answered(watched, "/dashboard/check/") == before + sent
    assert until(lambda: said(watched, logger="gunicorn.error"), "gunicorn's own line")


@pytest.fixture(scope="module")
def metrics(watched: Stack) -> dict[str, set[str]]:
    """The names of a real /metrics answer with their labels, after everything happened once."""
    post(watched)
    assert watched.manage("check_dashboard").returncode == 0

    def found() -> dict[str, set[str]] | None:
        names: dict[str, set[str]] = {}
        for name, labels in scrape(watched):
            names.setdefault(name, set()).update(label for label, _ in labels)
        return names if "rpg_task_seconds_sum" in names else None

    return until(found, "metrics of tasks") or {}


def expressions() -> list[tuple[str, str]]:
    """Return every PromQL expression of the dashboard and the alerts, with its place."""
    found = []
    board = json.loads((DOCKER / "grafana/dashboard.json").read_text())
    for panel in board["panels"]:
        found += [(panel["title"], target["expr"]) for target in panel.get("targets", [])]
    found += [(a["name"], a["expr"]) for a in board["annotations"]["list"]]
    for group in yaml.safe_load((DOCKER / "prometheus/alerts.yml").read_text())["groups"]:
        found += [(rule["alert"], rule["expr"]) for rule in group["rules"]]
    return found


def test_what_is_asked_for_is_there(metrics: dict[str, set[str]]) -> None:
    for where, expression in expressions():
        check(expression, metrics, f"{where}: {expression}")


def check(expression: str, metrics: dict[str, set[str]], where: str) -> None:
    """Check that metrics, labels and keywords exist and brackets close, in place of promtool."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    for metric, selector in re.findall(r"(\w+)\{([^}]*)\}", bare):
        labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector))
        assert labels <= metrics.get(metric, set()) | OF_PROMETHEUS, where
    grouping = ",".join(re.findall(r"\b(?:by|on) \(([^)]*)\)", bare))
    labels = set(re.findall(r"\w+", grouping))
    assert labels <= set().union(*metrics.values()) | OF_PROMETHEUS, where
    words = re.sub(r"\{[^}]*\}|\[\w+\]|\b(?:by|on) \([^)]*\)|\b\d[\w.]*", " ", bare)
    assert set(re.findall(r"\w+", words)) <= metrics.keys() | PROMQL | OF_PROMETHEUS, where
    assert set(re.sub(r"[\w\s]", "", words)) <= set("()+-*/<>=!,"), where
    depth = 0
    for sign in bare:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        assert depth >= 0, where
    assert depth == 0, where


def test_nothing_that_is_told_is_left_out(metrics: dict[str, set[str]]) -> None:
    asked = {name for _, text in expressions() for name in re.findall(r"rpg_\w+", text)}
    told = {name for name in metrics if name.startswith("rpg_")}
    assert told - asked == NOT_SHOWN


def test_an_alert_says_for_how_long_how_bad_and_what_to_do() -> None:
    groups = yaml.safe_load((DOCKER / "prometheus/alerts.yml").read_text())["groups"]
    names = [rule["alert"] for group in groups for rule in group["rules"]]
    assert len(names) == len(set(names))
    for rule in (rule for group in groups for rule in group["rules"]):
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert re.fullmatch(r"\d+[smh]", rule["for"])
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert set(rule["annotations"]) == {"summary", "description"}
        for text in rule["annotations"].values():
            assert text.count("{{") == text.count("}}")


def test_the_example_of_prometheus_asks_for_what_the_alerts_ask_for() -> None:
    example = yaml.safe_load((DOCKER / "prometheus/prometheus.yml").read_text())
    [job] = example["scrape_configs"]
    assert (job["job_name"], job["metrics_path"]) == ("roompricegenie", "/metrics")
    assert job["authorization"]["type"] == "Bearer"
    assert [(DOCKER / "prometheus" / name).is_file() for name in example["rule_files"]] == [True]


def test_panels_of_the_dashboard_do_not_lie_on_each_other() -> None:
    board = json.loads((DOCKER / "grafana/dashboard.json").read_text())
    taken: set[tuple[int, int]] = set()
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken and at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells
