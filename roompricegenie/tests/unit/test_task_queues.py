"""Each task that anybody sends goes to a queue, and each queue has workers in all descriptions."""

import re
import shlex
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from roompricegenie.celery import LEDGER_QUEUE, QUEUES, QUEUES_WITHOUT_OPTION, app
from roompricegenie.local_stack import start

ROOT = Path(__file__).resolve().parents[3]
app.loader.import_default_modules()
TASKS = sorted(name for name in app.tasks if not name.startswith("celery."))


def queue_of(task: str) -> str:
    """Return the queue to which Celery sends a task."""
    return str(app.amqp.router.route({}, task)["queue"].name)


def served(command: list[str]) -> list[str]:
    """Return the queues of which a worker started so takes tasks; none for another command."""
    if "worker" not in command:
        return []
    if "-Q" not in command:
        return list(QUEUES_WITHOUT_OPTION)
    return command[command.index("-Q") + 1].split(",")


def of_make_run() -> list[list[str]]:
    return [list(service.command) for service in start._services()]


def of_compose() -> list[list[str]]:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return [shlex.split(service.get("command", "")) for service in services.values()]


def of_the_documentation() -> list[list[str]]:
    text = (ROOT / "docs" / "operating.md").read_text().split("## Without Docker")[1]
    lines = re.findall(r"^ {4}poetry run (celery .*)$", text, re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


@pytest.mark.parametrize("commands", [of_make_run, of_compose, of_the_documentation])
def test_each_queue_has_one_worker(commands: Callable[[], list[list[str]]]) -> None:
    queues = Counter(queue for command in commands() for queue in served(command))
    assert queues == Counter(QUEUES)


@pytest.mark.parametrize("task", TASKS)
def test_each_task_has_a_queue_with_a_worker(task: str) -> None:
    assert queue_of(task) in QUEUES


def test_each_scheduled_task_exists_and_names_no_other_queue() -> None:
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in TASKS
        assert "queue" not in entry["options"]


def test_a_worker_without_a_queue_takes_what_earlier_versions_gave_it() -> None:
    """`celery -A roompricegenie worker -c 3` and the dashboard's worker are enough for prices."""
    assert set(app.amqp.queues.consume_from) == set(QUEUES_WITHOUT_OPTION)
    assert queue_of("pricing_service.tasks.price_what_changed") in QUEUES_WITHOUT_OPTION
    assert queue_of("pricing_service.tasks.deliver_prices") not in QUEUES_WITHOUT_OPTION
    assert queue_of("data_provider.tasks.record_queued_events") == LEDGER_QUEUE
