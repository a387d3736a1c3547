"""Supervisor of child processes on one machine: starts, restarts and stops them.

- A service that ends without being asked to is started again, after a pause that doubles with each
  end in a row that came soon after its start. A crash loop is reported, and never affects others.
- Stopping is gentle: each main process alone gets SIGTERM, since a Celery worker finishes its tasks
  only if its pool processes are not told as well. What remains of its process group after
  `stop_seconds` is killed.
- A service with `is_ready` is needed by the later ones: they start after it and stop before it.
- If the supervisor itself is killed, the kernel ends its children (Linux; see end_with_parent),
  and the next start those that hang (see leftover_services).
"""

import asyncio
import operator
import os
import signal
import socket
import time
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from roompricegenie.local_stack.end_with_parent import end_with_parent
from roompricegenie.local_stack.prefixed_output import SYSTEM, PrefixedOutput

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# A handler must be a C function, whatever it returns: one in Python is interrupted by the next
# signal and called again in the middle of itself, in a storm of signals until its stack ends.
_DO_NOTHING = operator.is_
CANNOT_START = 127  # a shell's exit code for a command that cannot be run
CRASH_LOOP_ENDS = 3
MAX_LINE_BYTES = 1 << 20
LAST_LINES_SECONDS = 1  # a service's last lines are read for this long after its end


