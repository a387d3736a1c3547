"""Cloudbeds's PMS API v1.3 as its documentation says, over the life of a made-up hotel.

Held against Cloudbeds's own schema: parameters, bodies, answers. Beside it what the documentation
says in words: forms as bodies, pages of at most 100, 30 intervals a change of rates, rates of room
types that are not derived, jobs that set prices later, errors that come with 200.
"""

import random
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from itertools import groupby
from typing import Any

import pytest

from connections.adapters.cloudbeds import cloudbeds_adapter, cloudbeds_calls
from connections.adapters.cloudbeds.cloudbeds_adapter import CloudbedsAdapter
from connections.tests.emulator_server import Answer, Refused, Request
from connections.tests.hotel_life import (
    CANCELLED,
    CONFIRMED,
    GUEST_MAIL,
    HOUSE_SEGMENT,
    NO_SHOW,
    ROOM_TYPES,
    TENTATIVE,
    HotelLife,
    Stay,
)
from connections.tests.vendor_schema import VendorSchema

PREFIX = "/api/v1.3/"
PROPERTY, BASE_ROOM_TYPE, PLAN = "171717", "cat-double", "plan-breakfast"
SOURCE = "ss-17"
API_KEY, REFRESH_TOKEN = "cbat-KEY-0DDBA11", "REFRESH-F00D"
CLIENT_ID, CLIENT_SECRET = "client-17", "CLIENT-SECRET-ABAD1DEA"
DEFAULT_PRICE = Decimal(777)
STATUSES = {TENTATIVE: "not_confirmed", CANCELLED: "canceled", NO_SHOW: "no_show"}
FORM_NAME = re.compile(r"rates\[(\d+)\]\[(rateID|interval)\](?:\[(\d+)\]\[(\w+)\])?")


