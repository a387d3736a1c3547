"""Write the report of a run in Markdown: conditions, verdict, lag, memory of each service."""

import os
import platform
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from tests.soak.memory_and_lag import (
    FLAT_FROM_SECONDS,
    FLAT_MB_PER_HOUR,
    FLAT_SHARE_PER_HOUR,
    SAMPLE_SECONDS,
    WARM_UP_SHARE,
    Memory,
    Sample,
)

if TYPE_CHECKING:
    from tests.soak.run import Result


def write(path: Path, result: "Result") -> None:
    """Write the report to a file."""
    path.write_text("\n".join(_lines(result)) + "\n")


def _lines(result: "Result") -> list[str]:
    verdict = "; ".join(result.problems) or (
        "every acknowledged event is in the ledger once, and no other event; every figure equals a "
        "recount; every service still worked, and ended after SIGTERM"
    )
    rate = f"{result.rate:g} events a second" if result.rate else "as many events as possible"
    return [
        f"# Soak of {result.seconds / 60:g} minutes on {result.database}",
        "",
        "| | |",
        "|---|---|",
        f"| when | {datetime.now(UTC):%Y-%m-%d %H:%M} UTC |",
        f"| machine | {os.cpu_count()} cores, {_machine_memory_gb():.0f} GB, "
        f"Python {platform.python_version()} |",
        f"| event workers | {result.workers} of 2 processes |",
        f"| shares of the feed | {result.shares} |",
        f"| traffic | {rate}, seed {result.seed} |",
        f"| faults | {len(result.faults)}, {result.kills} of them kills; then "
        f"{result.calm_seconds / 60:g} minutes without any |",
        f"| disasters |{result.disasters_text() or ' none'} |",
        f"| events acknowledged | {result.events:,} ({result.files} files; "
        f"{result.retries} retries) |",
        f"| **verdict** | **{'FAILED' if result.problems else 'passed'}**: {verdict} |",
        *_lag(result.samples, result.settle_seconds),
        "",
        *_memories(result),
    ]


def _machine_memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _lag(samples: list[Sample], settle_seconds: float) -> list[str]:
    behind = [s.events_behind for s in samples if s.events_behind is not None]
    seconds = [s.seconds_behind for s in samples if s.seconds_behind is not None]
    queued = [s.queued for s in samples if s.queued is not None]
    if not (behind and queued):
        return []
    median = sorted(seconds)[len(seconds) // 2]
    return [
        f"| lag during the run | {max(behind):,} events, {max(seconds):.1f} s at most, "
        f"{median:.1f} s the median; queue {max(queued):,} events at most "
        f"({len(behind)} of {len(samples)} samples were answered, {SAMPLE_SECONDS} s apart) |",
        f"| lag at the end | 0, {settle_seconds:.1f} s after the last event |"
        if settle_seconds < inf
        else "| lag at the end | NOT zero |",
    ]


def _memories(result: "Result") -> list[str]:
    if not result.memories:
        return ["Too short for a table of memory."]
    rows = [_row(memory, with_slope=result.calm_seconds > 0) for memory in result.memories]
    judged = (
        "Not judged, because faults restart processes; see a run without faults."
        if not result.calm_seconds
        else f"Flat is a slope after the warm-up (the first {WARM_UP_SHARE:.0%} of that time) of "
        f"at most {FLAT_MB_PER_HOUR:g} MB or {FLAT_SHARE_PER_HOUR:.0%} an hour, whichever is more; "
        f"judged in runs of at least {FLAT_FROM_SECONDS // 60} minutes, "
        "and not for PostgreSQL, which fills its shared buffers, nor for the test, which remembers "
        "events."
    )
    return [
        "Memory of all processes of each service (PSS, MB)"
        f"{', in the part without faults' if result.calm_seconds and result.faults else ''}:",
        "",
        "| service | after warm-up | middle | end | highest | MB an hour | from 0 to the highest |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
        judged,
    ]


def _row(memory: Memory, *, with_slope: bool) -> str:
    numbers = (memory.warm, memory.middle, memory.end, memory.highest)
    cells = [f"{number:.1f}" for number in numbers]
    cells.append(f"{memory.slope_per_hour:+.1f}" if with_slope else "-")
    return f"| {memory.name} | {' | '.join(cells)} | `{memory.sparkline}` |"
