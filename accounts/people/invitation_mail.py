"""The mail of an invitation, written and sent by a worker, and what became of it.

It is in the language of the person who is invited, if they have a login and have chosen one, else
in that of whoever invites.
"""

from urllib.parse import urljoin

from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from accounts.hotel_roles import find_user
from accounts.language.language_choice import in_language_of, language_of_user
from accounts.models import Invitation, Role, parse_stored_hotels
from accounts.people.invitations import link_token
from common import hotel_directory
from common.mails import build_mail

NAMED_HOTELS = 10


def link_of(invitation: Invitation, base_url: str) -> str:
    """Return the link with which an invitation is accepted."""
    return urljoin(base_url, reverse("invitation-link", args=[link_token(invitation)]))


def send(invitation_id: int, base_url: str, language: str = "") -> None:
    """Send the mail of an invitation that is still open.

    Args:
        language: of the page from which somebody is invited.
    Raises: OSError.
    """
    invitation = Invitation.objects.filter(pk=invitation_id).first()
    if invitation is None or not invitation.is_open:
        return
    language = language_of_user(invitation.invited_by, fallback=language)
    with in_language_of(find_user(invitation.address), fallback=language):
        mail = _mail(invitation, base_url)
    try:
        mail.send()
    except OSError as error:
        save_outcome(invitation, f"{type(error).__name__}: {error}")
        raise
    save_outcome(invitation, "")


def _mail(invitation: Invitation, base_url: str) -> EmailMultiAlternatives:
    hotels = sorted(parse_stored_hotels(invitation.hotels))
    names = hotel_directory.hotels().names(hotels[:NAMED_HOTELS])
    context = {
        "invitation": invitation,
        "role": Role(invitation.role),
        "hotels": list(names.values()),
        "more_hotels": max(0, len(hotels) - NAMED_HOTELS),
        "link": link_of(invitation, base_url),
    }
    return build_mail("accounts/mails/invitation", invitation.address, context)


def save_outcome(invitation: Invitation, error: str) -> None:
    """Save whether this sending's mail was sent, or why not."""
    # Only of this sending: another one may have begun meanwhile.
    sending = Invitation.objects.filter(pk=invitation.pk, secret=invitation.secret)
    sending.update(is_mailed=not error, mail_error=error[:200])
