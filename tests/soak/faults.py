"""Injects faults into random services, loaders, files and the database."""

import random
import time
from contextlib import suppress

import psutil

from tests.soak.disasters import Disasters
from tests.soak.make_run import BEAT, MAKE_RUN, VALKEY, MakeRunServices
from tests.soak.services import Service
from tests.soak.traffic import Traffic

FULL_DISK_BYTES = 2_000_000  # file size limit: more than a log needs, less than a database
FULL_DISK_SECONDS = 3
DISASTER_EVERY = 5  # faults; a disaster takes up to half a minute


class Faults:
    """Each call of `inject` is one fault.

    Args:
        longest_stop_seconds: the longest time that a process is suspended.
    """

    def __init__(
        self, services: MakeRunServices, traffic: Traffic, rng: random.Random,
        longest_stop_seconds: float,
    ) -> None:  # fmt: skip
        self._services, self._traffic, self._rng = services, traffic, rng
        self._longest_stop_seconds = longest_stop_seconds
        self._disasters = Disasters(services, traffic, rng)
        self._injected = 0

    def inject(self) -> None:
        """Inject a random fault; every DISASTER_EVERY faults the next kind of disaster."""
        self._injected += 1
        if self._injected % DISASTER_EVERY == 0:
            self._disasters.inject_next()
            return
        kind = self._rng.choices(["kill", "stop", "end", "database"], [60, 23, 11, 6])[0]
        services = self._services
        names = [name for name, s in services.all.items() if s.running() and not s.stopped]
        name = self._rng.choice([*names, "loader"])
        if name == "loader":
            self._fault_loader(kind)
        elif kind == "kill":
            self._kill(services.all[name])
        elif kind == "stop":
            self._stop(services.all[name], self._rng.uniform(0.5, self._longest_stop_seconds))
        elif kind == "end":
            services.note(f"{name}: SIGTERM")
            for member in services.all[name].members()[:1]:
                with suppress(psutil.NoSuchProcess):
                    member.terminate()
        elif services.postgres is None:
            self._fill_disk()
        else:
            self._fault_postgres()

    def _fault_postgres(self) -> None:
        assert self._services.postgres
        if self._rng.random() < 0.5:
            self._services.note("PostgreSQL: all connections terminated")
            self._services.postgres.cut_connections()
        else:
            self._services.note("PostgreSQL: crashes and restarts")
            self._services.postgres.crash_and_restart()

    def _kill(self, service: Service) -> None:
        members = service.members()
        scope = self._rng.choice(["main process", "whole group", "one child"])
        self._services.note(f"{service.name}: SIGKILL to its {scope}")
        self._services.kills += 1
        if scope == "whole group":
            service.kill_group()
        else:
            victims = members[1:] if scope == "one child" and members[1:] else members[:1]
            if victims:
                with suppress(psutil.NoSuchProcess):
                    self._rng.choice(victims).kill()

    def _stop(self, service: Service, seconds: float) -> None:
        members = service.members()
        scope = self._rng.choice(["main process", "whole group", "one child"])
        if scope == "main process":
            members = members[:1]
        elif scope == "one child" and members[1:]:
            members = [self._rng.choice(members[1:])]
        self._services.note(f"{service.name}: SIGSTOP to its {scope} for {seconds:.1f} s")
        service.suspend(members, seconds)

    def _fault_loader(self, kind: str) -> None:
        loaders = self._traffic.loaders()
        if not loaders:
            return
        with suppress(psutil.NoSuchProcess):
            victim = self._rng.choice(loaders)
            if kind == "stop":
                self._services.note("loader: SIGSTOP for 1.0 s")
                victim.suspend()
                time.sleep(1)
                victim.resume()
            else:
                self._services.note("loader: SIGKILL")
                self._services.kills += 1
                victim.kill()

    def _fill_disk(self) -> None:
        """Simulate a full disk by limiting the file size of web and workers."""
        services = self._services
        services.note(f"web and workers: disk full for {FULL_DISK_SECONDS} s")
        spared = (MAKE_RUN, VALKEY, BEAT)
        writers = [service for name, service in services.all.items() if name not in spared]
        for service in writers:
            services.limit_files(service, FULL_DISK_BYTES)
        time.sleep(FULL_DISK_SECONDS)
        for service in writers:
            services.limit_files(service, psutil.RLIM_INFINITY)
