"""All rows by the name that `--only` takes, in the order of the report."""

from collections.abc import Callable, Iterator

from benchmarks.measurement import Result, RunSize
from benchmarks.rows.chain import chain
from benchmarks.rows.cold_start import cold_start
from benchmarks.rows.csv_loading import load_csv, memory
from benchmarks.rows.dashboard_update import update_dashboard
from benchmarks.rows.first_import import first_import
from benchmarks.rows.freshness import freshness
from benchmarks.rows.http_posts import posts
from benchmarks.rows.http_reads import reads
from benchmarks.rows.ledger_growth import growth
from benchmarks.rows.portfolio import portfolio
from benchmarks.rows.pricing import prices

ROWS: dict[str, Callable[[RunSize], Result | Iterator[Result]]] = {
    "ingest-sqlite": load_csv("sqlite"),
    "ingest-postgres": load_csv("postgres"),
    "ingest-sqlite-money": load_csv("sqlite", with_money=True),
    "ingest-postgres-money": load_csv("postgres", with_money=True),
    "feed": update_dashboard(),
    "feed-money": update_dashboard(with_money=True),
    "reads": reads,
    "posts-postgres": posts("postgres"),
    "posts-sqlite": posts("sqlite"),
    "growth": growth,
    "chain": chain,
    "memory": memory,
    "freshness": freshness,
    "first-import-sqlite": first_import("sqlite"),
    "first-import-postgres": first_import("postgres"),
    "prices": prices,
    "portfolio": portfolio,
    "cold-start": cold_start,
}
