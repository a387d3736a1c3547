"""Mews's Connector API as its documentation says, over the life of a made-up hotel.

Checked as strictly as the documentation allows: exact paths, POST only, tokens in the body, required
fields, intervals of three months, pages of at most 1,000 rows that go from new to old.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connections.tests.emulator_server import Refused, Request
from connections.tests.hotel_life import (
    CANCELLED,
    CONFIRMED,
    GUEST_MAIL,
    GUEST_PHONE,
    HOUSE_SEGMENT,
    NO_SHOW,
    ROOM_TYPES,
    TENTATIVE,
    HotelLife,
    Item,
    Stay,
)

PREFIX = "/api/connector/v1/"
ENTERPRISE, SERVICE, RATE, SEGMENT = "enterprise-1", "service-stay", "rate-flexible", "segment-1"
CLIENT_TOKEN, ACCESS_TOKEN = "CLIENT-TOKEN-C0FFEE", "ACCESS-TOKEN-5EC2E7"
STATES = {
    CONFIRMED: "Confirmed", TENTATIVE: "Optional", CANCELLED: "Canceled", NO_SHOW: "Canceled"
}  # fmt: skip
LONGEST_INTERVAL = timedelta(days=92)


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class MewsEmulator:
    """One enterprise. `access_token` may be changed: the present one is refused from then on."""

    def __init__(self, life: HotelLife, clock_skew: timedelta = timedelta(0)) -> None:
        self.life = life
        self.clock_skew = clock_skew
        self.access_token = ACCESS_TOKEN
        self.base_prices: dict[date, Decimal] = {}
        self.category_prices: dict[tuple[str, date], Decimal] = {}
        self.calls: list[str] = []

    def answer(self, request: Request) -> Any:
        if request.method != "POST" or not request.path.startswith(PREFIX):
            raise Refused(404)
        body = request.body
        if not isinstance(body, dict) or not body.get("Client"):
            raise Refused(400, "Client is required")
        if (body.get("ClientToken"), body.get("AccessToken")) != (CLIENT_TOKEN, self.access_token):
            raise Refused(401, "Invalid AccessToken")
        operation = request.path.removeprefix(PREFIX)
        self.calls.append(operation)
        operations = {
            "configuration/get": self._configuration,
            "services/getAll": self._services,
            "resourceCategories/getAll": self._categories,
            "businessSegments/getAll": self._segments,
            "rates/getAll": self._rates,
            "reservations/getAll/2023-06-06": self._reservations,
            "orderItems/getAll": self._order_items,
            "rates/updatePrice": self._update_price,
            "rates/getPricing": self._pricing,
        }
        if operation not in operations:
            raise Refused(404)
        return operations[operation](body)

    def _now(self) -> datetime:
        return self.life.now + self.clock_skew

    def _configuration(self, body: Any) -> Any:
        enterprise = {
            "Id": ENTERPRISE, "Name": "Hotel Connector", "TimeZoneIdentifier": str(self.life.zone),
            "Pricing": "Gross", "Email": GUEST_MAIL, "Phone": GUEST_PHONE,
            "Currencies": [
                {"Currency": "USD", "IsDefault": False, "IsEnabled": True},
                {"Currency": "EUR", "IsDefault": True, "IsEnabled": True},
            ],
        }  # fmt: skip
        return {"NowUtc": utc(self._now()), "Enterprise": enterprise}

    def _services(self, body: Any) -> Any:
        bookable = {"Discriminator": "Bookable", "Value": {"TimeUnitPeriod": "Day"}}
        rows = [
            {"Id": SERVICE, "IsActive": True, "Names": {"en-US": "Stay"}, "Data": bookable},
            {
                "Id": "service-restaurant", "IsActive": True, "Names": {"en-US": "Restaurant"},
                "Data": {"Discriminator": "Additional", "Value": {"Promotions": {}}},
            },
        ]  # fmt: skip
        return self._page(body, "Services", rows)

    def _categories(self, body: Any) -> Any:
        rows = [
            {"Id": number, "ServiceId": SERVICE, "IsActive": True, "Names": {"en-US": name}}
            for number, name in ROOM_TYPES.items()
        ]
        return self._page(_of_service(body), "ResourceCategories", rows)

    def _segments(self, body: Any) -> Any:
        rows = [
            {"Id": SEGMENT, "ServiceId": SERVICE, "IsActive": True, "Name": "Leisure"},
            {"Id": HOUSE_SEGMENT, "ServiceId": SERVICE, "IsActive": True, "Name": "House"},
        ]
        return self._page(body, "BusinessSegments", rows)

    def _rates(self, body: Any) -> Any:
        rows = [
            {"Id": RATE, "IsActive": True, "BaseRateId": None, "Names": {"en-US": "Flexible"}},
            {"Id": "rate-child", "IsActive": True, "BaseRateId": RATE, "Names": {"en-US": "10 %"}},
        ]
        return self._page(_of_service(body), "Rates", rows)

    def _reservations(self, body: Any) -> Any:
        stays = list(self.life.stays.values())
        if "ReservationIds" in body:
            _at_most(body["ReservationIds"], 1000)
            stays = [stay for stay in stays if stay.id in set(body["ReservationIds"])]
        if "Numbers" in body:
            _at_most(body["Numbers"], 1000)
            stays = [stay for stay in stays if str(stay.number) in set(body["Numbers"])]
        if "UpdatedUtc" in body:
            first, last = _interval(body["UpdatedUtc"])
            stays = [stay for stay in stays if first <= stay.updated <= last]
        stays.sort(key=lambda stay: (stay.created, stay.id), reverse=True)
        return self._page(body, "Reservations", [self._reservation(stay) for stay in stays])

    def _reservation(self, stay: Stay) -> Any:
        zone = self.life.zone
        state = STATES.get(stay.status, stay.status)
        reason = {NO_SHOW: "NoShow", CANCELLED: "RequestedByGuest"}.get(stay.status)
        return {
            "Id": stay.id, "ServiceId": SERVICE, "AccountId": "account-1", "Number": str(stay.number),
            "State": state, "Origin": "Distributor", "CreatedUtc": utc(stay.created),
            "UpdatedUtc": utc(stay.updated),
            "BusinessSegmentId": HOUSE_SEGMENT if stay.house_use else SEGMENT,
            "AvailabilityBlockId": "block-1" if stay.number % 2 else None, "Purpose": "Leisure",
            "CancelledUtc": stay.cancelled and utc(stay.cancelled), "CancellationReason": reason,
            "RateId": RATE, "GroupId": stay.group, "RequestedResourceCategoryId": stay.room_type,
            "ScheduledStartUtc": utc(datetime.combine(stay.arrival, time(15), zone)),
            "ScheduledEndUtc": utc(datetime.combine(stay.departure, time(16), zone)),
            "QrCodeData": stay.guest, "ChannelManagerNumber": GUEST_PHONE,
            "Notes": f"{stay.guest} {GUEST_MAIL}", "PersonCounts": [],
        }  # fmt: skip

    def _order_items(self, body: Any) -> Any:
        filters = ("ServiceOrderIds", "UpdatedUtc", "OrderItemIds", "ServiceIds")
        if not any(body.get(name) for name in filters):
            raise Refused(400, "at least one filter")
        rows = [(item, stay) for stay in self.life.stays.values() for item in stay.items]
        if "ServiceOrderIds" in body:
            _at_most(body["ServiceOrderIds"], 1000)
            rows = [row for row in rows if row[1].id in set(body["ServiceOrderIds"])]
        if "UpdatedUtc" in body:
            first, last = _interval(body["UpdatedUtc"])
            rows = [row for row in rows if first <= row[0].updated <= last]
        rows.sort(key=lambda row: row[0].id, reverse=True)
        return self._page(body, "OrderItems", [self._order_item(*row) for row in rows])

    def _order_item(self, item: Item, stay: Stay) -> Any:
        start = datetime.combine(item.night, time.min, self.life.zone)
        net = float(round(item.amount / Decimal("1.1"), 2))
        return {
            "Id": item.id, "ServiceOrderId": stay.id, "ServiceId": SERVICE, "Notes": stay.guest,
            "Amount": {"Currency": "EUR", "GrossValue": float(item.amount), "NetValue": net},
            "UpdatedUtc": utc(item.updated), "StartUtc": utc(start), "ConsumedUtc": utc(start),
            "CanceledUtc": item.cancelled and utc(item.cancelled),
            "AccountingState": "Canceled" if item.cancelled else "Open", "Type": "SpaceOrder",
            "Options": {"CanceledWithReservation": item.with_stay}, "BillingName": stay.guest,
        }  # fmt: skip

    def _update_price(self, body: Any) -> Any:
        if body.get("RateId") != RATE:
            raise Refused(403, "only root rates")
        _at_most(body["PriceUpdates"], 1000)
        for update in body["PriceUpdates"]:
            first, last = (self._day(update[f"{end}TimeUnitStartUtc"]) for end in ("First", "Last"))
            if (last - first).days >= 100 or last < first:
                raise Refused(400, "at most 100 time units")
            for ahead in range((last - first).days + 1):
                night, value = first + timedelta(days=ahead), Decimal(str(update["Value"]))
                if "CategoryId" in update:
                    self.category_prices[update["CategoryId"], night] = value
                else:
                    self.base_prices[night] = value
        return {}

    def _pricing(self, body: Any) -> Any:
        first, last = (self._day(body[f"{end}TimeUnitStartUtc"]) for end in ("First", "Last"))
        if (last - first).days > 367:
            raise Refused(400, "at most 367 days")
        nights = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
        default = Decimal(100)

        def amounts(prices: list[Decimal]) -> Any:
            return [{"Currency": "EUR", "GrossValue": float(price)} for price in prices]

        base = {night: self.base_prices.get(night, default) for night in nights}
        return {
            "Currency": "EUR",
            "TimeUnitStartsUtc": [],
            "BaseAmountPrices": amounts(list(base.values())),
            "CategoryPrices": [
                {
                    "CategoryId": number,
                    "AmountPrices": amounts(
                        [self.category_prices.get((number, night), base[night]) for night in nights]
                    ),
                }
                for number in ROOM_TYPES
            ],
        }

    def _day(self, text: str) -> date:
        local = datetime.fromisoformat(text).astimezone(ZoneInfo(str(self.life.zone)))
        if local.time() != time.min:
            raise Refused(400, "not the start of a time unit")
        return local.date()

    def _page(self, body: Any, name: str, rows: list[Any]) -> Any:
        limitation = body.get("Limitation") or {}
        count = limitation.get("Count")
        if not isinstance(count, int) or not 1 <= count <= 1000:
            raise Refused(400, "Invalid Limitation")
        if cursor := limitation.get("Cursor"):
            numbers = [row["Id"] for row in rows]
            if cursor not in numbers:
                raise Refused(400, "Invalid Cursor")
            rows = rows[numbers.index(cursor) + 1 :]
        rows = rows[:count]
        return {name: rows, "Cursor": rows[-1]["Id"] if rows else None}


def _of_service(body: Any) -> Any:
    if body.get("ServiceIds") != [SERVICE]:
        raise Refused(400, "Invalid ServiceIds")
    return body


def _at_most(values: Any, count: int) -> None:
    if not isinstance(values, list) or len(values) > count:
        raise Refused(400, f"at most {count}")


def _interval(value: Any) -> tuple[datetime, datetime]:
    first, last = (datetime.fromisoformat(value[name]) for name in ("StartUtc", "EndUtc"))
    if last - first > LONGEST_INTERVAL or last < first:
        raise Refused(400, "Invalid interval")
    return first, last
