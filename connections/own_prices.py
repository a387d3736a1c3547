"""RoomPriceGenie's own REST of prices: read them, override them, report what became of them.

Promise: `override_nights` either has the override in force for a night, or a reason why not; asking
again is safe, because a decision that changes nothing is not saved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.conf import settings

from connections.own_services import OwnServiceFailure, json_of, reasons, send

MAX_DECISIONS: Final = "10000"  # of a page; the newest come first
MAX_REASON: Final = 300


@dataclass(frozen=True)
class OurPrice:
    """A night's price that is in force with us. `room_type` is None for the hotel's own."""

    night: date
    room_type: str | None
    price: Decimal
    currency: str


def fetch_prices(hotel_id: int, room_type: str | None = None) -> list[OurPrice] | None:
    """Return a hotel's prices of nights that are for sale; None of an unknown room type.

    Raises: OwnServiceFailure.
    """
    query = {"hotel_id": str(hotel_id)} | ({"room_type": room_type} if room_type else {})
    response = send("GET", _url(), query=query)
    if response.status_code == 400 and room_type:
        return None
    if response.status_code != 200:
        raise OwnServiceFailure(f"the prices answered {response.status_code}")
    try:
        return [
            OurPrice(
                date.fromisoformat(row["night"]),
                row["room_type"] or None,
                Decimal(row["price"]),
                row["currency"],
            )
            for row in json_of(response)
            if row["price"] is not None
        ]
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise OwnServiceFailure("the prices answered something other than prices") from error


def override_nights(
    hotel_id: int, nights: Sequence[date], price: Decimal, reason: str
) -> dict[date, str]:
    """Override the prices of nights; return the reasons of those that were refused.

    Raises: OwnServiceFailure; some of the nights may be overridden then.
    """
    body = {
        "hotel_id": hotel_id, "nights": [str(night) for night in nights], "action": "override",
        "price": f"{price.normalize():f}", "reason": reason,
    }  # fmt: skip
    response = send("POST", f"{_url()}decisions/", body)
    if response.status_code == 200:
        return {}
    if response.status_code != 400:
        raise OwnServiceFailure(f"the prices answered {response.status_code}")
    if len(nights) == 1:
        told = [text.partition(": ")[2] or text for text in reasons(json_of(response))]
        return {nights[0]: "; ".join(told)[:MAX_REASON]}
    half = len(nights) // 2  # a request decides about all of its nights or none
    return override_nights(hotel_id, nights[:half], price, reason) | override_nights(
        hotel_id, nights[half:], price, reason
    )


def overridden_nights(hotel_id: int, nights: Sequence[date], reason: str) -> set[date]:
    """Return the nights that were overridden for this very reason. Raises: OwnServiceFailure."""
    query = {
        "hotel_id": str(hotel_id), "from": str(min(nights)), "to": str(max(nights)),
        "page_size": MAX_DECISIONS,
    }  # fmt: skip
    response = send("GET", f"{_url()}decisions/", query=query)
    if response.status_code != 200:
        raise OwnServiceFailure(f"the prices answered {response.status_code}")
    return {
        date.fromisoformat(row["night"]) for row in json_of(response) if row["reason"] == reason
    } & set(nights)


def report_delivery(
    hotel_id: int, system: str, problem: str, rows: Sequence[dict[str, Any]]
) -> None:
    """Say what the booking system has confirmed, and what is wrong. Raises: OwnServiceFailure."""
    body = {"hotel_id": hotel_id, "system": system, "problem": problem or None, "prices": rows}
    _must_be_taken(send("PUT", f"{_url()}delivered/", body).status_code)


def forget_delivery(hotel_id: int) -> None:
    """Take back all that was said about deliveries. Raises: OwnServiceFailure."""
    query = {"hotel_id": str(hotel_id)}
    _must_be_taken(send("DELETE", f"{_url()}delivered/", query=query).status_code)


def _must_be_taken(status: int) -> None:
    if status != 200:
        raise OwnServiceFailure(f"the prices answered {status} to a report")


def _url() -> str:
    return f"{settings.DASHBOARD_API_BASE_URL}/prices/"
