"""What the web page shows for a choice of hotel, year, period and basis.

Every number is a sum of the same daily rows that `GET /dashboard/` reads, so the page cannot
disagree with the API. The comparison with the year before is between like and like: a span that
is over is compared with the whole span a year earlier; a running one with what was known of that
span on the same day a year earlier (the field's "same time last year"). The cancellation rate is
cancelled room-nights by booked room-nights of the same span; occupancy is net room-nights by
rooms to sell times nights.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils import timezone

from common.access_rights import Access
from dashboard_service import aggregation, figures
from dashboard_service.counting.event_counts import Counts
from dashboard_service.models import Basis, HotelFigures, HotelProfile

LISTED_HOTELS = 500  # more cannot be chosen from a list
LEVELS = 5  # of the heat map, above nothing
PICKUP_NIGHTS = 90
Days = dict[date, Counts]
NOTHING = Counts(0, 0)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What somebody looks at. A month is chosen only with period `day`."""

    hotel_id: int
    period: figures.Period
    basis: str
    year: int
    month: int | None = None

    @property
    def address(self) -> str:
        """The query string that shows this choice again; also understood by `GET /dashboard/`."""
        given = {
            "hotel_id": self.hotel_id,
            "year": self.year,
            "month": self.month,
            "period": self.period,
            "basis": self.basis,
        }
        return "?" + urlencode({name: value for name, value in given.items() if value is not None})

    @property
    def rows_address(self) -> str:
        """The rows of the table over REST: all years where the period is the year."""
        if self.period != "year":
            return "/dashboard/" + self.address
        given = {"hotel_id": self.hotel_id, "period": "year", "basis": self.basis}
        return "/dashboard/?" + urlencode(given)

    @property
    def span(self) -> tuple[date, date]:
        """First and last day of the figures: of the month, or of the year."""
        return _span(self.year, self.month)

    def to(self, **changes: Any) -> "Choice":
        return replace(self, **changes)


