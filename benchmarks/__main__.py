"""`python -m benchmarks`: measure, print a table, keep it as JSON; `--check` compares with it.

Every figure is the median of several rounds, most as a ratio to a limit measured beside it.
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


def machine() -> dict[str, Any]:
    """What it was measured on, and with."""
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
    """The results of the rows, one by one, as they are there."""
    from benchmarks.rows import ROWS, SIZES, Result

    for name, row in ROWS.items():
        if only and name not in only:
            continue
        print(f"{name} …", file=sys.stderr, flush=True)
        found = row(SIZES[size_name])
        yield from [found] if isinstance(found, Result) else found


def kept(result: Any) -> dict[str, Any]:
    """A result as the report keeps it."""
    return {
        "name": result.name, "limit": result.limit, "reach": result.reach, "unit": result.unit,
        "median": round(result.median, 4), "lowest": round(min(result.values), 4),
        "highest": round(max(result.values), 4), "reached": result.is_reached,
        "detail": result.detail,
    }  # fmt: skip


def show(rows: list[dict[str, Any]]) -> None:
    """The report as a table."""
    table = Table("what", "limit", "reach", "median", "from … to", "")
    for row in rows:
        table.add_row(
            row["name"], row["limit"], row["reach"], f"{row['median']:.2f}",
            f"{row['lowest']:.2f} … {row['highest']:.2f}",
            "reached" if row["reached"] else "NOT REACHED",
        )  # fmt: skip
    Console(width=160).print(table)


def worse(rows: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[str]:
    """Which ratios are worse than in a report by a third or more."""
    known = {(row["name"], row["limit"]): row for row in before}
    found = []
    for row in rows:
        old = known.get((row["name"], row["limit"]))
        if old is None:
            continue
        is_better_high = row["reach"].startswith("≥")
        factor = old["median"] / row["median"] if is_better_high else row["median"] / old["median"]
        if factor >= WORSE_BY_A_THIRD:
            found.append(f"{row['name']}: {row['median']:.2f}, was {old['median']:.2f}")
    return found


def merged(before: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A report in which some rows were measured anew."""
    anew = {(row["name"], row["limit"]): row for row in rows}
    kept = [anew.pop((row["name"], row["limit"]), row) for row in before]
    return [*kept, *anew.values()]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", choices=["small", "full"], default="small")
    parser.add_argument("--only", action="append", default=[], help="one row; may be repeated")
    parser.add_argument("--check", action="store_true", help="fail when worse than the kept report")
    parser.add_argument("--report", type=Path, help="where the JSON goes (default: by the size)")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")
    django.setup()
    file = options.report or HERE / f"report-{options.size}.json"
    from benchmarks.rows import ROWS

    if unknown := set(options.only) - set(ROWS):
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    rows = []
    for result in measure(options.size, options.only):
        rows.append(kept(result))
        print(f"  {result.name}: {result.median:.2f} ({result.reach})", file=sys.stderr, flush=True)
    show(rows)
    if options.check:
        found = worse(rows, json.loads(file.read_text())["rows"])
        print("\n".join(found) or "nothing is worse by a third than in the kept report")
        return 1 if found else 0
    if options.only and file.exists():  # the others stay as they were measured
        rows = merged(json.loads(file.read_text())["rows"], rows)
    file.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n")
    print(f"kept in {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
