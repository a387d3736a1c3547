"""`python -m benchmarks.open_pages`: the price of open dashboard pages, and how fresh they are.

A client process holds a keep-alive connection for each page, each of another hotel and another user
with a login, and does what `static/common/live_page.js` does. The server is the whole one: gunicorn
with two processes, PostgreSQL or SQLite, Valkey, and the worker that counts events. Processor times
are those of the processes, so that other load on the machine does not matter; the client's is named
apart, because it is no part of the system.
"""

import argparse
import asyncio
import json
import statistics
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.generated_events import json_event
from benchmarks.http_client import Connection
from benchmarks.measurement import WORKER_STARTS_SECONDS
from benchmarks.open_page_client import Pages
from benchmarks.stack import Stack, stack

STARTING_SECONDS = 25  # for all pages to be open, at a pace that the server can take
FRESHNESS_SECONDS = 20  # for the last changes to be seen
POSTS = 40


def processes_of(system: Stack) -> dict[str, list[psutil.Process]]:
    """Return the stack's processes by what they are."""
    groups: dict[str, list[psutil.Process]] = {
        "web": [],
        "worker": [],
        "postgres": [],
        "valkey": [],
    }
    for process in psutil.Process().children(recursive=True):
        line = " ".join(process.cmdline())
        name = (
            "web" if "gunicorn" in line else
            "worker" if "celery" in line else
            "valkey" if "valkey" in line else "postgres"
        )  # fmt: skip
        groups[name].append(process)
    if system.database == "postgres":  # its server is no child of ours
        groups["postgres"] = [
            one for one in psutil.process_iter(["name"]) if one.info["name"].startswith("postgres")
        ]
    return groups


def seconds_of(groups: dict[str, list[psutil.Process]]) -> dict[str, float]:
    """Return the processor time of groups of processes, and of this process as `client`."""
    spent = {}
    for name, processes in {**groups, "client": [psutil.Process()]}.items():
        spent[name] = 0.0
        for process in processes:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            spent[name] += times.user + times.system
    return spent


async def measure(
    port: int, filled: dict[str, Any], options: argparse.Namespace, system: Stack
) -> dict[str, Any]:
    """Open the pages, and measure them while a change comes from time to time."""
    pages = Pages(port, filled["cookies"][: options.pages], asks=options.way == "question")
    await pages.open(STARTING_SECONDS)
    await asyncio.sleep(10)  # each has asked, and is watched by each process
    groups = processes_of(system)
    pages.counts.clear()
    before, began = seconds_of(groups), time.monotonic()
    posts = await asyncio.to_thread(post_events, port, filled["key"], options)
    await asyncio.sleep(max(0.0, began + options.seconds - time.monotonic()))
    seconds, after = time.monotonic() - began, seconds_of(groups)
    counts = dict(pages.counts)
    await asyncio.sleep(5)
    delays = [
        pages.shown_at[hotel] - posted for hotel, posted in posts.items() if hotel in pages.shown_at
    ]
    pages.close()
    spent = {name: round(after[name] - before[name], 2) for name in after}
    system_seconds = sum(value for name, value in spent.items() if name != "client")
    return {
        "way": options.way, "database": options.database, "pages": options.pages,
        "seconds": round(seconds, 1), "processor_seconds": spent,
        "cores": round(system_seconds / seconds, 2),
        "ms_per_page_and_second": round(1000 * system_seconds / seconds / options.pages, 3),
        "pages_per_core": round(options.pages / (system_seconds / seconds)),
        "answers_per_second": {
            name: round(count / seconds, 1) for name, count in sorted(counts.items())
        },
        "changes": len(posts), "changes_seen": len(delays),
        "freshness_median_s": round(statistics.median(delays), 2) if delays else None,
        "freshness_highest_s": round(max(delays), 2) if delays else None,
    }  # fmt: skip


def post_events(port: int, key: str, options: argparse.Namespace) -> dict[int, float]:
    """Post events of different hotels, one after the other; return when, by hotel."""
    connection = Connection(port)
    posted = {}
    for n in range(POSTS):
        hotel = 1 + n * max(1, options.pages // POSTS)
        body = json.dumps({**json_event(n), "hotel_id": hotel}).encode()
        head = (
            f"POST /events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        posted[hotel] = time.monotonic()
        status, answer = connection.send(head.encode() + body)
        assert status == 201, answer
        # Spread over the measurement, so that each change is seen by itself.
        time.sleep(max(0.0, (options.seconds - FRESHNESS_SECONDS / 4) / POSTS))
    return posted


def main() -> None:
    """Run the benchmark and print its figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.open_pages", description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=40, help="of measuring")
    parser.add_argument("--way", choices=["question", "page"], default="question",
                        help="page: ask for the page each second, as before")  # fmt: skip
    parser.add_argument("--database", choices=["postgres", "sqlite"], default="postgres")
    options = parser.parse_args()
    with stack(options.database) as system:
        system.environment |= {
            "API_AUTH": "required", "WEB_CONCURRENCY": "2", "RATE_PER_KEY": "0",
            "RATE_PER_ADDRESS": "0", "CONNECTIONS_PER_ADDRESS": "0", "REQUESTS_PER_ADDRESS": "0",
        }  # fmt: skip
        system.valkey()
        file = Path(system.folder) / "open_pages.json"
        system.run("-m", "benchmarks.fill_open_pages", str(options.pages), str(file))
        filled = json.loads(file.read_text())
        system.environment["SERVICE_API_KEY"] = filled["key"]
        port = system.web()
        system.worker("-Q", "dashboard_queue", "-c", "1", "-n", "dashboard@%h")
        time.sleep(WORKER_STARTS_SECONDS)  # else its imports count as the price of pages
        print(json.dumps(asyncio.run(measure(port, filled, options, system)), indent=1))


if __name__ == "__main__":
    main()