def _span(year: int, month: int | None) -> tuple[date, date]:
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def a_year_before(day: date) -> date:
    """The same day of the year before; 28 February for the 29th."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def _with_figures(access: Access) -> QuerySet[HotelFigures]:
    found = HotelFigures.objects.order_by("hotel_id")
    return found if access.hotels is None else found.filter(hotel_id__in=access.hotels)


def hotels(access: Access) -> list[HotelProfile]:
    """The hotels to choose from, by number; one more than LISTED_HOTELS where there are more."""
    numbers = list(_with_figures(access).values_list("hotel_id", flat=True)[: LISTED_HOTELS + 1])
    profiles = HotelProfile.objects.in_bulk(numbers)
    return [profiles.get(number) or HotelProfile(hotel_id=number) for number in numbers]


def first_hotel(access: Access) -> int | None:
    """The hotel to show when nobody chose one; None when there is no data."""
    return _with_figures(access).values_list("hotel_id", flat=True).first()


def state(hotel_id: int | None, access: Access) -> tuple[Any, ...]:
    """What the page of a hotel depends on beside the choice; cheap to ask again and again."""
    listed = [(hotel.hotel_id, hotel.name) for hotel in hotels(access)]
    hour = f"{timezone.now():%Y-%m-%d %H}"  # when a day begins, events of the future come true
    if hotel_id is None:
        return None, listed, hour
    profile = HotelProfile.objects.filter(hotel_id=hotel_id).values_list().first()
    is_rebuilt = not aggregation.position().rebuild_needed
    return figures.changed_at(hotel_id), listed, hour, hotel_id, profile, is_rebuilt


def content(
    hotel_id: int, period: figures.Period, basis: str, year: int | None, month: int | None
) -> dict[str, Any]:
    """Everything on the page of a hotel that has figures."""
    profile = HotelProfile.objects.filter(pk=hotel_id).first() or HotelProfile(hotel_id=hotel_id)
    bounds = figures.bounds(hotel_id, basis)
    booked = bounds if basis == Basis.BOOKED else figures.bounds(hotel_id, Basis.BOOKED)
    today = figures.newest_day(hotel_id)
    if bounds is None or booked is None or today is None:
        return {"profile": profile}
    newest_year = min(max(today.year, bounds[0].year), bounds[1].year)
    choice = Choice(
        hotel_id=hotel_id, period=period, basis=basis, year=year or newest_year, month=month
    )
    first, last = _span(choice.year, None)
    days = figures.by_day(hotel_id, basis, first.replace(year=max(1, first.year - 1)), last)
    rooms = profile.rooms if basis == Basis.STAY else None
    rows = _rows(choice, days, rooms, bounds[0], today)
    comparison = _comparison(choice, today, bounds[0], booked[0])
    return {
        "profile": profile,
        "choice": choice,
        "years": _years(choice),
        "periods": [
            (name, choice.to(period=name, month=None)) for name in ("day", "month", "year")
        ],
        "bases": [(choice.to(basis=value), value) for value in (Basis.BOOKED, Basis.STAY)],
        "months": _months(choice) if choice.month else None,
        "has_data": any(choice.span[0] <= day <= choice.span[1] for day in days),
        "bounds": bounds,
        "today": today,
        "rooms": rooms,
        "future": booked[1] if booked[1] > today else None,
        "cards": _cards(choice, days, comparison, rooms, bounds[0]),
        "comparison": comparison,
        "came_in": figures.came_in(hotel_id),
        "rows": rows,
        "sum": _sum_of(rows),
        "chart": _chart(choice, rows),
        "heat": _heat(choice, days, rooms, today),
        **_pickup(hotel_id, profile.rooms),
    }


def _years(choice: Choice) -> list[Choice]:
    known = set(figures.years(choice.hotel_id, choice.basis)) | {choice.year}
    return [choice.to(year=year, month=None) for year in sorted(known)]


def _months(choice: Choice) -> dict[str, Choice | None]:
    month = choice.month or 1
    return {
        "all": choice.to(month=None, period="month"),
        "before": choice.to(month=month - 1) if month > 1 else None,
        "after": choice.to(month=month + 1) if month < 12 else None,
    }


def _sum(days: Days, first: date, last: date) -> Counts:
    wanted = [counts for day, counts in days.items() if first <= day <= last]
    return Counts(
        sum(counts.gross for counts in wanted), sum(counts.cancelled for counts in wanted)
    )


def _net(counts: Counts) -> int:
    return counts.gross - counts.cancelled


def _rate(counts: Counts) -> float | None:
    return counts.cancelled / counts.gross if counts.gross else None


def _nights(first: date, last: date) -> int:
    return (last - first).days + 1


# --- the figures -------------------------------------------------------------------------------


def _comparison(choice: Choice, today: date, first_day: date, first_booked: date) -> dict[str, Any]:
    """What the figures are compared with, in dates.

    Args:
        first_day: from which the hotel has data on the basis.
        first_booked: from which it has data at all: what was on the books before is not known.
    """
    first, last = _span(choice.year - 1, choice.month)
    is_running = choice.span[1] > today
    is_stay = choice.basis == Basis.STAY
    end = a_year_before(today)
    as_of = end if is_running and is_stay else None
    if is_running and not is_stay:
        last = min(last, end)
    # What is known of the nights of a hotel that is new here may lack what was booked before.
    is_new = first_booked > (as_of or first) - timedelta(days=365 if is_stay else 0)
    return {
        "first": first,
        "last": last,
        "as_of": as_of,
        "is_running": is_running,
        "is_there": first <= last and first_day <= last and first_booked <= (as_of or last),
        "nights_from": first_day if is_stay and first < first_day <= last else None,
        "known_from": first_booked if is_new else None,
    }


def _compared(choice: Choice, days: Days, comparison: dict[str, Any]) -> Counts | None:
    """The room-nights of what the figures are compared with; None where there is nothing."""
    if not comparison["is_there"]:
        return None
    first, last, as_of = comparison["first"], comparison["last"], comparison["as_of"]
    if as_of is not None:
        return figures.as_it_stood(choice.hotel_id, first, last, as_of)
    return _sum(days, first, last)


def _occupancy(counts: Counts, rooms: int, span: tuple[date, date], first: date) -> float | None:
    """Net room-nights by rooms to sell, of the nights from the hotel's first on."""
    start = max(span[0], first)
    return _net(counts) / (rooms * _nights(start, span[1])) if start <= span[1] else None


