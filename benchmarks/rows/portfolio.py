"""Seconds until the portfolio's page is there: 500 hotels with ten years of figures each."""

import time
from collections.abc import Iterator

import requests

from benchmarks.measurement import Result, RunSize
from benchmarks.stack import stack

VIEWS = 9


def portfolio(size: RunSize) -> Iterator[Result]:
    hotels, years = (500, 10) if size.rounds > 3 else (500, 1)
    with stack("sqlite") as system:
        system.run("-m", "benchmarks.fill_portfolio", str(hotels), str(years))
        address = f"http://127.0.0.1:{system.web()}/hotels/"
        first = _seconds(address)
        again = [_seconds(address) for _ in range(VIEWS)]
    yield Result("the portfolio of 500 hotels", "-", "≤ 0.3 s", again, unit="s")
    yield Result("the same, every hotel's line worked out anew", "-", "≤ 10 s", [first], unit="s")


def _seconds(address: str) -> float:
    began = time.perf_counter()
    requests.get(address, timeout=120).raise_for_status()
    return time.perf_counter() - began
