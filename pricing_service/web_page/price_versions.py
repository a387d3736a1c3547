"""The versions of hotels' prices and rules, for pages that ask whether they changed.

What the state of the pricing page depends on (`page_content.page_state`), of many hotels at once.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Max, Model, OuterRef, Subquery
from django.utils import timezone

from common.page_versions import HOTEL, Source
from pricing_service.decisions.undo_models import UndoStep
from pricing_service.delivered.delivered_models import DeliveryReport
from pricing_service.delivery.webhook_models import WebhookReceiver
from pricing_service.event_calendars.calendar_models import EventCalendar
from pricing_service.market_rates.rate_models import CompetitorRate
from pricing_service.models import PricingRules, PricingState
from pricing_service.rules.rule_list_models import NightNote

# Between a change's time and its commit, and between the clocks of machines. What takes longer is
# found by the look at everything.
LATE: Final = timedelta(seconds=10)
# By whose time it shows that something of a hotel's prices moved.
MOVING: Final[tuple[tuple[type[Model], str], ...]] = (
    (PricingState, "priced_at"),
    (PricingRules, "updated_at"),
    (UndoStep, "made_at"),  # the decisions of people
    (UndoStep, "undone_at"),
)


def _read(hotels: list[int]) -> dict[int, Hashable]:
    """Raises: django.db.Error."""
    of_hotels = {"hotel_id__in": hotels}
    newest_rate = CompetitorRate.objects.filter(hotel_id=OuterRef("hotel_id")).order_by("-id")
    newest_step = UndoStep.objects.filter(hotel_id=OuterRef("hotel_id"), undone_at=None)
    rules = PricingRules.objects.filter(**of_hotels).values_list(
        "hotel_id",
        "updated_at",
        Subquery(newest_rate.values("id")[:1]),
        Subquery(newest_step.order_by("-id").values("id")[:1]),
    )
    notes = NightNote.objects.filter(**of_hotels).order_by().values_list("hotel_id")
    calendars = EventCalendar.objects.filter(**of_hotels).order_by().values_list("hotel_id")
    found: dict[int, list[Hashable]] = {hotel: [] for hotel in hotels}
    rows: Iterable[Any]
    for name, rows in (
        ("state", PricingState.objects.filter(**of_hotels).values_list()),
        ("rules", rules),
        ("notes", notes.annotate(Max("id"))),
        ("webhook", WebhookReceiver.objects.filter(**of_hotels).values_list()),
        ("report", DeliveryReport.objects.filter(**of_hotels).values_list()),
        ("calendars", calendars.annotate(
            Count("events"), Max("events__answered_at"), Max("parsed_at"))),
    ):  # fmt: skip
        for row in rows:
            found[row[0]].append((name, row))  # each begins with the hotel's number
    return {hotel: tuple(values) for hotel, values in found.items()}


def _moved(since: datetime | None) -> tuple[Collection[int], Any]:
    """Return the hotels of which something moved. Raises: django.db.Error."""
    now = timezone.now()
    moved: set[int] = set()
    if since is not None:
        for model, column in MOVING:
            rows = model._default_manager.order_by().filter(**{f"{column}__gt": since - LATE})
            moved.update(rows.values_list("hotel_id", flat=True))
    return moved, now


SOURCE = Source(HOTEL, _read, _moved)
