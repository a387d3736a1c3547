"""What an emulated apaleo refuses and how it words its answers: parameters, pages, times, amounts."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connections.tests.emulator_server import Refused, Request
from connections.tests.hotel_life import ROOM_TYPES, Stay

PROPERTY = "MUC"
MAX_ROWS = 200
SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
PAGES = {"pageNumber", "pageSize"}


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def checked(request: Request, known: set[str], required: set[str] | None = None) -> dict[str, str]:
    """Return the parameters. Raises: Refused."""
    query = request.query
    if query.keys() - known - PAGES or (required or set()) - query.keys():
        raise Refused(400, "parameters")
    return query


def of_property(query: dict[str, str], name: str = "propertyId") -> dict[str, str]:
    if query.get(name) != PROPERTY:
        raise Refused(403, "another property")
    return query


def page_of(request: Request, name: str, rows: list[Any], row: Any = lambda one: one) -> Any:
    """Return a page; None, which is a 204, where it is empty. Raises: Refused."""
    size, number = int(request.query.get("pageSize", 20)), int(request.query.get("pageNumber", 1))
    if not 1 <= size <= MAX_ROWS or number < 1:
        raise Refused(422, "pageSize")
    page = rows[(number - 1) * size : number * size]
    return {name: [row(one) for one in page], "count": len(rows)} if page else None


def second(text: str) -> datetime:
    if not SECOND.fullmatch(text):
        raise Refused(422, "a time without fractions of a second")
    return datetime.fromisoformat(text)


def modified(stay: Stay) -> datetime:
    return max([stay.updated, *(item.updated for item in stay.items)])


def block_id(stay: str) -> str:
    return f"{stay[:8].upper()}-GRP"


def unit_group(number: str) -> Any:
    name = ROOM_TYPES[number]
    return {"id": number, "code": number, "name": name, "description": name, "type": "BedRoom"}


def plan_row(number: str, group: str) -> Any:
    return {
        "id": number, "code": number[4:], "name": "Flexible", "description": "Free cancellation",
        "property": {"id": PROPERTY}, "unitGroup": {"id": group}, "isDerived": False,
        "timeSliceDefinition": {"id": "MUC-NIGHT", "name": "Over Night", "template": "OverNight"},
    }  # fmt: skip


def money(amount: Any) -> Any:
    return {"amount": float(amount), "currency": "EUR"}


def amounts(amount: Decimal) -> Any:
    """What a slice costs: with the breakfast that is in the price, and without."""
    net = float(round(amount / Decimal("1.07"), 2))
    base = {"grossAmount": float(amount), "netAmount": net, "vatType": "Reduced", "vatPercent": 7.0}
    return {"baseAmount": base | {"currency": "EUR"}, "totalGrossAmount": money(amount + 15)}
