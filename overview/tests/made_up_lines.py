"""Lines of the portfolio without a database."""

from datetime import UTC, date, datetime
from typing import Any

from dashboard_service.figures.many_hotels.hotel_state import HotelState
from dashboard_service.figures.many_hotels.key_figures import SPANS, KeyFigures, NightsPace
from dashboard_service.figures.sold_room_nights import Sold
from dashboard_service.models import HotelProfile
from overview.portfolio.stored_lines import Line
from pricing_service.prices_of_many_hotels import PriceState, PricesToLookAt

TODAY = date(2026, 6, 15)


def line(
    number: int = 1,
    name: str = "",
    *,
    rooms: int | None = 10,
    currency: str | None = "EUR",
    sold: int = 5,
    revenue: int = 500_000,
    pace: tuple[int, int] | None = None,
    pickup: int = 0,
    stale_since: date | None = None,
    mode: str = "automatic",
    failing_since: datetime | None = None,
    **to_look_at: Any,
) -> Line:
    """Return a line of a hotel that sold so many room-nights in each span, for so much together.

    Args:
        revenue: in thousandths of the currency's unit.
    """
    figures = KeyFigures(
        currency=currency, pickup=pickup, stale_since=stale_since, newest_day=TODAY,
        pace=NightsPace(now=pace[0], earlier=pace[1]) if pace else None,
    )  # fmt: skip
    for span in SPANS:
        figures.sold[span] = Sold(
            room_nights=sold, with_rate=sold if currency else 0, revenue=revenue if currency else 0
        )
        figures.rooms_for_sale[span] = None if rooms is None else rooms * span
    return Line(
        state=HotelState(
            profile=HotelProfile(hotel_id=number, name=name, rooms=rooms),
            spans=(), is_followed=True, today=TODAY,
            changed_at=datetime(2026, 6, 15, 10, number % 60, tzinfo=UTC),
        ),
        figures=figures,
        prices=PriceState(mode=mode, failing_since=failing_since),
        to_look_at=PricesToLookAt(**to_look_at),
    )  # fmt: skip