def _cards(
    choice: Choice,
    days: Days,
    comparison: dict[str, Any],
    rooms: int | None,
    first_day: date,
) -> list[dict[str, Any]]:
    """The figures of the span, each with the same of the year before; None where there is none."""
    now = _sum(days, *choice.span)
    before = _compared(choice, days, comparison)

    def card(
        name: str, unit: str, of: Callable[[Counts, int], float | None], good: int, **more: Any
    ) -> dict[str, Any]:
        value = of(now, choice.year)
        last = of(before, choice.year - 1) if before is not None else None
        change = None
        if value is not None and last is not None:
            if unit == "percent":
                change = (value - last) * 100
            elif last > 0:
                change = (value - last) / last
        sign = 0 if not change else 1 if change > 0 else -1
        return {
            "name": name,
            "unit": unit,
            "value": value,
            "last": last,
            "change": change,
            "direction": ("same", "up", "down")[sign],
            "mood": ("", "good", "bad")[sign * good],
            **more,
        }

    cards = [
        card("Net room-nights", "number", lambda counts, _: _net(counts), 1, key="net"),
        card("Gross bookings", "number", lambda counts, _: counts.gross, 1, key="gross"),
        card("Cancelled", "number", lambda counts, _: counts.cancelled, -1, key="cancelled"),
        card("Cancellation rate", "percent", lambda counts, _: _rate(counts), -1, key="rate"),
    ]
    if rooms:

        def occupancy(counts: Counts, year: int) -> float | None:
            return _occupancy(counts, rooms, _span(year, choice.month), first_day)

        cards.append(card("Occupancy", "percent", occupancy, 1, key="occupancy"))
    return cards


# --- the rows of the table, and the chart of them -----------------------------------------------


def _rows(
    choice: Choice, days: Days, rooms: int | None, first_day: date, today: date
) -> list[dict[str, Any]]:
    asked = figures.Span(
        hotel_id=choice.hotel_id,
        period=choice.period,
        basis=choice.basis,
        year=None if choice.period == "year" else choice.year,
        month=choice.month,
    )
    rows = []
    net_before: int | None = None
    for row in figures.periods(asked):
        counts = Counts(row["gross_booking_count"], row["cancellation_count"])
        year, month, day = row["year"], row["month"], row["day"]
        if choice.period == "year":
            span, last_year = _span(year, None), net_before
            net_before = _net(counts)
            opens = choice.to(year=year, period="month")
        elif choice.period == "month":
            span = _span(year, month)
            before = _span(year - 1, month)
            last_year = _net(_sum(days, *before)) if before[1] >= first_day else None
            opens = choice.to(month=month, period="day")
        else:
            span = (date(year, month, day),) * 2
            day_before = a_year_before(span[0])
            is_there = day_before >= first_day and (month, day) != (2, 29)
            last_year = _net(days.get(day_before, NOTHING)) if is_there else None
            opens = None
        rows.append(
            {
                "key": f"{year:04}"
                + (f"-{month:02}" if month else "")
                + (f"-{day:02}" if day else ""),
                "first": span[0],
                "net": _net(counts),
                "gross": counts.gross,
                "cancelled": counts.cancelled,
                "rate": _rate(counts),
                "last_year": last_year,
                "occupancy": _occupancy(counts, rooms, span, first_day) if rooms else None,
                "is_to_come": _is_to_come(choice, span[0], today),
                "is_running": span[0] <= today < span[1],
                "is_ahead": choice.basis == Basis.STAY and span[0] > today,
                "opens": opens.address if opens else None,
            }
        )
    return rows


