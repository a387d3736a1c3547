"""A run as a Markdown page: its conditions, the verdict, the lag, and each service's memory."""

import os
import platform
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from tests.soak.watch import (
    FLAT_FROM_SECONDS,
    FLAT_MB_PER_HOUR,
    FLAT_SHARE_PER_HOUR,
    SAMPLE_SECONDS,
    Memory,
    Sample,
)

if TYPE_CHECKING:
    from tests.soak.run import Result


def write(path: Path, result: "Result") -> None:
    """Write the page."""
    path.write_text("\n".join(_lines(result)) + "\n")


def _lines(result: "Result") -> list[str]:
    verdict = "; ".join(result.wrong) or (
        "every promised event is in the ledger once and nothing else is; every figure equals a "
        "recount; every service still worked, and ended when told to"
    )
    rate = f"{result.rate:g} events a second" if result.rate else "as many events as go"
    return [
        f"# Soak of {result.seconds / 60:g} minutes on {result.database}",
        "",
        "| | |",
        "|---|---|",
        f"| when | {datetime.now(UTC):%Y-%m-%d %H:%M} UTC |",
        f"| machine | {os.cpu_count()} cores, {_memory_of_machine():.0f} GB, "
        f"Python {platform.python_version()} |",
        f"| event workers | {result.workers} of 2 processes |",
        f"| traffic | {rate}, seed {result.seed} |",
        f"| faults | {len(result.faults)}, {result.kills} of them kills; then "
        f"{result.calm_seconds / 60:g} minutes without any |",
        f"| events promised | {result.events:,} ({result.files} files; {result.retries} retries) |",
        f"| **verdict** | **{'FAILED' if result.wrong else 'passed'}**: {verdict} |",
        *_lag(result.samples, result.rest_seconds),
        "",
        *_memories(result),
    ]


def _memory_of_machine() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _lag(samples: list[Sample], rest_seconds: float) -> list[str]:
    behind = [s.events_behind for s in samples if s.events_behind is not None]
    seconds = [s.seconds_behind for s in samples if s.seconds_behind is not None]
    queued = [s.queued for s in samples if s.queued is not None]
    if not (behind and queued):
        return []
    middle = sorted(seconds)[len(seconds) // 2]
    return [
        f"| lag while it ran | {max(behind):,} events, {max(seconds):.1f} s at most, "
        f"{middle:.1f} s in the middle; queue {max(queued):,} events at most "
        f"({len(behind)} of {len(samples)} looks were answered, {SAMPLE_SECONDS} s apart) |",
        f"| lag at the end | 0, seen {rest_seconds:.1f} s after the last event |"
        if rest_seconds < inf
        else "| lag at the end | NOT zero |",
    ]


def _memories(result: "Result") -> list[str]:
    if not result.memories:
        return ["Too short for a table of memory."]
    rows = [_row(memory, with_slope=result.calm_seconds > 0) for memory in result.memories]
    judged = (
        "Not judged: processes that faults restart begin anew; see a run without faults."
        if not result.calm_seconds
        else f"Flat is a slope of at most {FLAT_MB_PER_HOUR:g} MB or {FLAT_SHARE_PER_HOUR:.0%} an "
        f"hour, whichever is more; judged from {FLAT_FROM_SECONDS // 60} minutes on, and not for "
        "PostgreSQL, which fills its shared buffers, nor for the test, which keeps the promised."
    )
    return [
        "Memory of each service's processes together (PSS, MB)"
        f"{', in the time without faults' if result.calm_seconds and result.faults else ''}:",
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
    return f"| {memory.name} | {' | '.join(cells)} | `{memory.spark}` |"
