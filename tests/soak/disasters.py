"""Faults that a person would be called for, in turn, each with a trace that it must leave.

Two of them destroy events that a loader reported as queued: a damaged append-only file, and a Redis
that evicts. `make run` prints that files should be loaded again, and the traffic does so; a load
with `--wait` must notice by itself.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import psutil
import redis

from tests.soak.file_damage import damage_append_only_file, damage_beats_files
from tests.soak.make_run import BEAT, EVENT_WORKER, VALKEY, MakeRunServices
from tests.soak.services import STREAM, Service
from tests.soak.traffic import Traffic

READY_SECONDS = 60
QUEUE_SECONDS = 20  # until a loader has queued events that no worker takes
EVICTING_SECONDS = 3
REJECTS_SECONDS = 90  # a load with `--wait` first waits for whatever is down
LONG_RUN_SECONDS = 540  # long enough for each kind

DAMAGED_QUEUE = "damaged append-only file"
EVICTING = "evicting Redis"
KILLED_SUPERVISOR = "kill -9 of make run"
DAMAGED_BEAT = "damaged files of beat"
NO_REJECTS = "rejects folder unusable"
FULL_REJECTS = "rejects folder full"
KINDS = (DAMAGED_QUEUE, EVICTING, KILLED_SUPERVISOR, DAMAGED_BEAT, NO_REJECTS, FULL_REJECTS)


class Disasters:
    """Each call of `inject_next` is the next kind; `services.seen` counts the traces."""

    def __init__(self, services: MakeRunServices, traffic: Traffic, rng: random.Random) -> None:
        self._services, self._traffic, self._rng = services, traffic, rng
        self._kinds: dict[str, Callable[[], None]] = {
            DAMAGED_QUEUE: self._damage_queue,
            EVICTING: self._evict,
            KILLED_SUPERVISOR: self._kill_supervisor,
            DAMAGED_BEAT: self._damage_beat,
            NO_REJECTS: self._block_rejects,
            FULL_REJECTS: self._fill_rejects,
        }
        self._order = rng.sample(list(self._kinds), len(self._kinds))

    def inject_next(self) -> None:
        """Inject the next kind once the services are ready; without that, leave it for later."""
        services = self._services
        if not self._until(self._is_whole, READY_SECONDS):
            services.note("not ready for a disaster, which waits")
            return
        if len(services.valkey_servers()) > 1:
            self._traffic.wrong_responses.append("two Valkey servers on one folder")
        kind = self._order[0]
        services.disasters[kind] += 1
        self._kinds[kind]()
        self._order.append(self._order.pop(0))

    def _is_whole(self) -> bool:
        make_run = self._services.make_run
        return make_run.running() and not make_run.stopped and self._services.is_ready()

    def _until(self, condition: Callable[[], bool], seconds: float) -> bool:
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            self._services.tend()
            if condition():
                return True
            time.sleep(0.1)
        return False

    def _see(self, kind: str, trace: str) -> None:
        self._services.note(f"{kind}: {trace}")
        self._services.seen[kind] += 1

    # --- the queue's events are destroyed ---

    def _damage_queue(self) -> None:
        services = self._services
        line = "Repaired the queue's append-only file"
        repairs = services.printed().count(line)
        with self._traffic.losing_events():
            self._have_events_queued()
            for process in services.make_run.members():
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            services.kills += 1
            self._until_valkey_ended()
            how = damage_append_only_file(services.data_dir, self._rng)
        services.note(f"{DAMAGED_QUEUE}: power cut, all of make run killed; {how}")
        if self._until(lambda: services.printed().count(line) > repairs, READY_SECONDS):
            self._see(DAMAGED_QUEUE, services.printed().rpartition(line)[2].splitlines()[0][2:90])

    def _until_valkey_ended(self) -> None:
        give_up = time.monotonic() + QUEUE_SECONDS  # `tend` would start the next one
        while self._services.valkey_servers() and time.monotonic() < give_up:
            time.sleep(0.05)

    def _evict(self) -> None:
        services, evicted = self._services, 0
        with (
            self._traffic.losing_events(),
            redis.Redis(unix_socket_path=str(services.socket), socket_timeout=5) as client,
        ):
            workers = self._have_events_queued()
            with suppress(redis.RedisError):  # it may be suspended, or die
                stream = client.memory_usage(STREAM) or 100_000
                used = int(client.info("memory")["used_memory"])
                before = int(client.info("stats")["evicted_keys"])
                limit = int(used - self._rng.uniform(0.1, 1) * stream)
                client.config_set("maxmemory-policy", "allkeys-lru")
                client.config_set("maxmemory", limit)
                services.note(f"{EVICTING}: maxmemory {limit:,} of {used:,} bytes in use")
                for worker in workers:
                    worker.continue_at = 0
                self._until(lambda: False, EVICTING_SECONDS)
                evicted = int(client.info("stats")["evicted_keys"]) - before
            self._set_maxmemory_back(client)
        if evicted > 0:
            self._see(EVICTING, f"{evicted} keys evicted; maxmemory is 0 again")

    def _set_maxmemory_back(self, client: redis.Redis) -> None:
        """A server that died meanwhile has its own settings again."""

        def set_back() -> bool:
            with suppress(redis.RedisError):
                client.config_set("maxmemory", 0)
                client.config_set("maxmemory-policy", "noeviction")
                return True
            return False

        self._until(set_back, READY_SECONDS)

    def _have_events_queued(self) -> list[Service]:
        """Suspend the event workers until a loader has queued events; return the workers."""
        workers = [
            service
            for name, service in self._services.all.items()
            if name == EVENT_WORKER or name.startswith("events")
        ]
        for worker in workers:
            if not worker.stopped:
                worker.suspend(worker.members(), QUEUE_SECONDS + EVICTING_SECONDS)
        self._until(self._has_queued_events, QUEUE_SECONDS)
        return workers

    def _has_queued_events(self) -> bool:
        with (
            suppress(redis.RedisError),
            redis.Redis(unix_socket_path=str(self._services.socket), socket_timeout=2) as client,
        ):
            return bool(client.xlen(STREAM))
        return False

    # --- nothing may be lost ---

    def _kill_supervisor(self) -> None:
        """The next start may come while the children are ending, or when they have ended."""
        services = self._services
        process, starts = services.make_run.process, self._starts(VALKEY)
        assert process
        services.kills += 1
        process.kill()
        process.wait()
        delay = self._rng.choice([0.0, 0.5, 5.0])
        services.make_run.start_at = time.monotonic() + delay
        services.note(f"{KILLED_SUPERVISOR}: next start after {delay:g} s")
        is_back = self._until(
            lambda: self._starts(VALKEY) > starts and self._is_whole(), READY_SECONDS
        )
        servers = services.valkey_servers()
        if len(servers) > 1:
            self._traffic.wrong_responses.append(f"Valkey servers on one folder: {servers}")
        elif is_back:
            self._see(KILLED_SUPERVISOR, f"ready again, Valkey servers: {len(servers)}")

    def _damage_beat(self) -> None:
        services = self._services
        starts, beat = self._starts(BEAT), services.all[BEAT]
        how = damage_beats_files(services.data_dir, self._rng)
        services.note(f"{DAMAGED_BEAT}: {how}, and SIGKILL")
        services.kills += 1
        beat.kill_group()
        alive_at = time.monotonic() + READY_SECONDS
        if self._until(lambda: self._starts(BEAT) > starts, READY_SECONDS):
            time.sleep(2)
            if beat.running() and time.monotonic() < alive_at:
                self._see(DAMAGED_BEAT, "beat runs again")

    def _starts(self, name: str) -> int:
        return self._services.printed().count(f"{name} started (pid=")

    def _block_rejects(self) -> None:
        """A file where the folder belongs; every file of the traffic has rejected lines."""
        folder = self._services.data_dir / "rejects"
        aside = folder.with_name("rejects.aside")
        if folder.exists():
            folder.rename(aside)
        folder.write_text("a file where the folder belongs\n")
        self._services.note(f"{NO_REJECTS}: a file where it belongs")
        self._expect_rejects_problem(NO_REJECTS)
        folder.unlink()
        if aside.exists():
            aside.rename(folder)

    def _fill_rejects(self) -> None:
        """A full disk, for the loaders only: no file of theirs may grow."""
        self._services.note(f"{FULL_REJECTS}: loaders can write no file")
        self._traffic.limit_loaders(can_write=False)
        self._expect_rejects_problem(FULL_REJECTS)
        self._traffic.limit_loaders(can_write=True)

    def _expect_rejects_problem(self, kind: str) -> None:
        before = self._traffic.unwritten_rejects
        with self._traffic.hurrying():
            if self._until(lambda: self._traffic.unwritten_rejects > before, REJECTS_SECONDS):
                self._see(kind, "a load said so, and went on")


def missing_traces(disasters: Counter[str], seen: Counter[str], seconds: float) -> list[str]:
    """Return a problem for each kind that left no trace, or that a long run did not inject.

    Args:
        disasters: how often each kind was injected.
        seen: how often each kind left its trace.
        seconds: how long faults were injected.
    """
    kinds = KINDS if disasters and seconds >= LONG_RUN_SECONDS else disasters
    return [f"{kind}: never seen to have happened" for kind in kinds if not seen[kind]]
