"""What alerts of a hotel are decided by: read for many hotels at once, in few statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard_service.figures import several_hotels
from dashboard_service.figures.rooms_for_sale import RoomsForSaleByNight
from dashboard_service.models import HotelProfile
from overview.alerts.alert_models import AlertKind
from overview.alerts.nights_at_bound import NightAtBound, nights_at_bound
from pricing_service.delivery.webhook_models import WebhookReceiver
from pricing_service.demand import stale_hotels
from pricing_service.models import PricingRules

NIGHTS_AHEAD = timedelta(days=730)  # beyond, bookings are mistyped years
OF_FIGURES = {AlertKind.NIGHT_PICKUP, AlertKind.HOUSE_PICKUP}
LASTING = {AlertKind.STALE, AlertKind.DELIVERIES}  # are so without any new figure


@dataclass(frozen=True, kw_only=True)
class HotelSituation:
    """One hotel at a moment; what no rule asks for is empty.

    Attributes:
        changes: room-nights that the events of a day added to a night, by night and day.
        cancelled: room-nights cancelled, by day.
        on_the_books: by night.
        failing_since: since when the booking system takes no prices.
        language: the hotel's own; empty for none.
    """

    hotel_id: int
    name: str
    time_zone: str
    now: datetime
    rooms: RoomsForSaleByNight
    changes: Mapping[tuple[date, date], int] = field(default_factory=dict)
    cancelled: Mapping[date, int] = field(default_factory=dict)
    on_the_books: Mapping[date, int] = field(default_factory=dict)
    at_bound: tuple[NightAtBound, ...] = ()
    stale_since: date | None = None
    failing_since: datetime | None = None
    answer: str = ""
    language: str = ""

    @property
    def today(self) -> date:
        """Today in the hotel's time zone."""
        return self.local_day(self.now)

    def local_day(self, moment: datetime) -> date:
        """Return the day of a moment in the hotel's time zone."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True)
class LastingTroubles:
    """Hotels whose events have stopped, and those whose booking system takes no prices."""

    stale: dict[int, date]
    failing: dict[int, tuple[datetime, str]]


def lasting_troubles(hotels: Collection[int]) -> LastingTroubles:
    """Return what is wrong with hotels at this moment; two statements. Raises: django.db.Error."""
    stale = {hotel: day for hotel, day in stale_hotels.stale_hotels() if hotel in hotels}
    receivers = WebhookReceiver.objects.filter(
        hotel_id__in=PricingRules.objects.exclude(webhook_url="").values("hotel_id"),
        changed_at__isnull=False,
        failing_since__isnull=False,
    )
    rows = receivers.values_list("hotel_id", "failing_since", "answer")
    failing = {
        hotel: (since, answer)
        for hotel, since, answer in rows
        if since is not None and hotel in hotels
    }
    return LastingTroubles(stale, failing)


def load_situations(
    kinds: Mapping[int, Collection[str]], troubles: LastingTroubles, now: datetime
) -> list[HotelSituation]:
    """Return the situations of hotels. Raises: django.db.Error.

    Args:
        kinds: the alerts that anybody wants of each hotel; only for these is anything read.
    """
    profiles = several_hotels.profiles_and_rooms(kinds.keys())
    today = {hotel: _today(profile, now) for hotel, (profile, _) in profiles.items()}
    earliest = min(today.values(), default=now.date())
    yesterday, last = earliest - timedelta(days=1), earliest + NIGHTS_AHEAD

    def wanting(*wanted: AlertKind) -> list[int]:
        return [hotel for hotel, asked in kinds.items() if not set(wanted).isdisjoint(asked)]

    pickup, cancellations = wanting(*OF_FIGURES), wanting(AlertKind.CANCELLATIONS)
    occupancy, bound = wanting(AlertKind.OCCUPANCY), wanting(AlertKind.BOUND)
    changes = several_hotels.changes_of_nights(pickup, yesterday, yesterday) if pickup else {}
    cancelled = several_hotels.cancelled_on_days(cancellations, yesterday) if cancellations else {}
    books = several_hotels.on_the_books(occupancy, earliest, last) if occupancy else {}
    at_bound = nights_at_bound(bound, earliest, now) if bound else {}
    return [
        HotelSituation(
            hotel_id=hotel,
            name=str(profile),
            time_zone=profile.counted_time_zone,
            now=now,
            rooms=rooms,
            changes=changes.get(hotel, {}),
            cancelled=cancelled.get(hotel, {}),
            on_the_books=books.get(hotel, {}),
            at_bound=tuple(at_bound.get(hotel, ())),
            stale_since=troubles.stale.get(hotel),
            failing_since=troubles.failing.get(hotel, (None, ""))[0],
            answer=troubles.failing.get(hotel, (None, ""))[1],
            language=profile.language,
        )
        for hotel, (profile, rooms) in profiles.items()
    ]


def _today(profile: HotelProfile, now: datetime) -> date:
    return now.astimezone(ZoneInfo(profile.counted_time_zone)).date()
