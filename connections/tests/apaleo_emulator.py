"""apaleo's API as its documentation says, over the life of a made-up hotel.

As strict as the documentation: exact paths and parameters, tokens that expire, pages of at most 200
rows, times without fractions of a second, `to` left out, 204 where there is nothing, rates that
must be the plan's time slices, restrictions that are deleted where they are left out.
"""

import re
from base64 import b64encode
from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

from connections.tests.apaleo_answers import (
    PROPERTY,
    amounts,
    block_id,
    checked,
    modified,
    money,
    of_property,
    page_of,
    plan_row,
    second,
    unit_group,
    utc,
)
from connections.tests.emulator_server import Answer, Refused, Request
from connections.tests.hotel_life import (
    CANCELLED,
    CONFIRMED,
    GUEST_MAIL,
    GUEST_NAMES,
    GUEST_PHONE,
    HOUSE_SEGMENT,
    NO_SHOW,
    ROOM_TYPES,
    TENTATIVE,
    HotelLife,
    Stay,
)

CLIENT_ID, CLIENT_SECRET = "ABCD-PRICES", "CLIENT-SECRET-5EC2E7"
RATE, SUITE_RATE, DERIVED = "MUC-FLEX-DBL", "MUC-FLEX-SUITE", "MUC-SAVER-DBL"
PLANS = {RATE: "cat-double", SUITE_RATE: "cat-suite", "MUC-FLEX-SGL": "cat-single"}
RESTRICTIONS = {"minLengthOfStay": 2, "closed": False, "closedOnArrival": True}
BASIC = "Basic " + b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
CHECK_IN, CHECK_OUT = time(17), time(11)
SEGMENTS = (
    {"id": "MUC-LEISURE", "code": "LEISURE", "name": "Leisure"},
    {"id": HOUSE_SEGMENT, "code": "HOUSE", "name": "House"},
)
STATUSES = {CANCELLED: "Canceled", NO_SHOW: "NoShow"}
RESERVATION_FILTERS = {"propertyIds", "dateFilter", "from", "to", "sort", "expand"}
BLOCK_FILTERS = {"propertyIds", "unitGroupTypes", "timeSliceTemplate", "expand"}


