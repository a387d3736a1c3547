"""Large requests that are wrong in many places: method, path and body of each, by name."""

from typing import Any

import orjson


def many_fields(count: int) -> bytes:
    return orjson.dumps({f"f{number}": 0 for number in range(count)})


def rules_with(rows: int) -> bytes:
    row = {"first": "x", "last": "x", "name": "x"}
    return orjson.dumps({"base_price": "100.00", "events": [row] * rows})


def decision(**changed: Any) -> bytes:
    fields = {"hotel_id": 1, "nights": ["2026-01-01"], "action": "lock", **changed}
    return orjson.dumps(fields)


DEEP = b"[" * 960 + b"]" * 960
LONG = "x" * 8_000_000
REQUESTS = {
    "unknown fields": ("PATCH", "/dashboard/hotels/1/", many_fields(700_000)),
    "unknown fields, long list of known": ("PATCH", "/prices/hotels/1/", many_fields(100_000)),
    "unknown fields of an event": ("POST", "/events/", many_fields(100_000)),
    "a long name": ("PATCH", "/dashboard/hotels/1/", orjson.dumps({LONG: 0})),
    "a long value": ("PATCH", "/dashboard/hotels/1/", orjson.dumps({"time_zone": LONG})),
    "a long choice": ("POST", "/prices/decisions/", decision(action="\1" * 1_300_000)),
    "rows of a list": ("PATCH", "/prices/hotels/1/", rules_with(100_000)),
    "rows of a list, not too many": ("PATCH", "/prices/hotels/1/", rules_with(1_000)),
    "preview": ("POST", "/prices/hotels/1/preview/", rules_with(100_000)),
    "nights of a decision": ("POST", "/prices/decisions/", decision(nights=["x"] * 900_000)),
    "nights, not too many": ("POST", "/prices/decisions/", decision(nights=["x"] * 731)),
    "empty events": ("POST", "/events/", orjson.dumps([{}] * 10_000)),
    "events that are none": ("POST", "/events/", orjson.dumps([0] * 10_000)),
    "too many events": ("POST", "/events/", orjson.dumps([{}] * 900_000)),
    "lists for values": ("POST", "/events/", orjson.dumps([{"hotel_id": [0] * 90}] * 10_000)),
    "a list for one value": ("POST", "/events/", orjson.dumps({"hotel_id": [0] * 900_000})),
    "an object for a value": (
        "POST", "/events/", b'{"hotel_id":' + many_fields(300_000) + b"}",
    ),
    "a list for a number": (
        "PATCH", "/dashboard/hotels/1/", orjson.dumps({"rooms": [0] * 900_000}),
    ),
    "more values than any request has": ("POST", "/events/", b"[" + b"[]," * 2_000_000 + b"[]]"),
    "nested event": ("POST", "/events/", b'{"hotel_id":' + DEEP + b"}"),
    "nested rooms": ("PATCH", "/dashboard/hotels/1/", b'{"rooms":' + DEEP + b"}"),
    "nested action": ("POST", "/prices/decisions/", b'{"action":' + DEEP + b"}"),
    "nested nights": ("POST", "/prices/decisions/", b'{"nights":' + DEEP + b"}"),
    "nested factors": ("PATCH", "/prices/hotels/1/", b'{"month_factors":' + DEEP + b"}"),
    "nested price": ("PATCH", "/prices/hotels/1/", b'{"base_price":' + DEEP + b"}"),
    "unknown parameters": ("GET", "/dashboard/?" + "&".join(f"p{n}=" for n in range(990)), b""),
    "too many parameters": ("GET", "/dashboard/?" + "&".join(f"p{n}=" for n in range(1100)), b""),
    "unknown parameters of the page": ("GET", "/?" + "&".join(f"p{n}=" for n in range(990)), b""),
    "a long path": ("GET", "/nothing/" + "%01" * 2_000, b""),
    "a long method": ("X" * 8_000, "/dashboard/", b""),
}  # fmt: skip