@dataclass(frozen=True)
class Service:
    """A command to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] | None = None  # None: the supervisor's own
    is_ready: Callable[[], bool] | None = None  # quick; must not raise
    log: str = ""  # where it logs to, when not to its output


@dataclass(frozen=True)
class Timing:
    """Durations in seconds; tests use shorter ones."""

    stop_seconds: float = 10
    ready_seconds: float = 15
    short_life_seconds: float = 10  # to end sooner after a start counts towards a crash loop
    first_pause_seconds: float = 1
    longest_pause_seconds: float = 30


class ServiceNotReady(Exception):
    """A service that the others need ended or was not ready in time."""

    def __init__(self, service: Service) -> None:
        super().__init__(service.name)
        self.service = service


@dataclass
class _Supervised:
    """A service while it is supervised."""

    service: Service
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    short_lives: int = 0  # in a row
    task: "asyncio.Task[None]" = field(init=False)


class Supervisor:
    """Runs services until `stop` is called."""

    def __init__(
        self,
        services: Sequence[Service],
        output: PrefixedOutput,
        timing: Timing | None = None,
        inherited: Sequence[int] = (),
    ) -> None:
        """Args: inherited: file descriptors that every service gets, under the same numbers."""
        self._inherited = inherited
        self._services = services
        self._output = output
        self._timing = timing or Timing()
        self._stopping = asyncio.Event()
        self._own_pid = os.getpid()

    def stop(self) -> None:
        """Begin to stop everything; calls after the first change nothing."""
        self._stopping.set()

    @contextmanager
    def stopped_by_signals(self) -> Iterator[None]:
        """Stop on the first of STOP_SIGNALS; those that follow are ignored, also afterwards.

        Not `loop.add_signal_handler`, which puts Python's default handlers back at the loop's end.
        """
        loop = asyncio.get_running_loop()
        reading, writing = socket.socketpair()

        def stop() -> None:
            reading.recv(4096)
            self.stop()

        with reading, writing:
            reading.setblocking(False)
            writing.setblocking(False)
            # Each signal is a byte for the loop, also one that comes just before the loop waits.
            loop.add_reader(reading, stop)
            signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
            ignore_stop_signals()  # their bytes are all that counts
            try:
                yield
            finally:
                signal.set_wakeup_fd(-1)
                loop.remove_reader(reading)

    async def run(self) -> None:
        """Start the services in their order, and return when `stop` has stopped them all.

        Must run in the main thread, whose end the children's kernel signal depends on.
        Raises: ServiceNotReady, with everything stopped.
        """
        started: list[_Supervised] = []
        try:
            for service in self._services:
                if self._stopping.is_set():
                    break
                supervised = _Supervised(service)
                supervised.task = asyncio.create_task(self._keep_running(supervised))
                # It ends when told to, or by a bug, which `_stop_in_order` then raises.
                supervised.task.add_done_callback(lambda _: self.stop())
                started.append(supervised)
                await self._wait_until_ready(supervised)
            await self._stopping.wait()
        finally:
            self._stopping.set()
            await self._stop_in_order(started)

    async def _stop_in_order(self, started: list[_Supervised]) -> None:
        dependent = [each for each in started if each.service.is_ready is None]
        needed = [each for each in started if each.service.is_ready is not None]
        for together in (dependent, *([each] for each in reversed(needed))):
            for each in together:
                each.stop.set()
            await asyncio.gather(*(each.task for each in together))

    async def _wait_until_ready(self, supervised: _Supervised) -> None:
        is_ready = supervised.service.is_ready
        give_up = time.monotonic() + self._timing.ready_seconds
        while is_ready and not self._stopping.is_set() and not is_ready():
            if supervised.short_lives or time.monotonic() > give_up:
                raise ServiceNotReady(supervised.service)
            await asyncio.sleep(0.02)

    async def _keep_running(self, supervised: _Supervised) -> None:
        while True:
            began = time.monotonic()
            code = await self._run_once(supervised)
            if supervised.stop.is_set():
                return
            if time.monotonic() - began < self._timing.short_life_seconds:
                supervised.short_lives += 1
            else:
                supervised.short_lives = 1
            pause = self._pause_seconds(supervised.short_lives)
            self._report_end(supervised, code, pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(supervised.stop.wait(), pause)
                return

    def _pause_seconds(self, short_lives: int) -> float:
        doublings = min(short_lives - 1, 10)
        pause = self._timing.first_pause_seconds * (1 << doublings)
        return min(pause, self._timing.longest_pause_seconds)

    def _report_end(self, supervised: _Supervised, code: int, pause: float) -> None:
        service, times = supervised.service, supervised.short_lives
        if times < CRASH_LOOP_ENDS:
            line = f"{service.name} ended ({_format_code(code)}), it starts again"
        else:
            log = service.log or "its lines above"
            line = (
                f"crash loop: {service.name} ended {times} times soon after its start, last with "
                f"{_format_code(code)}; {log} should say why; next try in {pause:g} s, "
                "everything else keeps running"
            )
        self._output.write(SYSTEM, line)

    async def _run_once(self, supervised: _Supervised) -> int:
        """Run the service until it ends or is told to stop. Return its exit code."""
        service = supervised.service
        read_end, write_end = os.pipe()
        with os.fdopen(read_end, "rb") as output, os.fdopen(write_end, "wb") as inherited:
            try:
                process = await self._start_process(service, write_end)
            except OSError as error:
                self._output.write(SYSTEM, f"{service.name} cannot be started: {error}")
                return CANNOT_START
            inherited.close()  # so that the output ends when the last process that has it does
            self._output.write(SYSTEM, f"{service.name} started (pid={process.pid})")
            forwarding = asyncio.create_task(self._forward_output(service.name, output))
            await self._wait_or_stop(process, supervised.stop)
            with suppress(ProcessLookupError, PermissionError):  # macOS: only zombies are left
                os.killpg(process.pid, signal.SIGKILL)
            code = await process.wait()
            await asyncio.wait({forwarding}, timeout=LAST_LINES_SECONDS)
            forwarding.cancel()
            await asyncio.wait({forwarding})
        if supervised.stop.is_set():
            self._output.write(SYSTEM, f"{service.name} stopped ({_format_code(code)})")
        return code

    async def _start_process(self, service: Service, output: int) -> Process:
        # Not asyncio's own pipe: with that, `Process.wait` also waits for the end of the output,
        # which the children of a process that died may hold open.
        return await asyncio.create_subprocess_exec(
            *service.command,
            env=service.environment,
            stdin=DEVNULL,
            stdout=output,
            stderr=STDOUT,
            pass_fds=self._inherited,
            start_new_session=True,  # the terminal's Ctrl-C reaches the supervisor only
            preexec_fn=partial(end_with_parent, self._own_pid),
        )

    async def _wait_or_stop(self, process: Process, stop: asyncio.Event) -> None:
        """Return when the process has ended, or did not within `stop_seconds` after its SIGTERM."""
        ended = asyncio.create_task(process.wait())
        told = asyncio.create_task(stop.wait())
        await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            with suppress(ProcessLookupError):
                process.terminate()
            await asyncio.wait({ended}, timeout=self._timing.stop_seconds)
        for task in (ended, told):
            task.cancel()

    async def _forward_output(self, name: str, output: BinaryIO) -> None:
        reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), output
        )
        try:
            while True:
                try:
                    line = await reader.readline()
                except ValueError:
                    self._output.write(name, f"(a line over {MAX_LINE_BYTES:,} bytes is left out)")
                    continue
                if not line:
                    return
                self._output.write(name, line.decode(errors="replace"))
        finally:
            transport.close()


def ignore_stop_signals() -> None:
    """Ignore STOP_SIGNALS from here on.

    With a handler that does nothing: Python prints a warning when a signal that it has received
    but not yet handled is set to SIG_IGN.
    """
    for number in STOP_SIGNALS:
        signal.signal(number, _DO_NOTHING)


def _format_code(code: int) -> str:
    """Return `exit code 1` or `SIGKILL`; asyncio reports a signal as its negative number."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
