"""RoomPriceGenie's own REST, as any booking system would use it: calls, and the ledger.

Promises: `state_reservations` returns only after the ledger answered 2xx for every reservation but
those that it refuses by themselves, which it names; whatever else goes wrong is OwnServiceFailure,
and stating all of them again is safe.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
import requests
from django.conf import settings

from common.service_key import authenticate_request

MAX_RESERVATIONS: Final = 1_000  # in one array of `POST /reservations/`
TIMEOUT_SECONDS: Final = (3, 60)
MAX_REASON: Final = 300
APPENDED: Final = ("bookings", "cancellations", "changes")
HEADERS: Final = {"Content-Type": "application/json"}


class OwnServiceFailure(Exception):
    """The ledger or the prices gave no usable answer; the text says which, and why."""


@dataclass
class Stated:
    """What became of stated reservations.

    Attributes:
        appended: events by the sender's number.
        refused: reasons by the sender's number.
    """

    appended: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def state_reservations(bodies: Sequence[dict[str, Any]]) -> Stated:
    """State reservations to the ledger. Raises: OwnServiceFailure."""
    stated = Stated()
    for start in range(0, len(bodies), MAX_RESERVATIONS):
        _state(list(bodies[start : start + MAX_RESERVATIONS]), stated)
    return stated


def _state(bodies: list[dict[str, Any]], stated: Stated) -> None:
    while bodies:
        response = send("POST", f"{settings.EVENTS_API_BASE_URL}/reservations/", bodies)
        if response.status_code in (200, 201):
            stated.appended |= _appended(bodies, json_of(response))
            return
        if response.status_code not in (400, 413):
            raise OwnServiceFailure(f"the ledger answered {response.status_code}")
        wrong = _wrong_ones(response, len(bodies))
        if not wrong and len(bodies) > 1:  # together too many
            half = len(bodies) // 2
            _state(bodies[:half], stated)
            bodies = bodies[half:]
            continue
        wrong = wrong or {0: "the ledger does not take it"}
        for index, reason in wrong.items():
            stated.refused[str(bodies[index].get("reservation_id", ""))] = reason
        bodies = [body for index, body in enumerate(bodies) if index not in wrong]


def _appended(bodies: list[dict[str, Any]], answers: Any) -> dict[str, int]:
    try:
        return {
            str(body["reservation_id"]): sum(answer[name] for name in APPENDED)
            for body, answer in zip(bodies, answers, strict=True)
        }
    except (KeyError, TypeError, ValueError) as error:
        raise OwnServiceFailure("the ledger did not say what it appended") from error


def _wrong_ones(response: requests.Response, count: int) -> dict[int, str]:
    """Return the reasons of a refusal, by the index in the array."""
    detail = json_of(response) if response.status_code == 400 else {}
    if not isinstance(detail, Mapping):
        return {}
    return {
        int(index): "; ".join(reasons(errors))[:MAX_REASON]
        for index, errors in detail.items()
        if str(index).isdigit() and int(index) < count
    }


def reasons(errors: Any, path: str = "") -> list[str]:
    """Return nested errors as lines, each with the place of its field."""
    if isinstance(errors, Mapping):
        return [
            line
            for name, inner in errors.items()
            for line in reasons(inner, f"{path}.{name}" if path else str(name))
        ]
    return [f"{path}: {' '.join(map(str, errors))}" if isinstance(errors, list) else str(errors)]


@dataclass(frozen=True)
class SentFile:
    """A file at the ledger, as its REST tells it."""

    state: str  # receiving, choosing, waiting, loading, recording, done, failed
    problem: str
    mapping: Mapping[str, Any]
    time_zone: str
    queued: int  # reservations
    recorded: int | None  # of them, about how many the ledger has decided
    appended: int  # events
    rejected: int  # lines
    rejects: Sequence[tuple[int, str]]  # lines and reasons


def announce_file(
    hotel_id: int, name: str, size: int, written_at: datetime
) -> tuple[str, int] | None:
    """Announce a file of reservations; return its number and how many bytes a part may have.

    None where the ledger does not take it, because of its size. Raises: OwnServiceFailure.
    """
    body = {
        "hotel_id": hotel_id, "file_name": name, "size": size,
        "written_ms": int(written_at.timestamp() * 1000),
    }  # fmt: skip
    response = send("POST", f"{settings.EVENTS_API_BASE_URL}/uploads/", body)
    if response.status_code == 400:
        return None
    answer = _file_answer(response)
    return str(answer["id"]), int(answer["part_bytes"])


def send_part(number: str, start: int, content: bytes) -> None:
    """Send bytes of an announced file. Raises: OwnServiceFailure."""
    url = f"{settings.EVENTS_API_BASE_URL}/uploads/{number}/content/?start={start}"
    _file_answer(send("PUT", url, content=content))


def start_file(number: str, mapping: Mapping[str, Any], time_zone: str) -> str:
    """Have the ledger read a file that it has; return why it cannot, empty where it does.

    Raises: OwnServiceFailure.
    """
    body = {"mapping": mapping, "time_zone": time_zone}
    response = send("POST", f"{settings.EVENTS_API_BASE_URL}/uploads/{number}/start/", body)
    if response.status_code == 400:
        return "; ".join(reasons(json_of(response)))[:MAX_REASON]
    _file_answer(response)
    return ""


def sent_file(number: str) -> SentFile | None:
    """Return how far a file is; None where the ledger has it no more. Raises: OwnServiceFailure."""
    response = send("GET", f"{settings.EVENTS_API_BASE_URL}/uploads/{number}/")
    if response.status_code == 404:
        return None
    answer = _file_answer(response)
    try:
        outcome = answer["outcome"]
        return SentFile(
            answer["state"], answer["problem"], answer["mapping"], answer["time_zone"],
            int(answer["queued"]), answer["recorded"],
            sum(outcome.get(name, 0) for name in (*APPENDED, "created")), int(answer["rejected"]),
            [(int(row["line"]), str(row["reason"])) for row in answer["rejects"]],
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise OwnServiceFailure("the ledger did not say how far a file is") from error


def _file_answer(response: requests.Response) -> dict[str, Any]:
    answer = json_of(response) if response.status_code in (200, 201) else None
    if not isinstance(answer, dict):
        raise OwnServiceFailure(f"the ledger answered {response.status_code} about a file")
    return answer


def ledger_epoch() -> str:
    """Return the ledger's epoch, which changes when it is restored. Raises: OwnServiceFailure."""
    url = f"{settings.EVENTS_API_BASE_URL}/events/feed/?after=0&limit=1"
    response = send("GET", url)
    if response.status_code != 200:
        raise OwnServiceFailure(f"the ledger answered {response.status_code}")
    return str(json_of(response).get("epoch", ""))


def send(
    method: str, url: str, body: Any = None, query: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> requests.Response:  # fmt: skip
    """Return an answer, whatever its status. Raises: OwnServiceFailure where there is none.

    Args:
        content: bytes to send instead of a JSON body.
    """
    headers = HEADERS if content is None else {"Content-Type": "application/octet-stream"}
    data = content if body is None else orjson.dumps(body)
    try:
        return requests.request(
            method, url, params=query, auth=authenticate_request, headers=headers, data=data,
            timeout=TIMEOUT_SECONDS,
        )  # fmt: skip
    except requests.RequestException as error:
        raise OwnServiceFailure(f"{url.partition('?')[0]} does not answer") from error


def json_of(response: requests.Response) -> Any:
    """Return an answer's JSON. Raises: OwnServiceFailure."""
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        raise OwnServiceFailure("our own REST answered something that is not JSON") from error
