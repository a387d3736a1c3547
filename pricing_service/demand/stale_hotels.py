"""Says that a hotel's events have stopped, and that they come again: in the log and by mail.

Mails go to the addresses of `ALERT_EMAILS`; without any, the log alone has it. A mail that cannot
be sent is logged and not tried again: page, metrics and `pipeline_status` say it all the time.
"""

import logging
from datetime import date

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet

from dashboard_service.figures_for_pricing import Hotel
from pricing_service.models import Mode, PricingRules, PricingState

logger = logging.getLogger(__name__)


def report(hotel: Hotel, was_stale_since: date | None, stale_since: date | None) -> None:
    """Report that a hotel became stale, or is not stale any more; nothing where it goes on."""
    if (was_stale_since is None) == (stale_since is None):
        return
    if stale_since:
        subject = f"{hotel.name}: no event since {stale_since}"
        text = (
            f"Hotel {hotel.hotel_id}, {hotel.name}, has sent no booking and no cancellation since "
            f"{stale_since}, which is longer than it is usually quiet. Its automatic prices stand "
            f"still until events come again. Check that its booking system sends them."
        )
    else:
        subject = f"{hotel.name}: events come again"
        text = (
            f"Hotel {hotel.hotel_id}, {hotel.name}, sends events again, after a silence since "
            f"{was_stale_since}. Its automatic prices follow them again."
        )
    subject = " ".join(subject.split())  # a name may have line breaks, a header may not
    logger.warning("hotel %s: %s", hotel.hotel_id, subject)
    if not settings.ALERT_EMAILS:
        return
    try:
        send_mail(f"[RoomPriceGenie] {subject}", text, None, settings.ALERT_EMAILS)
    except OSError as error:  # smtplib's errors are, too
        logger.error("mail about hotel %s not sent: %s", hotel.hotel_id, error)


def stale_since(hotel_id: int) -> date | None:
    """Return the day of a hotel's newest event if it is one of `stale_hotels`; else None."""
    days = _stale().filter(hotel_id=hotel_id).values_list("stale_since", flat=True)
    return days.first()


def stale_hotels() -> list[tuple[int, date]]:
    """Return the hotels whose events have stopped, and the day of their newest event.

    Only hotels with prices as of today count: of the others nobody waits for events.
    """
    rows = _stale().order_by("hotel_id")
    return [(row.hotel_id, row.stale_since) for row in rows if row.stale_since]


def _stale() -> QuerySet[PricingState]:
    live = PricingRules.objects.exclude(mode=Mode.OFF).filter(try_as_of=None)
    return PricingState.objects.exclude(stale_since=None).filter(
        hotel_id__in=live.values("hotel_id")
    )
