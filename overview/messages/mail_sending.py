"""Messages by mail: one connection for many, and one wrong address does not stop the others.

A server that refuses the recipient for good ends the try for that message; one that does not answer
ends the run, because it would not answer for the next message either.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F
from django.utils import timezone, translation

from common.mails import build_mail, mail_is_sent, public_address
from dashboard_service import figures_for_pricing
from dashboard_service.hotel_profiles import hotel_language
from overview.messages import due_sendings
from overview.messages.message_models import Channel, MessageSending
from overview.messages.readers import Readers
from overview.messages.unsubscribe_link import (
    Subscription,
    unsubscribe_address,
    unsubscribe_headers,
)

logger = logging.getLogger(__name__)

CLAIMED_AT_ONCE = 20
PERMANENT = 500  # SMTP's answers from here on are for good (RFC 5321, 4.2.1)


def send_due_mails(keep_going: Callable[[], bool] = lambda: True) -> int:
    """Send the mails that are due and return how many the server took.

    Args:
        keep_going: asked before each mail.
    Raises:
        django.db.Error.
    """
    readers, taken = Readers(), 0
    connection = get_connection()
    try:
        while keep_going():
            claimed = due_sendings.claim_due(Channel.MAIL, CLAIMED_AT_ONCE)
            if not claimed:
                break
            for number, sending in enumerate(claimed):
                outcome = _send(connection, sending, readers) if keep_going() else None
                if outcome is None:  # not tried: the next run does
                    _release(claimed[number:] if not keep_going() else claimed[number + 1 :])
                    return taken
                taken += outcome
    finally:
        with suppress(OSError):
            connection.close()
    return taken


def _send(connection: Any, sending: MessageSending, readers: Readers) -> bool | None:
    """Send one mail; return whether it was taken, None if the server does not answer."""
    message = sending.message
    user = readers.user(message.user_id)
    if user is None or not readers.may_read(message.user_id, message.hotel_id):
        due_sendings.end_quietly(sending, "the user may not see the hotel any more")
        return False
    if not user.email:
        due_sendings.end_quietly(sending, "the user has no mail address")
        return False
    if not mail_is_sent():
        due_sendings.end_quietly(sending, "no mail server is set")
        return False
    try:
        language = readers.language(message.user_id, hotel_language(message.hotel_id))
        mail = _mail(sending, user.email, language)
        connection.open()
        connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        reason = f"{code} {text.decode(errors='replace')}"
        due_sendings.note_failed(sending, reason, is_final=code >= PERMANENT)
        return False
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        due_sendings.note_failed(sending, f"{error.smtp_code} {error.smtp_error!r}")
        return False
    except ValueError as error:  # an address that no server can be told
        due_sendings.note_failed(sending, f"{type(error).__name__}: {error}", is_final=True)
        return False
    except OSError as error:  # smtplib's other errors are, too
        due_sendings.note_failed(sending, f"{type(error).__name__}: {error}")
        with suppress(OSError):
            connection.close()
        return None
    due_sendings.note_arrived(sending)
    return True


def _mail(sending: MessageSending, address: str, language: str) -> EmailMultiAlternatives:
    message = sending.message
    link = unsubscribe_address(Subscription(message.user_id, message.hotel_id, message.kind))
    hotel = figures_for_pricing.names([message.hotel_id])[message.hotel_id]
    context = {
        "message": message,
        "hotel": hotel,
        "link": public_address(message.link),
        "unsubscribe": link,
    }
    headers = {
        **unsubscribe_headers(link),
        # The same for each try, so that a mail that arrives twice is shown once by many programs.
        "Message-ID": f"<message-{message.pk}@{_domain()}>",
    }
    with translation.override(language):
        return build_mail("overview/mails/message", address, context, headers)


def _domain() -> str:
    return public_address("/").split("/")[2].partition(":")[0]


def _release(claimed: list[MessageSending]) -> None:
    """Give back what was claimed and not tried."""
    keys = [sending.pk for sending in claimed]
    MessageSending.objects.filter(pk__in=keys, next_try_at__isnull=False).update(
        tries=F("tries") - 1, next_try_at=timezone.now()
    )