def _sum_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    counts = Counts(sum(row["gross"] for row in rows), sum(row["cancelled"] for row in rows))
    return {**counts._asdict(), "net": _net(counts), "rate": _rate(counts)}


def _is_to_come(choice: Choice, day: date, today: date) -> bool:
    """Nothing can have been booked on a day after the newest; nights may have been."""
    return choice.basis == Basis.BOOKED and day > today


def _chart(choice: Choice, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The rows as columns. The net line ends where there is nothing yet, instead of at zero."""
    columns = ("key", "gross", "cancelled", "last_year", "opens")
    return {
        "period": choice.period,
        "has_last_year": choice.period != "year" and any(row["last_year"] for row in rows),
        **{name: [row[name] for row in rows] for name in columns},
        "net": [None if row["is_to_come"] else row["net"] for row in rows],
    }


# --- the calendar --------------------------------------------------------------------------------


def _heat(choice: Choice, days: Days, rooms: int | None, today: date) -> dict[str, Any]:
    """A square for each day of the year, in weeks, coloured by where it lies among the others.

    The levels hold equally many of the days on which there was anything: a resort's year is too
    uneven for steps of equal height.
    """
    first, last = _span(choice.year, None)
    nets = {day: _net(counts) for day, counts in days.items() if first <= day <= last}
    some = sorted(net for net in nets.values() if net > 0)
    tops = [some[max(0, len(some) * (n + 1) // LEVELS - 1)] for n in range(LEVELS)] if some else []

    def square(day: date) -> dict[str, Any]:
        net = nets.get(day, 0)
        level = next((n for n, top in enumerate(tops, 1) if net <= top), 0) if net > 0 else 0
        return {
            "day": day,
            "net": net,
            "level": "minus" if net < 0 else "later" if _is_to_come(choice, day, today) else level,
            "occupancy": net / rooms if rooms else None,
        }

    months = []
    for month in range(1, 13):
        start, end = _span(choice.year, month)
        squares: list[dict[str, Any] | None] = [None] * start.weekday()
        squares += [square(start + timedelta(days=n)) for n in range(end.day)]
        squares += [None] * (-len(squares) % 7)
        months.append(
            {
                "first": start,
                "choice": choice.to(month=month, period="day"),
                "weeks": [squares[n : n + 7] for n in range(0, len(squares), 7)],
            }
        )
    bottoms = [1, *(top + 1 for top in tops)]
    legend = [
        {"level": level, "from": bottom, "to": top}
        for level, (bottom, top) in enumerate(zip(bottoms, tops, strict=False), 1)
        if bottom <= top
    ]
    return {
        "months": months,
        "legend": legend,
        "has_minus": any(net < 0 for net in nets.values()),
    }


# --- pickup --------------------------------------------------------------------------------------


def _pickup(hotel_id: int, rooms: int | None) -> dict[str, Any]:
    """The coming nights, with occupancy where the rooms are known, and their sum."""
    nights = figures.pickup(hotel_id, None, PICKUP_NIGHTS)
    names = ("on_the_books", *(f"pickup_{days}" for days in figures.PICKUP_DAYS))
    total: dict[str, Any] = {name: sum(night[name] for night in nights) for name in names}
    if rooms:
        for night in nights:
            night["occupancy"] = night["on_the_books"] / rooms
        total["occupancy"] = total["on_the_books"] / (rooms * PICKUP_NIGHTS)
    return {"pickup": nights, "pickup_total": total, "pickup_rooms": rooms}