def without_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the adapter call as often as it likes, look at jobs without pauses, and read small pages."""
    monkeypatch.setattr(cloudbeds_adapter, "RESERVATIONS_A_PAGE", 20)
    monkeypatch.setattr(CloudbedsAdapter, "calls_per_window", (100_000, 1.0))
    monkeypatch.setattr(cloudbeds_calls, "JOB_PAUSES", (0.0,))


class CloudbedsEmulator:
    """One property; each group of stays is a reservation with several rooms.

    Args:
        filters_utc: whether it takes moments in filters for UTC, not for the property's time.
        token_calls: after how many calls the access token of OAuth expires.
        stamps_prices: whether a changed price counts as a modification of its reservation.
    """

    def __init__(
        self,
        life: HotelLife,
        *,
        filters_utc: bool = False,
        token_calls: int | None = None,
        stamps_prices: bool = True,
        seed: int = 0,
    ) -> None:
        self.life = life
        self.api_key = API_KEY
        self.prices: dict[tuple[str, date], Decimal] = {}  # of the base rate
        self.refused_prices: set[tuple[str, date]] = set()
        self.deleted: set[str] = set()  # groups
        self.jobs: dict[str, dict[str, Any]] = {}
        self.job_calls = 3  # at most so many calls pass until a job is done
        self.token_number = 1
        self.calls: list[str] = []
        self.stamps_prices = stamps_prices
        self._filters_utc = filters_utc
        self._token_calls = self._calls_left = token_calls
        self._random = random.Random(seed)
        self._schema = VendorSchema("cloudbeds-pms-v1.3.json")

    @property
    def token(self) -> str:
        return f"access-token-{self.token_number}"

    def answer(self, request: Request) -> Any:
        operation = request.path.removeprefix(PREFIX)
        known = self._schema.operations.get(operation)
        if not request.path.startswith(PREFIX) or known is None:
            raise Refused(404)
        if request.method != known["method"]:
            raise Refused(405)
        self.calls.append(operation)
        if operation != "access_token":
            self._check_access(request)
        if problem := self._schema.problem_of_query(operation, request.query):
            raise Refused(400, problem)
        self._work_on_jobs()
        status, body = getattr(self, f"_{operation}")(request)
        problem = self._schema.problem(operation, "answer", body)
        assert not problem, (operation, problem)  # the emulator's own mistake
        # The clock's seconds are cut off, as in every Date header.
        return Answer(status, body, {"Date": format_datetime(self.life.now, usegmt=True)})

    def webhook(self, stay: Stay, event: str) -> dict[str, Any]:
        """Return what Cloudbeds posts, unsigned, in any order, and more than once."""
        return {
            "version": "1.0", "event": f"reservation/{event}", "reservationID": stay.group,
            "timestamp": self.life.now.timestamp(), "propertyID": int(PROPERTY),
            "propertyID_str": PROPERTY,
        }  # fmt: skip

    def _check_access(self, request: Request) -> None:
        if request.headers.get("x-api-key") == self.api_key:
            return
        if self._calls_left is not None:
            self._calls_left -= 1
        is_spent = self._calls_left is not None and self._calls_left < 0
        if is_spent or request.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refused(401, "access_denied")

    def _access_token(self, request: Request) -> Any:
        form = self._form(request, "access_token", request.body)
        expected = {
            "grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN,
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        }  # fmt: skip
        if form != expected:
            raise Refused(400, "invalid_grant")
        self.token_number += 1
        self._calls_left = self._token_calls
        return 200, {
            "access_token": self.token, "token_type": "Bearer", "expires_in": 28800,
            "refresh_token": REFRESH_TOKEN,
        }  # fmt: skip

    def _getHotels(self, request: Request) -> Any:
        hotel = {
            "propertyID": PROPERTY, "propertyName": "Hotel Nimbus",
            "propertyTimezone": str(self.life.zone),
            "propertyCurrency": [{"currencyCode": "EUR", "currencySymbol": "€"}],
        }  # fmt: skip
        found = [hotel] if request.query.get("propertyIDs", PROPERTY) == PROPERTY else []
        rows = self._page(request, found, 20)
        return 200, {"success": True, "data": rows, "count": len(rows), "total": len(found)}

    def _getRoomTypes(self, request: Request) -> Any:
        rows = [
            {"roomTypeID": number, "propertyID": PROPERTY, "roomTypeName": name}
            for number, name in {**ROOM_TYPES, "cat-tent": "Tent without a rate"}.items()
        ]
        return 200, {"success": True, "data": self._page(request, rows, 20)}

    def _getRatePlans(self, request: Request) -> Any:
        first, departure = (
            date.fromisoformat(request.query[f"{end}Date"]) for end in ("start", "end")
        )
        if departure <= first:
            message = "Parameter endDate should be greater than startDate"
            return 200, {"success": False, "message": message}
        nights = [first + timedelta(days=ahead) for ahead in range((departure - first).days)]
        rows: list[Any] = []
        for number in ROOM_TYPES:
            prices = {night: self.prices.get((number, night), DEFAULT_PRICE) for night in nights}
            total = float(sum(prices.values()))
            base: dict[str, Any] = {
                "roomTypeID": number, "propertyID": PROPERTY, "roomRate": total
            }  # fmt: skip
            if request.query.get("detailedRates") == "true":
                base["roomRateDetailed"] = [
                    {"date": str(night), "rateBase": float(price), "totalRate": float(price)}
                    for night, price in prices.items()
                ]
            rows.append({**base, "rateID": f"base-{number}", "isDerived": False})
            plan = {"ratePlanID": PLAN, "ratePlanNamePublic": "Bed & breakfast"}
            rows.append({**base, **plan, "rateID": f"plan-{number}", "isDerived": False})
            derived = {"ratePlanID": "plan-early", "ratePlanNamePublic": "Early bird"}
            rows.append({**base, **derived, "rateID": f"early-{number}", "isDerived": True})
        return 200, {"success": True, "data": rows}

    def _putRate(self, request: Request) -> Any:
        rates = self._form(request, "putRate", _nested(request.body))["rates"]
        intervals = [(rate["rateID"], part) for rate in rates for part in rate["interval"]]
        if len(intervals) > 30:
            return 200, {"success": False, "message": "at most 30 intervals"}
        if not all(number.startswith("base-") for number, _ in intervals):
            return 200, {"success": False, "message": "a derived or unknown rate"}
        number = f"job-{len(self.jobs) + 1}"
        updates = [{"rateID": rate, "action": "in_progress", **part} for rate, part in intervals]
        self.jobs[number] = {
            "jobReferenceID": number, "dateCreated": str(self.life.now.date()),
            "status": "in_progress", "updates": updates,
            "calls_left": self._random.randint(1, self.job_calls),
        }  # fmt: skip
        return 202, {"success": True, "jobReferenceID": number}

    def _work_on_jobs(self) -> None:
        for job in self.jobs.values():
            job["calls_left"] -= 1
            if job["status"] != "in_progress" or job["calls_left"] >= 0:
                continue
            job["status"] = "completed"
            for update in job["updates"]:
                first, last = (date.fromisoformat(update[f"{end}Date"]) for end in ("start", "end"))
                nights = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
                room_type = update["rateID"].removeprefix("base-")
                keys = {(room_type, night) for night in nights}
                if keys & self.refused_prices:
                    update["action"], job["status"] = "error", "error"
                    continue
                update["action"] = "updated"
                self.prices |= {key: Decimal(str(update["rate"])) for key in keys}

    def _getRateJobs(self, request: Request) -> Any:
        wanted = request.query.get("jobReferenceID"), request.query.get("status")
        rows = [
            {name: value for name, value in job.items() if name != "calls_left"}
            for number, job in self.jobs.items()
            if wanted[0] in (None, number) and wanted[1] in (None, job["status"])
        ]
        return 200, {"success": True, "hasNextPage": False, "nextPage": None, "data": rows}

    def _getSources(self, request: Request) -> Any:
        source = {"propertyID": PROPERTY, "sourceID": SOURCE, "sourceName": "Booking.com"}
        return 200, {"success": True, "data": [source | {"isThirdParty": True, "status": True}]}

    def _getReservationsWithRateDetails(self, request: Request) -> Any:
        query = request.query
        if query.get("propertyID") != PROPERTY:
            return 200, {"success": False, "data": [], "count": 0, "total": 0}
        found = [one for one in self.reservations() if self._is_asked_for(one, query)]
        if query.get("sortByRecent") == "true":
            found.sort(key=lambda one: (one["dateModifiedUTC"], one["reservationID"]), reverse=True)
        rows = self._page(request, found, 100)
        return 200, {"success": True, "data": rows, "count": len(rows), "total": len(found)}

    def _is_asked_for(self, one: dict[str, Any], query: dict[str, str]) -> bool:
        modified = one["dateModifiedUTC" if self._filters_utc else "dateModified"]
        for name in ("modifiedFrom", "modifiedTo"):
            if name in query:
                datetime.strptime(query[name], "%Y-%m-%d %H:%M:%S")  # only its form
        return (
            query.get("reservationID", one["reservationID"]) == one["reservationID"]
            and query.get("modifiedFrom", "") <= modified <= query.get("modifiedTo", "9")
            and one["reservationCheckOut"] >= query.get("reservationCheckOutFrom", "")
            and (query.get("includeDeleted") == "true" or not one["isDeleted"])
        )

    def reservations(self) -> list[dict[str, Any]]:
        """Return all reservations, in the order in which they were made."""
        stays = sorted(self.life.stays.values(), key=lambda stay: (stay.created, stay.group))
        return [self._reservation(list(rows)) for _, rows in groupby(stays, lambda one: one.group)]

    def _reservation(self, stays: Sequence[Stay]) -> dict[str, Any]:
        statuses = {stay.status for stay in stays}
        known = (CONFIRMED, NO_SHOW, TENTATIVE, CANCELLED)
        unknown = statuses - {*known}
        own = next((one for one in known if one in statuses), "") if not unknown else unknown.pop()
        modified = max(stay.updated for stay in stays)
        if self.stamps_prices:
            modified = max([modified, *(item.updated for stay in stays for item in stay.items)])
        arrival = min(stay.arrival for stay in stays)
        departure = max(stay.departure for stay in stays)
        status = STATUSES.get(own, own)
        if own == CONFIRMED:
            status = self._present("confirmed", "checked_in", "checked_out", arrival, departure)
        created = min(stay.created for stay in stays)
        times = {"Created": created, "Modified": modified}
        if status == "canceled":
            times["Cancelled"] = max(stay.cancelled or modified for stay in stays)
        rooms = [stay for stay in stays if stay.status != TENTATIVE or own == TENTATIVE]
        return {
            "propertyID": PROPERTY, "reservationID": stays[0].group,
            "isDeleted": stays[0].group in self.deleted, "status": status,
            "reservationCheckIn": str(arrival), "reservationCheckOut": str(departure),
            "guestID": "900001", "guestCountry": "AT", "sourceName": "Booking.com",
            "source": {"name": "Booking.com", "sourceID": SOURCE, "category": "ota"},
            "sourceReservationID": GUEST_MAIL, "propertyCurrency": "EUR", "origin": "",
            "rooms": [self._room(stay, own) for stay in rooms],
        } | {
            f"date{name}{suffix}": f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"
            for name, moment in times.items()
            for suffix, zone in (("UTC", UTC), ("", self.life.zone))
        }  # fmt: skip

    def _room(self, stay: Stay, own: str) -> dict[str, Any]:
        status = self._present(
            "not_checked_in", "in_house", "checked_out", stay.arrival, stay.departure
        )
        if stay.status == CANCELLED:
            status = "cancelled"
        rates = {
            str(item.night): float(item.amount)
            for item in sorted(stay.items, key=lambda item: item.night)
            if item.cancelled is None or (item.with_stay and stay.status != CONFIRMED)
        }
        return {
            "roomTypeID": stay.room_type, "roomTypeName": ROOM_TYPES[stay.room_type],
            "subReservationID": stay.id, "guestID": "900001", "guestName": stay.guest,
            "rateID": f"base-{stay.room_type}", "adults": "2", "children": "0",
            "roomCheckIn": str(stay.arrival), "roomCheckOut": str(stay.departure),
            "roomStatus": status, "detailedRoomRates": rates,
            **({"marketName": "House", "marketCode": HOUSE_SEGMENT} if stay.house_use
               else {"marketName": "Leisure"}),
        }  # fmt: skip

    def _present(self, before: str, during: str, after: str, arrival: date, departure: date) -> str:
        today = self.life.now.astimezone(self.life.zone).date()
        if today < arrival:
            return before
        return during if today < departure else after

    def _page(self, request: Request, rows: list[Any], largest: int) -> list[Any]:
        number, size = (int(request.query.get(f"page{name}", "1")) for name in ("Number", "Size"))
        if not 1 <= size <= largest or number < 1:
            raise Refused(400, "no such page")
        return rows[(number - 1) * size : number * size]

    def _form(self, request: Request, operation: str, form: Any) -> Any:
        if request.headers.get("Content-Type") != "application/x-www-form-urlencoded":
            raise Refused(400, "a form is needed")
        if problem := self._schema.problem(operation, "body", form):
            raise Refused(400, problem)
        return form


def _nested(form: dict[str, str]) -> dict[str, Any]:
    """Return the object that a form in PHP's way of writing stands for."""
    rates: dict[int, dict[str, Any]] = {}
    for name, value in form.items():
        match = FORM_NAME.fullmatch(name)
        if match is None:
            raise Refused(400, f"unknown field {name}")
        place, what, index, field = match.groups()
        rate = rates.setdefault(int(place), {"interval": {}})
        if what == "rateID":
            rate["rateID"] = value
        else:
            part = rate["interval"].setdefault(int(index), {})
            part[field] = float(value) if field == "rate" else value
    return {
        "rates": [{**rate, "interval": list(rate["interval"].values())} for rate in rates.values()]
    }
