"""Recount of what room-nights are worth, that shares no code with the services.

It folds the events of each room-night as `docs/api.md` says, and compares every day of
`GET /dashboard/performance/`, on both bases and by every word, and the months of
`GET /dashboard/pace/`, with the result, to the thousandth.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from tests.soak.events import Event

Get = Callable[..., Any]
WORDS = ("room_type", "channel", "segment")
BOOKED, CANCELLED, CHANGED = 1, 2, 3
# At one moment: of a night that was sold before it, and of any other.
ORDER_WHERE_SOLD = (CANCELLED, BOOKED, CHANGED)
ORDER_ELSEWHERE = (BOOKED, CHANGED, CANCELLED)


class Sale(NamedTuple):
    """How a room-night is sold at a moment; None where it is not known."""

    rate: Decimal | None
    currency: str | None
    words: tuple[str | None, ...]  # of WORDS


class Step(NamedTuple):
    """A sale that begins (1) or ends (-1) on a day."""

    night: str
    day: str
    sale: Sale
    sign: int


class Sums(NamedTuple):
    """Room-nights, those with a rate in the hotel's currency, and their revenue."""

    room_nights: int = 0
    with_rate: int = 0
    revenue: Decimal = Decimal(0)


class MoneyRecount:
    """The events of each hotel, and what its room-nights are worth."""

    def __init__(self) -> None:
        self._events: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        self._rich: set[int] = set()  # hotels whose events say more than the first version's

    def read(self, event: Event) -> None:
        """Take an event of the feed."""
        words = tuple(event.get(name) for name in WORDS)
        hotel, rate = event["hotel_id"], event.get("rate")
        if rate is not None or any(words):
            self._rich.add(hotel)
        self._events[hotel].append(
            (
                event["room_reservation_id"], event["night_of_stay"], event["event_timestamp"],
                event["status"], rate, event.get("currency"), words,
            )
        )  # fmt: skip

    def follow(self, hotels: Iterable[int]) -> None:
        """Take hotels whose room-nights are counted one by one although no event has money.

        Prices do so for each hotel that has rules.
        """
        self._rich |= set(hotels)

    def hotels(self) -> list[int]:
        """Return the hotels that have events."""
        return sorted(self._events)

    def steps(self, hotel: int) -> list[Step]:
        """Return what began and ended, of all room-nights of a hotel."""
        if hotel not in self._rich:
            sale = Sale(None, None, (None,) * len(WORDS))
            return [
                Step(night, time[:10], sale, 1 if status == BOOKED else -1)
                for _, night, time, status, *_ in self._events[hotel]
                if status != CHANGED
            ]
        by_room_night = itemgetter(0, 1)
        rows = sorted(self._events[hotel], key=by_room_night)
        return [
            step
            for (_, night), events in groupby(rows, key=by_room_night)
            for step in _fold(night, [event[2:] for event in events])
        ]


def _fold(night: str, events: list[tuple[Any, ...]]) -> Iterator[Step]:
    """Yield the steps of one room-night."""
    moments: dict[datetime, list[tuple[Any, ...]]] = defaultdict(list)
    for time, *event in events:
        moments[datetime.fromisoformat(time)].append((time[:10], *event))
    sale: Sale | None = None
    for _, moment in sorted(moments.items()):
        order = ORDER_WHERE_SOLD if sale else ORDER_ELSEWHERE
        for day, status, rate, currency, words in sorted(moment, key=lambda e: order.index(e[1])):
            before, amount = sale, None if rate is None else Decimal(rate)
            if status == BOOKED:
                sale = Sale(amount, currency, words)
            elif status == CANCELLED:
                sale = None
            elif sale:
                named = tuple(new or old for new, old in zip(words, sale.words, strict=True))
                if amount is None:
                    amount, currency = sale.rate, sale.currency
                sale = Sale(amount, currency, named)
            if sale != before:
                if before:
                    yield Step(night, day, before, -1)
                if sale:
                    yield Step(night, day, sale, 1)


