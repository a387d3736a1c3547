"""An invitation's way to the person: a mail through the queue or, without a mail server, its link.

Only the invitation's key passes through the queue: the link is made where the mail is written.
"""

import logging

import redis
from django.utils.translation import get_language, gettext_noop
from kombu.exceptions import OperationalError

from accounts import rate_limits
from accounts.models import Invitation
from accounts.people.invitation_mail import link_of, save_outcome
from accounts.tasks import send_invitation_mail
from common.mails import mail_is_sent

logger = logging.getLogger(__name__)

# Stored in English, translated when they are shown.
TOO_MANY = gettext_noop("this address got five mails within an hour: try again later")
NOT_QUEUED = gettext_noop("the queue of mails does not answer: send it again in some minutes")


def deliver(invitation: Invitation, base_url: str) -> str | None:
    """Have an invitation mailed; without a mail server return its link, to be passed on by hand.

    The invitation says what became of its mail.
    """
    if not mail_is_sent():
        return link_of(invitation, base_url)
    if rate_limits.is_mailbox_full(invitation.address):
        save_outcome(invitation, TOO_MANY)
        return None
    try:
        send_invitation_mail.apply_async(
            (invitation.pk, base_url), retry=False, headers={"language": get_language()}
        )
    except (OperationalError, redis.RedisError, OSError) as error:
        logger.error("an invitation's mail was not queued: %s", error)
        save_outcome(invitation, NOT_QUEUED)
    return None
