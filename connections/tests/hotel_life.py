"""The life of a made-up hotel in its booking system: the truth that ledger and figures must equal.

Everything follows from the seed. Time is the hotel's own, so that a year passes in a second. A stay
is one room; stays of one group are booked together. Guests have names, mails and phones that must
be found nowhere.
"""

import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

ROOM_TYPES = {"cat-single": "Single", "cat-double": "Double", "cat-suite": "Suite with a view"}
GUEST_NAMES = ("Guineverely Pendragonson", "Xanthippe Featherstonehaugh", "Ngozi Okonkwo-Straße")
GUEST_MAIL, GUEST_PHONE = "guest.zaphod@example.net", "+44 7700 900461"
HOUSE_SEGMENT = "segment-house"  # the market segment of rooms of the owner or for house use
TENTATIVE, CONFIRMED, CANCELLED, NO_SHOW = "tentative", "confirmed", "cancelled", "no_show"


@dataclass
class Item:
    """What one night costs; a changed price is another item."""

    id: str
    night: date
    amount: Decimal
    updated: datetime
    cancelled: datetime | None = None
    with_stay: bool = False


@dataclass
class Stay:
    """A reservation of one room."""

    id: str
    group: str
    room_type: str
    status: str
    created: datetime
    updated: datetime
    arrival: date
    departure: date
    guest: str
    number: int
    items: list[Item] = field(default_factory=list)
    cancelled: datetime | None = None
    house_use: bool = False

    def rates(self) -> dict[date, Decimal]:
        """Return the amounts of the nights that are not taken back."""
        return {item.night: item.amount for item in self.items if item.cancelled is None}


class HotelLife:
    """A hotel's stays, and a clock that moves with what happens.

    Args:
        lag: changes become visible so late, though they carry the earlier time.
    """

    def __init__(
        self, seed: int, zone: str = "Europe/Vienna", begin: datetime | None = None
    ) -> None:
        self.random = random.Random(seed)
        self.zone = ZoneInfo(zone)
        self.now = begin or datetime(2025, 3, 1, 8, tzinfo=UTC)
        self.stays: dict[str, Stay] = {}
        self.prices: dict[tuple[str, date], Decimal] = {}
        self.changed: Counter[str] = Counter()

    def happen(self, steps: int, hours: float = 3) -> None:
        """Let so many things happen, on average with `hours` between them."""
        for _ in range(steps):
            self.now += timedelta(seconds=self.random.randint(1, int(hours * 7200)))
            self.now = self.now.replace(microsecond=0)
            act = self.random.choices(
                (self.book, self.cancel, self.no_show, self.move, self.shorten, self.reprice,
                 self.change_room, self.confirm),
                (10, 3, 1, 2, 2, 2, 1, 2),
            )[0]  # fmt: skip
            act()

    def book(self) -> None:
        group = self._id()
        today = self.now.astimezone(self.zone).date()
        arrival = today + timedelta(days=int(self.random.expovariate(1 / 30)))
        nights = self.random.choice((0, 1, 1, 2, 2, 3, 7))  # 0: day use
        status = TENTATIVE if self.random.random() < 0.15 else CONFIRMED
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            stay = Stay(
                self._id(), group, self.random.choice(list(ROOM_TYPES)), status, self.now, self.now,
                arrival, arrival + timedelta(days=nights), self.random.choice(GUEST_NAMES),
                len(self.stays) + 1,
            )  # fmt: skip
            self.stays[stay.id] = stay
            self._price_nights(stay)
        self.changed["booked"] += 1

    def cancel(self) -> None:
        if stay := self._pick(CONFIRMED, TENTATIVE):
            self._end(stay, CANCELLED)

    def no_show(self) -> None:
        if stay := self._pick(CONFIRMED):
            self._end(stay, NO_SHOW)

    def confirm(self) -> None:
        if stay := self._pick(TENTATIVE):
            stay.status = CONFIRMED
            self._touch(stay, "confirmed")

    def move(self) -> None:
        if stay := self._pick(CONFIRMED):
            days = timedelta(days=self.random.choice((-3, -1, 1, 2, 14)))
            stay.arrival, stay.departure = stay.arrival + days, stay.departure + days
            self._price_nights(stay)
            self._touch(stay, "moved")

    def shorten(self) -> None:
        if (stay := self._pick(CONFIRMED)) and stay.departure > stay.arrival:
            stay.departure += timedelta(days=self.random.choice((-1, 1)))
            self._price_nights(stay)
            self._touch(stay, "shortened or extended")

    def reprice(self) -> None:
        """Change a night's price: the stay itself is not touched."""
        if (stay := self._pick(CONFIRMED)) and (nights := sorted(stay.rates())):
            self._set_amount(stay, self.random.choice(nights), self._amount())
            self.changed["repriced"] += 1

    def change_room(self) -> None:
        if stay := self._pick(CONFIRMED):
            stay.room_type = self.random.choice(list(ROOM_TYPES))
            self._touch(stay, "another room type")

    def on_the_books(self) -> dict[tuple[str, date], tuple[Decimal, str]]:
        """Return the truth: rate and room type by stay and night."""
        return {
            (stay.id, night): (rate, ROOM_TYPES[stay.room_type])
            for stay in self.stays.values()
            if stay.status in (CONFIRMED, NO_SHOW)
            for night, rate in self.rates_of(stay).items()
        }

    def rates_of(self, stay: Stay) -> dict[date, Decimal]:
        return {
            item.night: item.amount for item in stay.items if not item.cancelled or item.with_stay
        }

    def _end(self, stay: Stay, status: str) -> None:
        stay.status, stay.cancelled = status, self.now
        for item in stay.items:
            if item.cancelled is None:
                item.cancelled, item.with_stay, item.updated = self.now, True, self.now
        self._touch(stay, status)

    def _price_nights(self, stay: Stay) -> None:
        wanted = {
            stay.arrival + timedelta(days=day)
            for day in range((stay.departure - stay.arrival).days)
        }
        for item in stay.items:
            if item.cancelled is None and item.night not in wanted:
                item.cancelled = item.updated = self.now
        for night in sorted(wanted - stay.rates().keys()):
            stay.items.append(Item(self._id(), night, self._amount(), self.now))

    def _set_amount(self, stay: Stay, night: date, amount: Decimal) -> None:
        for item in stay.items:
            if item.cancelled is None and item.night == night:
                item.cancelled = item.updated = self.now
        stay.items.append(Item(self._id(), night, amount, self.now))

    def _touch(self, stay: Stay, what: str) -> None:
        stay.updated = self.now
        self.changed[what] += 1

    def _pick(self, *statuses: str) -> Stay | None:
        found = [stay for stay in self.stays.values() if stay.status in statuses]
        return self.random.choice(found) if found else None

    def _amount(self) -> Decimal:
        return Decimal(self.random.randint(4000, 30000)) / 100

    def _id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))