def hotel_currency(steps: list[Step]) -> str | None:
    """Return the currency that most room-nights on the books have; of equals the first."""
    counts = Counter[str]()
    for step in steps:
        if step.sale.rate is not None and step.sale.currency:
            counts[step.sale.currency] += step.sign
    return max(sorted(counts), key=counts.__getitem__, default=None)


def sums(steps: list[Step], key: Callable[[Step], Any], currency: str | None) -> dict[Any, Sums]:
    """Return the sums of steps by a key, without those that are all zero."""
    result: dict[Any, Sums] = defaultdict(Sums)
    for step in steps:
        has_rate = step.sale.rate is not None and step.sale.currency == currency
        amount = step.sale.rate or Decimal(0) if has_rate else Decimal(0)
        room_nights, with_rate, revenue = result[key(step)]
        result[key(step)] = Sums(
            room_nights + step.sign, with_rate + step.sign * has_rate, revenue + step.sign * amount
        )
    return {name: value for name, value in result.items() if value != Sums()}


def compare_money(get: Get, recount: MoneyRecount) -> list[str]:
    """Return the first difference of performance and of pace from the recount, if any."""
    problems: list[str] = []
    for hotel in recount.hotels():
        steps = recount.steps(hotel)
        currency = hotel_currency(steps)
        problems += _compare_performance(get, hotel, steps, currency)
        problems += _compare_pace(get, hotel, steps, currency)
    return problems[:3]


def _compare_performance(
    get: Get, hotel: int, steps: list[Step], currency: str | None
) -> Iterator[str]:
    for basis in ("booked", "stay"):
        for number, by in enumerate(("none", *WORDS), start=-1):

            def key(step: Step, basis: str = basis, number: int = number) -> Any:
                day = step.day if basis == "booked" else step.night
                return (day, step.sale.words[number] if number >= 0 else None)

            rows = get("/dashboard/performance/", hotel_id=hotel, period="day", basis=basis, by=by)
            shown = {}
            for row in rows:
                day = f"{row['year']}-{row['month']:02}-{row['day']:02}"
                shown[day, row.get(by)] = _shown(row, "room_nights", "revenue")
            yield from _difference(
                f"performance of hotel {hotel} ({basis}, by {by})", shown,
                sums(steps, key, currency),
            )  # fmt: skip


def _compare_pace(get: Get, hotel: int, steps: list[Step], currency: str | None) -> Iterator[str]:
    """Compare the months of the year that has most nights, on its last day and in its middle."""
    year = Counter(step.night[:4] for step in steps).most_common(1)[0][0] if steps else "2024"
    for as_of in (f"{year}-06-15", f"{year}-12-31"):
        known = [step for step in steps if step.day <= as_of and step.night[:4] == year]
        rows = get("/dashboard/pace/", hotel_id=hotel, year=int(year), as_of=as_of)
        shown = {row["month"]: _shown(row, "room_nights", "revenue") for row in rows}
        expected = sums(known, lambda step: date.fromisoformat(step.night).month, currency)
        yield from _difference(
            f"pace of hotel {hotel}, {year} as of {as_of}",
            {month: row._replace(with_rate=0) for month, row in shown.items()},
            {month: row._replace(with_rate=0) for month, row in expected.items()},
        )


def _shown(row: dict[str, Any], room_nights: str, revenue: str) -> Sums:
    """Return a row's sums; revenue that is unknown (null) as zero."""
    amount = Decimal(row[revenue] or 0)
    return Sums(row[room_nights], row.get("room_nights_with_rate", 0), amount)


def _difference(name: str, shown: dict[Any, Sums], expected: dict[Any, Sums]) -> Iterator[str]:
    keys = shown.keys() | expected.keys()
    wrong = [key for key in keys if shown.get(key, Sums()) != expected.get(key, Sums())]
    if wrong:
        key = min(wrong, key=str)
        yield (
            f"DIFFERENT: {len(wrong)} rows of the {name}, such as {key}: "
            f"{shown.get(key, Sums())}, not {expected.get(key, Sums())}"
        )
