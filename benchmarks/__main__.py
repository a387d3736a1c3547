"""`python -m benchmarks`: measure, print a table, save it as JSON; `--check` compares with it.

Most figures are medians of several rounds, as a ratio to a limit that is measured in the same run.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import django
import psutil
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
WORSE_BY_A_THIRD = 1.5


def describe_machine() -> dict[str, Any]:
    """Return processor, memory and the versions of Python and of the main packages."""
    names = ("django", "celery", "gunicorn", "orjson", "psycopg", "redis", "djangorestframework")
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.processor(),
    )  # fmt: skip
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_GB": round(psutil.virtual_memory().total / 1e9),
        "python": platform.python_version(),
        **{name: version(name) for name in names},
    }


def measure(size_name: str, only: list[str]) -> Iterator[Any]:
    """Yield the results of the rows, each when it is measured."""
    from benchmarks.measurement import SIZES, Result
    from benchmarks.rows.all_rows import ROWS

    for name, row in ROWS.items():
        if only and name not in only:
            continue
        print(f"{name} …", file=sys.stderr, flush=True)
        results = row(SIZES[size_name])
        yield from [results] if isinstance(results, Result) else results


def serialize_result(result: Any) -> dict[str, Any]:
    """Return a result as the JSON report stores it."""
    return {
        "name": result.name, "limit": result.limit, "reach": result.reach, "unit": result.unit,
        "median": round(result.median, 4), "lowest": round(min(result.values), 4),
        "highest": round(max(result.values), 4), "reached": result.is_reached,
        "detail": result.detail,
    }  # fmt: skip


def print_table(rows: list[dict[str, Any]]) -> None:
    table = Table("what", "limit", "reach", "median", "from … to", "")
    for row in rows:
        table.add_row(
            row["name"], row["limit"], row["reach"], f"{row['median']:.2f}",
            f"{row['lowest']:.2f} … {row['highest']:.2f}",
            "reached" if row["reached"] else "NOT REACHED",
        )  # fmt: skip
    Console(width=160).print(table)


def find_regressions(rows: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[str]:
    """Return a line for each figure that is worse than in a previous report by a third or more."""
    previous_rows = {(row["name"], row["limit"]): row for row in before}
    regressions = []
    for row in rows:
        previous = previous_rows.get((row["name"], row["limit"]))
        if previous is None:
            continue
        now, then = row["median"], previous["median"]
        factor = then / now if row["reach"].startswith("≥") else now / then
        if factor >= WORSE_BY_A_THIRD:
            regressions.append(f"{row['name']}: {now:.2f}, was {then:.2f}")
    return regressions


def merge_rows(before: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a report with some of them replaced, and new ones at the end."""
    new_rows = {(row["name"], row["limit"]): row for row in rows}
    merged = [new_rows.pop((row["name"], row["limit"]), row) for row in before]
    return [*merged, *new_rows.values()]


def labelled_rows(rows: list[dict[str, Any]], machine: dict[str, Any]) -> list[dict[str, Any]]:
    """Return rows with the machine of their report, where they do not name another one already."""
    label = f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}"
    return [{"measured_on": label, **row} for row in rows]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", choices=["small", "full"], default="small")
    parser.add_argument(
        "--only", action="append", default=[], help="measure one row; may be repeated"
    )
    parser.add_argument(
        "--check", action="store_true", help="fail when worse than the saved report"
    )
    parser.add_argument("--report", type=Path, help="the JSON file (default: by the size)")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")
    django.setup()
    file = options.report or HERE / f"report-{options.size}.json"
    from benchmarks.rows.all_rows import ROWS

    if unknown := set(options.only) - set(ROWS):
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    rows = []
    for result in measure(options.size, options.only):
        rows.append(serialize_result(result))
        print(f"  {result.name}: {result.median:.2f} ({result.reach})", file=sys.stderr, flush=True)
    print_table(rows)
    if options.check:
        regressions = find_regressions(rows, json.loads(file.read_text())["rows"])
        print("\n".join(regressions) or "nothing is worse by a third than in the saved report")
        return 1 if regressions else 0
    machine = describe_machine()
    rows = labelled_rows(rows, machine)
    if options.only and file.exists():  # the other rows stay
        before = json.loads(file.read_text())
        rows = merge_rows(labelled_rows(before["rows"], before["machine"]), rows)
    file.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")
    print(f"saved in {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
