"""Recovery of all four databases to the moment before a mistake, as docs/backups.md describes it.

A PostgreSQL of its own archives its write-ahead log, as an operator does. Somebody deletes rows of
each database by hand; the server is recovered from a base backup and the archive to just before.
"""

import hashlib
import json
import random
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
import requests

from tests.acceptance.restored_system import HOTEL, System
from tests.postgres import Postgres, postgres_server, programs_folder
from tests.soak.services import Services
from tests.waiting import until

pytestmark = [pytest.mark.long, pytest.mark.thorough]

PROGRAMS = ("pg_basebackup", "pg_verifybackup", "pg_ctl")
# Until the recovery no schedule runs: nothing but what the test does may change a row.
LEFT_OUT = ("beat", "webhooks", "connections", "dashboard2", "events2")
COLUMNS = "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id"


class Archive:
    """The write-ahead log's archive and one base backup, beside the server's own data."""

    def __init__(self, postgres: Postgres, folder: Path) -> None:
        self._postgres = postgres
        self._log, self._base = folder / "log", folder / "base"
        folder.chmod(0o777)  # the server has a user of its own
        postgres.run("mkdir", self._log)
        for setting in (
            "archive_mode = on",
            f"archive_command = 'test ! -f {self._log}/%f && cp %p {self._log}/%f'",
        ):
            postgres.execute(f"alter system set {setting};")
        postgres.stop()
        postgres.start()

    def back_up(self) -> None:
        # The wheel's own file, which it keeps from the server's user.
        (self._postgres.data / ".handle_pids.json").chmod(0o644)
        address = ["-h", self._postgres.socket_folder, "-U", "postgres"]
        self._postgres.run("pg_basebackup", *address, "-D", self._base, "--checkpoint=fast")
        self._postgres.run("pg_verifybackup", self._base)

    def recover(self, moment: str) -> None:
        """Replace the server's data by the state at a moment; the server has stopped before."""
        data = self._postgres.data
        data.rename(data.with_name("data.before-recovery"))
        self._base.rename(data)
        (data / ".s.PGSQL.5432.lock").unlink()  # the socket is in the folder, and so is its lock
        settings = {
            "restore_command": f"cp {self._log}/%f %p",
            "recovery_target_time": moment,
            "recovery_target_action": "promote",
        }
        with (data / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        self._postgres.run("touch", data / "recovery.signal")
        self._postgres.start()
        until(self._is_over, "the server takes writes")

    def _is_over(self) -> bool:
        return self._postgres.execute("select pg_is_in_recovery();").split()[2] == "f"


def contents(postgres: Postgres) -> dict[str, str]:
    """Return a digest of all rows of each table of the four databases."""
    found = {}
    for variable, url in postgres.environment.items():
        with psycopg.connect(url) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            for (table,) in tables:
                rows = connection.execute(f'SELECT t::text FROM "{table}" t').fetchall()
                text = "\n".join(sorted(row for (row,) in rows))
                found[f"{variable} {table}"] = hashlib.sha256(text.encode()).hexdigest()
    return found


def execute(postgres: Postgres, variable: str, statement: str) -> int:
    with psycopg.connect(postgres.environment[variable], autocommit=True) as connection:
        return connection.execute(statement).rowcount


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    missing = [name for name in PROGRAMS if not (programs_folder() / name).exists()]
    if missing:
        pytest.skip(f"NO {', '.join(missing)}: recovery to a moment is NOT tested")
    with postgres_server() as server:
        yield server


def file_of(folder: Path, events: int, day: int) -> Path:
    rows = [
        f"{HOTEL},1,2024-03-{day:02} 10:00:00,2024-05-{day:02},{uuid.uuid4()}"
        for _ in range(events)
    ]
    file = folder / f"{day}.csv"
    file.write_text("\n".join([COLUMNS, *rows]))
    return file


def test_everything_is_as_it_was_before_the_mistake(postgres: Postgres) -> None:
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="rpg-recovery-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        archives = Path(tempfile.mkdtemp(prefix="rpg-archive-"))
        stack.callback(shutil.rmtree, archives, ignore_errors=True)
        archive = Archive(postgres, archives)
        services = Services(folder, postgres, random.Random(1))
        stack.callback(services.kill)
        system = System(services)
        beat = services.all["beat"]
        for name in LEFT_OUT:
            services.all.pop(name, None)
        services.start()
        archive.back_up()

        # After the base backup, so that all of it has to come from the archive.
        system.manage("createsuperuser", "--noinput", "--username", "mia", "--email", "m@h.example")
        rules = {"base_price": 100, "mode": "suggest"}
        system.change(f"/prices/hotels/{HOTEL}/", rules)
        system.post(150)
        before = file_of(folder, 200, day=20)
        system.manage("trigger_load_events", before, "--wait")
        until(lambda: system.get("/dashboard/status/")["events_behind"] == 0, "all is counted")
        feed = system.get("/events/feed/?limit=1")
        right = contents(postgres)
        [moment] = postgres.execute("select clock_timestamp();").splitlines()[2:3]

        # Afterwards: more events, which the clients have; the mistake; and a batch that waits.
        after = file_of(folder, 70, day=21)
        system.manage("trigger_load_events", after, "--wait")
        later = system.get(f"/events/feed/?after={feed['position']}&limit=10000")["position"]
        for variable, statement in (
            ("DATABASE_URL_DATA_PROVIDER", "DELETE FROM data_provider_event WHERE id % 3 = 0"),
            ("DATABASE_URL_DASHBOARD_SERVICE", "DELETE FROM dashboard_service_dashboarddata"),
            ("DATABASE_URL_PRICING_SERVICE", "DELETE FROM pricing_service_pricingprofile"),
            ("DATABASE_URL", "DELETE FROM auth_user"),
        ):
            assert execute(postgres, variable, statement) > 0, variable
        worker = services.all["events1"]
        worker.kill_group()
        waiting = file_of(folder, 30, day=22)
        system.manage("trigger_load_events", waiting)
        system.stop()
        postgres.stop()

        archive.recover(moment.strip())
        assert contents(postgres) == right  # each row of each table

        system.manage("renew_ledger_epoch")
        services.all["beat"] = beat
        system.start()
        # Who has read on is told, whatever the position: by its epoch.
        for position in (feed["position"], later):
            query = {"after": position, "epoch": feed["epoch"]}
            answer = requests.get(f"{system.base}/events/feed/", params=query, timeout=30)
            assert answer.status_code == 409, answer.text
        system.recount_now()
        system.prove()
        # What waited in Redis is recorded; what was recorded after the moment is loaded again.
        until(lambda: system.figures("stay")["2024-05-22"] == 30, "the batch that waited")
        assert system.figures("stay")["2024-05-21"] == 0
        for file in (before, after, waiting):
            system.manage("trigger_load_events", file, "--wait")
        stay = system.figures("stay")
        assert [stay[f"2024-05-{day}"] for day in (20, 21, 22)] == [200, 70, 30]
        system.prove()
        status = json.loads(system.manage("pipeline_status", "--json"))
        assert status["queued_events"] == 0
