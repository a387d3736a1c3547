"""Rates of `POST /events/`, compared with a bare insert and with plain REST framework."""

import itertools
from collections.abc import Callable, Iterator

import orjson

from benchmarks.generated_events import json_event
from benchmarks.http_client import post
from benchmarks.measurement import CLIENTS, PLAIN, Result, RunSize, compare_rates, request_rate
from benchmarks.stack import stack


def posts(database: str) -> Callable[[RunSize], Iterator[Result]]:
    def measure(size: RunSize) -> Iterator[Result]:
        with stack(database) as system:
            system.valkey()
            web, bare = system.web(), system.bare()
            numbers = itertools.count()

            def one(path: str) -> Callable[[], bytes]:
                return lambda: post(path, orjson.dumps(json_event(next(numbers))))

            def many(path: str) -> Callable[[], bytes]:
                return lambda: post(
                    path, orjson.dumps([json_event(next(numbers)) for _ in range(1000)])
                )

            def rate(port: int, make_request: Callable[[], bytes]) -> Callable[[], float]:
                return lambda: request_rate(port, make_request, size.seconds, {201})

            values, detail = compare_rates(
                size, rate(web, one("/events/")), rate(bare, one("/insert"))
            )
            yield Result(f"POST /events/, one event, {CLIENTS} clients, {database}",
                         "bare view, one INSERT", "≥ 0.5", values, detail=detail)  # fmt: skip
            values, detail = compare_rates(
                size, rate(web, many("/events/")), rate(bare, many("/insert"))
            )
            yield Result(f"POST /events/, 1,000 events, {database}", "raw multi-row INSERT",
                         "≥ 0.5", values, detail=detail)  # fmt: skip
            one_by_one = rate(system.plain(), one("/plain/"))
            values, detail = compare_rates(size, rate(web, one("/events/")), one_by_one)
            yield Result(f"POST /events/, one event, {CLIENTS} clients, {database}", PLAIN, "≥ 1",
                         values, unit="times", detail=detail)  # fmt: skip
            values, detail = compare_rates(
                size, lambda: 1000 * rate(web, many("/events/"))(), one_by_one
            )
            yield Result(f"POST /events/, 1,000 at once, events/s, {database}",
                         f"{PLAIN}, one by one", "≥ 1", values, unit="times",
                         detail=detail)  # fmt: skip

    return measure
