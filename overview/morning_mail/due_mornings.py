"""Makes the morning mails that are due: one for each subscription and day of the hotel's calendar.

The day is an occasion of the message, so a second run, a crash or another hour on the same day does
not make a second mail. What a run does not finish, the next one does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from dashboard_service.hotel_profiles import get_profiles
from overview.messages.new_messages import Draft, record
from overview.messages.readers import Readers
from overview.morning_mail.morning_digest import Digest, morning_digest
from overview.morning_mail.sending_hours import due_day, next_sending
from overview.morning_mail.subscription_models import MORNING, MorningSubscription

logger = logging.getLogger(__name__)

AT_ONCE = 100


def make_due_mornings(keep_going: Callable[[], bool] = lambda: True) -> int:
    """Make the morning messages that are due; return how many.

    Args:
        keep_going: asked before each subscription.
    Raises:
        django.db.Error.
    """
    now = timezone.now()
    due = MorningSubscription.objects.filter(is_on=True, next_at__lte=now).order_by("next_at", "pk")
    subscriptions = list(due[:AT_ONCE])
    profiles = get_profiles(sorted({one.hotel_id for one in subscriptions}))
    readers, made = Readers(), 0
    digests: dict[tuple[int, frozenset[str], str], Digest] = {}  # readers of a hotel share it
    for subscription in subscriptions:
        if not keep_going():
            break
        zone = profiles[subscription.hotel_id].counted_time_zone
        day = due_day(zone, subscription.hour, now)
        if day is not None and readers.may_read(subscription.user_id, subscription.hotel_id):
            abilities = readers.access(subscription.user_id).abilities
            hotels_own = profiles[subscription.hotel_id].language
            language = readers.language(subscription.user_id, hotels_own)
            key = subscription.hotel_id, frozenset(map(str, abilities)), language
            if key not in digests:
                digests[key] = morning_digest(subscription.hotel_id, abilities, language)
            digest = digests[key]
            draft = Draft(
                user_id=subscription.user_id,
                hotel_id=subscription.hotel_id,
                kind=MORNING,
                occasions={f"{MORNING}/{day}": day + timedelta(days=1)},
                title=digest.title,
                text=digest.text,
                html=digest.html,
                link=digest.link,
                by_mail=True,
            )
            made += record(draft) is not None
        # Unless the user chose another hour meanwhile.
        MorningSubscription.objects.filter(
            pk=subscription.pk, hour=subscription.hour, next_at=subscription.next_at
        ).update(next_at=next_sending(zone, subscription.hour, now))
    return made