class ApaleoEmulator:
    """One account with one property.

    Args:
        token_calls: after so many calls a token has expired.
        put_limit: after so many updates of a plan's rates the next ones are refused.
    """

    def __init__(
        self, life: HotelLife, token_calls: int | None = None, put_limit: int | None = None
    ) -> None:
        self.life = life
        self.client_secret_is_known = True
        self.token_number = 0
        self.prices: dict[tuple[str, date], Decimal] = {}
        self.restrictions: dict[tuple[str, date], dict[str, Any]] = {}
        self.puts: Counter[str] = Counter()
        self.put_limit = put_limit
        self._token_calls = token_calls
        self._calls_left = 0
        self._was_tentative: set[str] = set()

    def answer(self, request: Request) -> Any:
        self._remember_blocks()
        if request.path == "/connect/token":
            return self._token(request)
        self._calls_left -= 1
        is_spent = self._token_calls is not None and self._calls_left < 0
        token = f"Bearer {self.token}"
        if not self.token_number or is_spent or request.headers.get("Authorization") != token:
            raise Refused(401)
        result = self._body(request)
        # The clock's seconds are cut off, as in every Date header.
        clock = {"Date": format_datetime(self.life.now, usegmt=True)}
        return Answer(204 if result is None else 200, result, clock)

    @property
    def token(self) -> str:
        return f"APALEO-TOKEN-{self.token_number}"

    def numbers(self) -> set[str]:
        """Return the numbers under which anything here may be on our books."""
        return {*self.life.stays, *(f"block-{block_id(one)}" for one in self.life.stays)}

    def _token(self, request: Request) -> Any:
        if request.method != "POST" or request.body != {"grant_type": "client_credentials"}:
            raise Refused(400, "unsupported_grant_type")
        if request.headers.get("Authorization") != BASIC or not self.client_secret_is_known:
            raise Refused(400, "invalid_client")
        self.token_number += 1
        self._calls_left = self._token_calls or 0
        return {"access_token": self.token, "expires_in": 3600, "token_type": "Bearer"}

    def _body(self, request: Request) -> Any:
        if rates := re.fullmatch(r"/rateplan/v1/rate-plans/([^/]+)/rates", request.path):
            plan = rates[1]
            if plan != DERIVED and plan not in PLANS:
                raise Refused(404)
            if request.method == "PUT":
                return self._set_rates(plan, request)
            return self._rates(plan, checked(request, {"from", "to"}, required={"from", "to"}))
        if block := re.fullmatch(r"/booking/v1/blocks/([^/]+)", request.path):
            found = [one for one in self._was_tentative if block_id(one) == block[1]]
            if not found:
                raise Refused(404)
            expand = checked(request, {"expand"}).get("expand", "")
            return self._block(self.life.stays[found[0]], "timeSlices" in expand)
        if one := re.fullmatch(r"/booking/v1/reservations/([^/]+)", request.path):
            stay = self.life.stays.get(one[1])
            if stay is None or stay.status == TENTATIVE:
                raise Refused(404)
            expand = checked(request, {"expand"}).get("expand", "")
            return self._reservation(stay, "timeSlices" in expand)
        match request.method, request.path:
            case "GET", "/inventory/v1/properties":
                checked(request, set())
                return page_of(request, "properties", self._properties())
            case "GET", "/inventory/v1/properties/MUC":
                return self._property() | {"name": {"en": "Hotel Isar"}, "companyName": "Isar Ltd"}
            case "GET", "/inventory/v1/unit-groups":
                of_property(checked(request, {"propertyId"}))
                return page_of(request, "unitGroups", self._unit_groups())
            case "GET", "/settings/v1/market-segments":
                of_property(checked(request, {"propertyIds"}), "propertyIds")
                return page_of(request, "marketSegments", list(SEGMENTS))
            case "GET", "/rateplan/v1/rate-plans":
                query = checked(request, {"propertyId", "isDerived", "timeSliceTemplate"})
                return page_of(request, "ratePlans", self._rate_plans(of_property(query)))
            case "GET", "/booking/v1/reservations":
                return self._reservations(request)
            case "GET", "/booking/v1/blocks":
                return self._blocks(request)
        raise Refused(404)

    def _property(self) -> Any:
        return {
            "id": PROPERTY, "code": PROPERTY, "isTemplate": False, "currencyCode": "EUR",
            "timeZone": str(self.life.zone), "created": "2019-05-01T10:00:00Z",
            "location": {
                "addressLine1": "1", "postalCode": "1", "city": "1", "countryCode": "DE"
            },
            "commercialRegisterEntry": "HRB 1", "taxId": "1", "paymentTerms": {"en": "14 days"},
        }  # fmt: skip

    def _properties(self) -> Any:
        template = self._property() | {"id": "TPL", "name": "A template", "isTemplate": True}
        return [template, self._property() | {"name": "Hotel Isar"}]

    def _unit_groups(self) -> Any:
        rooms = [(number, name, "BedRoom") for number, name in ROOM_TYPES.items()]
        return [
            {
                "id": number, "code": number, "name": name, "description": name, "memberCount": 9,
                "type": kind, "property": {"id": PROPERTY},
            }
            for number, name, kind in [*rooms, ("cat-parking", "Parking lot", "ParkingLot")]
        ]  # fmt: skip

    def _rate_plans(self, query: dict[str, str]) -> Any:
        rows = [plan_row(number, group) for number, group in PLANS.items()]
        rows.append(plan_row(DERIVED, "cat-double") | {"isDerived": True})
        if "isDerived" in query:
            rows = [row for row in rows if str(row["isDerived"]).lower() == query["isDerived"]]
        return rows

    def _reservations(self, request: Request) -> Any:
        query = of_property(checked(request, RESERVATION_FILTERS), "propertyIds")
        if query.get("dateFilter") != "Modification":
            raise Refused(422, "dateFilter")
        first, end = (second(query[name]) for name in ("from", "to"))
        if end <= first:
            raise Refused(422, "to must be larger than from")
        found = [
            (modified(stay), stay)
            for stay in self.life.stays.values()
            if stay.status != TENTATIVE and first <= modified(stay) < end
        ]
        found.sort(key=lambda one: one[0] if query.get("sort") == "updated:asc" else one[1].id)
        rows = [stay for _, stay in found]
        with_slices = "timeSlices" in query.get("expand", "").split(",")
        return page_of(
            request, "reservations", rows, lambda stay: self._reservation(stay, with_slices)
        )

    def _reservation(self, stay: Stay, with_slices: bool) -> Any:
        group = unit_group(stay.room_type)
        fee = {"id": "FLEX", "fee": money(0), "code": "FLEX", "name": "A", "description": "B"}
        row = {
            "id": stay.id, "bookingId": stay.group, "status": self._status(stay),
            "property": {"id": PROPERTY}, "unitGroup": group, "created": utc(stay.created),
            "modified": utc(modified(stay)), "channelCode": "Ibe", "source": stay.guest,
            "marketSegment": SEGMENTS[stay.house_use], "travelPurpose": "Leisure",
            "ratePlan": {"id": RATE, "name": "Flexible", "isSubjectToCityTax": False},
            "arrival": self._moment(stay.arrival, CHECK_IN), "adults": 2, "hasCityTax": False,
            "departure": self._moment(stay.departure, CHECK_OUT), "guaranteeType": "CreditCard",
            "totalGrossAmount": money(sum(stay.rates().values())), "balance": money(0),
            "cancellationFee": fee | {"dueDateTime": utc(stay.created)}, "noShowFee": fee,
            "comment": f"{stay.guest} {GUEST_MAIL}", "guestComment": GUEST_PHONE,
            "primaryGuest": {"lastName": stay.guest, "email": GUEST_MAIL, "phone": GUEST_PHONE},
            "booker": {"lastName": GUEST_NAMES[0], "email": GUEST_MAIL},
        }  # fmt: skip
        if stay.status == CANCELLED and stay.cancelled:
            row["cancellationTime"] = utc(stay.cancelled)
        if stay.id in self._was_tentative:
            row["blockId"] = block_id(stay.id)
        if with_slices:
            rates = self.life.rates_of(stay)
            slices = [self._slice(night, rates[night]) for night in sorted(rates)]
            row["timeSlices"] = slices or [self._day_use(stay.arrival)]
            for one in row["timeSlices"]:
                one |= {"unitGroup": group, "ratePlan": row["ratePlan"]}
        return row

    def _status(self, stay: Stay) -> str:
        if stay.status != CONFIRMED:
            return STATUSES.get(stay.status, stay.status)
        today = self.life.now.astimezone(self.life.zone).date()
        if stay.departure < today:
            return "CheckedOut"
        return "InHouse" if stay.arrival < today else "Confirmed"

    def _slice(self, night: date, amount: Decimal) -> Any:
        return {**self._times(night), **amounts(amount), "serviceDate": str(night)}

    def _day_use(self, day: date) -> Any:
        times = {"from": self._moment(day, time(10)), "to": self._moment(day, time(16))}
        return {**times, **amounts(Decimal(45)), "serviceDate": str(day)}

    def _blocks(self, request: Request) -> Any:
        query = of_property(checked(request, BLOCK_FILTERS), "propertyIds")
        if query.get("unitGroupTypes") not in (None, "BedRoom"):
            raise Refused(422, "unitGroupTypes")
        stays = [self.life.stays[number] for number in sorted(self._was_tentative)]
        with_slices = "timeSlices" in query.get("expand", "").split(",")
        return page_of(request, "blocks", stays, lambda stay: self._block(stay, with_slices))

    def _block(self, stay: Stay, with_slices: bool) -> Any:
        """A block of one unit; it is picked where the stay is a reservation by now."""
        statuses = {TENTATIVE: "Tentative", CANCELLED: "Canceled"}
        picked = int(stay.status in (CONFIRMED, NO_SHOW))
        rates = self.life.rates_of(stay)
        row = {
            "id": block_id(stay.id), "status": statuses.get(stay.status, "Definite"),
            "group": {"id": stay.group, "name": stay.guest, "bookingId": stay.group},
            "property": {"id": PROPERTY}, "unitGroup": unit_group(stay.room_type),
            "ratePlan": {"id": RATE, "name": "Flexible", "isSubjectToCityTax": False},
            "grossDailyRate": money(100), "pickedReservations": picked,
            "created": utc(stay.created), "modified": utc(stay.created if picked else stay.updated),
            "from": self._moment(stay.arrival, CHECK_IN),
            "to": self._moment(stay.departure, CHECK_OUT),
        }  # fmt: skip
        if with_slices:
            counts = {"blockedUnits": 1, "pickedUnits": picked}
            row["timeSlices"] = [
                {**self._times(night), **amounts(rates[night]), **counts} for night in sorted(rates)
            ]
        return row

    def _remember_blocks(self) -> None:
        """What anybody could have seen as a block stays one, also when it is picked."""
        self._was_tentative |= {
            stay.id for stay in self.life.stays.values() if stay.status == TENTATIVE
        }

    def _rates(self, plan: str, query: dict[str, str]) -> Any:
        first, end = (date.fromisoformat(query[name]) for name in ("from", "to"))
        nights = [first + timedelta(days=ahead) for ahead in range((end - first).days)]
        pages = Request("GET", "", query, {}, None)
        return page_of(pages, "rates", nights, lambda night: self._rate(plan, night))

    def _rate(self, plan: str, night: date) -> Any:
        rate = self._times(night)
        if (price := self.prices.get((plan, night))) is not None:
            rate["price"] = money(price)
        if restrictions := self.restrictions.get((plan, night)):
            rate["restrictions"] = restrictions
        return rate

    def _set_rates(self, plan: str, request: Request) -> Any:
        self.puts[plan] += 1
        if self.put_limit is not None and self.puts[plan] > self.put_limit:
            raise Refused(429, "too many", **{"Retry-After": "1200"})
        if plan == DERIVED:
            raise Refused(422, "rates of a derived rate plan cannot be set")
        if not request.headers.get("Content-Type", "").startswith("application/json"):
            raise Refused(415)
        if set(request.body) != {"rates"} or not request.body["rates"]:
            raise Refused(422, "rates")
        for rate in request.body["rates"]:
            night = datetime.fromisoformat(rate["from"]).astimezone(self.life.zone).date()
            times = self._times(night)
            if {name: rate[name] for name in times} != times:
                raise Refused(422, "this is no time slice of the rate plan")
            if rate.keys() - {"from", "to", "price", "restrictions"}:
                raise Refused(422, "unknown field")
            if rate["price"]["currency"] != "EUR" or not rate["price"]["amount"] > 0:
                raise Refused(422, "price")
        for rate in request.body["rates"]:
            night = datetime.fromisoformat(rate["from"]).astimezone(self.life.zone).date()
            self.prices[plan, night] = Decimal(str(rate["price"]["amount"]))
            self.restrictions.pop((plan, night), None)
            if "restrictions" in rate:
                self.restrictions[plan, night] = rate["restrictions"]
        return None

    def _times(self, night: date) -> dict[str, Any]:
        tomorrow = night + timedelta(days=1)
        return {"from": self._moment(night, CHECK_IN), "to": self._moment(tomorrow, CHECK_OUT)}

    def _moment(self, day: date, at: time) -> str:
        return datetime.combine(day, at, self.life.zone).isoformat()
