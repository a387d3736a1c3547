"""Two web servers and four event workers, as if on separate hosts: no shared disk.

A host is a DATA_DIR of its own, and a loopback address where it serves. All share PostgreSQL and
Redis by TCP, and the settings DJANGO_SECRET_KEY and SERVICE_API_KEY. The system is closed. Clients
use both web servers; the dashboard worker and the commands use one.
"""

import itertools
import json
import random
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import redis
import requests

from tests.acceptance.hosts import KEYLESS_A_MINUTE, WEBS, WORKERS, Hosts
from tests.soak.events import COLUMNS, Event, Identities, identity
from tests.soak.verdict import compare_dashboard, compare_ledger, getter, recount
from tests.waiting import until

pytestmark = pytest.mark.long

WAIT_SECONDS = 90  # a dead worker's batch is claimed after 20 s
CLIENTS, POSTS_EACH = 4, 40
FILE_EVENTS = 40_000
FILE_HOTEL, FIRST_HOTEL = 90, 100  # hotel of the file; first of the clients' hotels


@pytest.fixture(scope="module")
def hosts() -> Iterator[Hosts]:
    folder = Path(tempfile.mkdtemp(prefix="rpg-hosts-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield Hosts(folder, stack)


def events_of(hotel: int, count: int, rng: random.Random) -> list[Event]:
    return [
        {
            "hotel_id": hotel,
            "event_timestamp": f"2024-{rng.randint(1, 12):02}-01T10:{rng.randrange(60):02}:00Z",
            "status": rng.choice([1, 1, 2]),
            "room_reservation_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "night_of_stay": f"2025-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
        }
        for _ in range(count)
    ]


class Client(threading.Thread):
    """Posts to both web servers in turn, every fourth time the same to both at once; retries."""

    def __init__(self, hosts: Hosts, number: int) -> None:
        super().__init__()
        self.posted = 0
        self.promised: list[Event] = []
        self.wrong: list[str] = []
        self._hosts = hosts
        self._hotel = FIRST_HOTEL + number
        self._rng = random.Random(number)

    def run(self) -> None:
        with ThreadPoolExecutor(2) as both:
            for number in range(POSTS_EACH):
                events = events_of(self._hotel, self._rng.randint(1, 100), self._rng)
                if number % 4 == 0:
                    list(both.map(self._post, WEBS, [events, list(reversed(events))]))
                else:
                    self._post(WEBS[number % 2], events)
                self.promised += events
                self.posted += 1

    def _post(self, web: str, events: list[Event]) -> None:
        give_up = time.monotonic() + WAIT_SECONDS
        for server in itertools.cycle([web, *(other for other in WEBS if other != web)]):
            with suppress(requests.RequestException):
                answer = self._hosts.post(server, events)
                if answer.status_code in (200, 201):
                    return
                self.wrong.append(f"{answer.status_code} {answer.text[:300]}")
            if time.monotonic() > give_up:
                self.wrong.append("no web server answers")
                return
            time.sleep(0.1)


def test_every_event_counts_once_though_a_worker_and_a_web_server_die(hosts: Hosts) -> None:
    in_file = events_of(FILE_HOTEL, FILE_EVENTS, random.Random("file"))
    file = hosts.folder / "events.csv"
    rows = (",".join(str(event[name]) for name in COLUMNS) for event in in_file)
    file.write_text("\n".join([",".join(COLUMNS), *rows]))
    clients = [Client(hosts, number) for number in range(CLIENTS)]
    with ThreadPoolExecutor(2) as loaders:  # the same file on two hosts
        loads = [
            loaders.submit(hosts.manage, host, "trigger_load_events", str(file))
            for host in ("loader", "office")
        ]
        for client in clients:
            client.start()
        kill_whoever_holds_a_batch(hosts)
        until(lambda: sum(client.posted for client in clients) > POSTS_EACH, "some posts")
        hosts.services["web2"].kill_group()
        until(lambda: sum(client.posted for client in clients) > 2 * POSTS_EACH, "more posts")
        hosts.start_web("web2")
        for client in clients:
            client.join()
        assert all(f"{FILE_EVENTS:,} events queued" in load.result() for load in loads)
    assert [client.wrong for client in clients] == [[]] * CLIENTS

    def status() -> dict[str, Any]:  # fails if the status asks for an operator
        found: dict[str, Any] = json.loads(hosts.manage("office", "pipeline_status", "--json"))
        return found

    until(lambda: hosts.redis.get("events:queued") == b"0", "everything is recorded")
    until(lambda: status()["dashboard_events_behind"] == 0, "everything is counted")
    promised = Identities()
    for events in (in_file, *(client.promised for client in clients)):
        promised.add(map(identity, events))
    hosts.wait_for_web("web2")
    for web in WEBS:
        get = getter(hosts.base[web], Authorization=f"Bearer {hosts.key}")
        ledger, right = recount(get)
        assert compare_ledger(ledger.sorted(), promised.sorted(), promised.sorted()) == []
        assert compare_dashboard(get, right) == []
    assert " 0 differences" in hosts.manage("office", "check_dashboard")


def kill_whoever_holds_a_batch(hosts: Hosts) -> None:
    """Send SIGKILL to a worker that has read a batch and not yet recorded it."""
    workers = [hosts.services[name] for name in WORKERS]

    def killed() -> bool:
        held: Any = []
        with suppress(redis.ResponseError):  # the stream does not exist yet
            held = hosts.redis.xpending_range("events:queue", "ledger", "-", "+", 10)
        pids = {int(batch["consumer"].split(b"-")[-2]) for batch in held}
        for worker in workers:
            if pids & {member.pid for member in worker.members()}:
                worker.kill_group()
                return True
        return False

    until(killed, "a worker holds a batch")


def test_no_answer_is_older_than_the_figures_whoever_took_the_event(hosts: Hosts) -> None:
    """Each process caches responses in its memory; events at another host invalidate them too."""
    rng = random.Random("kept")
    path = f"/dashboard/?hotel_id={FIRST_HOTEL + 50}&period=year&year=2024"

    def shown(web: str) -> set[tuple[int, str]]:
        """Return what each process of a web server answers, with its ETag."""
        answers = [hosts.get(web, path) for _ in range(6)]
        return {
            (sum(r["gross_booking_count"] for r in a.json()), a.headers["ETag"]) for a in answers
        }

    for gross, (here, there) in enumerate([WEBS, WEBS[::-1], WEBS], start=1):
        before = shown(here)
        assert len(before) == 1
        [(_, tag)] = before
        assert hosts.get(here, path, **{"If-None-Match": tag}).status_code == 304
        [event] = events_of(FIRST_HOTEL + 50, 1, rng)
        assert hosts.post(there, [{**event, "status": 1}]).status_code == 201
        until(lambda: {g for g, _ in shown(there)} == {gross}, "it is counted")  # noqa: B023
        after = [hosts.get(here, path, **{"If-None-Match": tag}) for _ in range(6)]
        assert {answer.status_code for answer in after} == {200}
        assert {(gross, answer.headers["ETag"]) for answer in after} == shown(here) == shown(there)


def test_a_rate_is_of_all_hosts_together(hosts: Hosts) -> None:
    while True:
        minute = time.time() // 60
        answers = [
            requests.get(f"{hosts.base[web]}/dashboard/status/", timeout=30).status_code
            for web in WEBS * KEYLESS_A_MINUTE
        ]
        if time.time() // 60 == minute:  # otherwise two windows were counted
            break
    assert answers.count(401) <= KEYLESS_A_MINUTE
    assert set(answers) == {401, 429}


def test_wrong_passwords_at_one_host_lock_the_name_at_all(hosts: Hosts) -> None:
    make = (
        "from django.contrib.auth.models import User; "
        "User.objects.create_user('mia', password='long-and-right-1'); "
        "User.objects.create_user('tom', password='long-and-right-1')"
    )
    hosts.manage("office", "shell", "-v0", "-c", make)
    until_nobody_is_limited(hosts)
    tries = [log_in(hosts, web, "mia", "wrong").status_code for web in (*WEBS, *WEBS)]
    assert tries == [200] * 4
    assert log_in(hosts, "web1", "mia", "wrong").status_code == 429
    assert log_in(hosts, "web2", "mia", "long-and-right-1").status_code == 429
    here = log_in(hosts, "web1", "tom", "long-and-right-1")
    assert here.status_code == 302
    there = requests.get(
        f"{hosts.base['web2']}/dashboard/hotels/", cookies=here.cookies.get_dict(), timeout=30
    )
    assert there.status_code == 200  # a session is valid at all hosts


def until_nobody_is_limited(hosts: Hosts) -> None:
    for name in hosts.redis.keys("rpg:rate:*"):
        hosts.redis.delete(name)


def log_in(hosts: Hosts, web: str, name: str, password: str) -> requests.Response:
    session = requests.Session()
    url = f"{hosts.base[web]}/login/"
    session.get(url, timeout=30)
    token = session.cookies["csrftoken"]
    form = {"username": name, "password": password, "csrfmiddlewaretoken": token}
    answer = session.post(url, data=form, timeout=30, allow_redirects=False)
    answer.cookies = session.cookies
    return answer


def test_nothing_lies_on_a_hosts_disk_that_another_needs(hosts: Hosts) -> None:
    """Hosts only store files of their own: the schedule's state, rejected lines, metrics."""
    own = {"beat/beat-alive", *(f"{web}/metrics" for web in WEBS)}
    files = [
        str(path.relative_to(hosts.folder))
        for name in (*WEBS, *WORKERS, "dashboard", "beat", "loader", "office")
        for path in (hosts.folder / name).rglob("*")
    ]
    assert [name for name in files if not name.startswith(tuple(own))] == []
