"""Which price a booking system confirmed last of each night, and what keeps prices from it.

Two sources, of which a hotel has one: a system that reports on itself (`PUT /prices/delivered/`),
and the webhook's receiver, which confirms by answering a post. A report says how things are now:
a problem that is not named any more is mended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import router, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.currencies import format_amount
from pricing_service.delivered.delivered_models import DeliveredPrice, DeliveryReport
from pricing_service.delivery.told_prices import present_receiver
from pricing_service.delivery.webhook_models import ToldPrice
from pricing_service.models import PricingRules

# Kept until no hotel's own date is as early any more.
KEPT: Final = timedelta(days=2)
ROWS_PER_QUERY: Final = 500
HOUSE: Final = ""


@dataclass(frozen=True)
class Confirmed:
    """What the booking system has of a night.

    Attributes:
        price: None if it confirmed none, or that the night is closed.
        problem: why it has not the present price; "" if nothing is wrong.
    """

    price: Decimal | None
    currency: str
    confirmed_at: datetime | None
    problem: str = ""


@dataclass(frozen=True)
class Delivered:
    """What a hotel's booking system has, by night and room type ("": the house).

    Attributes:
        system: its name, for people.
        problem: why no price goes there now; "" if they do.
    """

    system: str
    problem: str = ""
    problem_since: datetime | None = None
    prices: Mapping[tuple[date, str], Confirmed] = field(default_factory=dict)

    def of(self, night: date, room_type: str | None, is_house: bool) -> Confirmed | None:
        """Return what it has of a night; None if it never said anything of it.

        Args:
            room_type: the type's name; None of a hotel without types.
            is_house: the type's price is the house's, which a system may name either way.
        """
        found = self.prices.get((night, room_type or HOUSE))
        return found or (self.prices.get((night, HOUSE)) if is_house else None)


def delivered(rules: PricingRules, first: date, last: date) -> Delivered | None:
    """Return what a hotel's booking system has of nights; None where no system says so.

    Raises: django.db.Error.
    """
    nights = {"hotel_id": rules.hotel_id, "night__range": (first, last)}
    if report := DeliveryReport.objects.filter(pk=rules.hotel_id).first():
        rows = DeliveredPrice.objects.filter(**nights)
        prices = {
            (row.night, row.room_type): Confirmed(
                row.price, row.currency, row.confirmed_at, row.problem
            )
            for row in rows
        }
        return Delivered(report.system, report.problem, report.problem_since, prices)
    receiver = present_receiver(rules) if rules.webhook_url else None
    if receiver is None:
        return None
    told = ToldPrice.objects.filter(**nights)
    prices = {
        (row.night, row.room_type): Confirmed(row.price, row.currency, row.told_at) for row in told
    }
    problem = receiver.answer if receiver.failing_since else ""
    return Delivered(_("the webhook's receiver"), problem, receiver.failing_since, prices)


def save_report(
    hotel_id: int, system: str, problem: str, prices: Sequence[Mapping[str, Any]]
) -> None:
    """Save a booking system's report; nights that it does not name stay as they were.

    Args:
        problem: "" ends the one before.
        prices: with `night`, `room_type`, `price`, `currency`, `confirmed_at`, `problem`.
    Raises:
        django.db.Error: nothing was saved.
    """
    now = timezone.now()
    with transaction.atomic(using=router.db_for_write(DeliveryReport)):
        known = DeliveryReport.objects.filter(pk=hotel_id).first()
        since = known.problem_since if known and known.problem and problem else now
        DeliveryReport.objects.update_or_create(
            hotel_id=hotel_id,
            defaults={
                "system": system,
                "problem": problem,
                "problem_since": since if problem else None,
                "reported_at": now,
            },
        )
        DeliveredPrice.objects.bulk_create(
            [DeliveredPrice(hotel_id=hotel_id, **row) for row in prices],
            batch_size=ROWS_PER_QUERY,
            update_conflicts=True,
            unique_fields=["hotel_id", "night", "room_type"],
            update_fields=["price", "currency", "confirmed_at", "problem"],
        )
        DeliveredPrice.objects.filter(hotel_id=hotel_id, night__lt=now.date() - KEPT).delete()


def forget_reports(hotel_id: int) -> int:
    """Forget what a hotel's booking system reported, and return of how many nights and types."""
    with transaction.atomic(using=router.db_for_write(DeliveryReport)):
        DeliveryReport.objects.filter(pk=hotel_id).delete()
        return DeliveredPrice.objects.filter(hotel_id=hotel_id).delete()[0]


def report_rows(hotel_id: int, first: date | None, last: date | None) -> list[dict[str, Any]]:
    """Return what a system reported of nights as REST shows it, in order of time."""
    rows = DeliveredPrice.objects.filter(hotel_id=hotel_id)
    if first:
        rows = rows.filter(night__gte=first)
    if last:
        rows = rows.filter(night__lte=last)
    report = DeliveryReport.objects.filter(pk=hotel_id).first()
    general = report.problem if report else ""
    return [
        {
            "hotel_id": hotel_id,
            "night": row.night,
            "room_type": row.room_type or None,
            "price": None if row.price is None else format_amount(row.price, row.currency),
            "currency": row.currency,
            "confirmed_at": row.confirmed_at,
            "problem": row.problem or general,
            "system": report.system if report else "",
        }
        for row in rows
    ]
