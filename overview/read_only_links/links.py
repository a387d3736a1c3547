"""Making, finding and revoking read-only links.

A link is a random text of 256 bits, so that nobody guesses one. It is worth what its maker may do:
when that user may no longer share the hotel's figures, or is deactivated, the link ends.
"""

import hashlib
import logging
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.hotel_roles import user_access
from common.access_rights import Ability, Access
from common.number_and_date_texts import date_text
from dashboard_service.month_report.report_views import may_share
from overview.read_only_links.link_models import ReadOnlyLink

VALID_DAYS: Final = (1, 7, 30)
MAX_LIVE_LINKS: Final = 50  # of a hotel; more are a mistake, and nobody would look through them
TOKEN_BYTES: Final = 32

logger = logging.getLogger("access")


class UnknownLink(Exception):
    """There is no such link."""


class EndedLink(Exception):
    """The link is no longer valid; the message says why."""


class TooManyLinks(Exception):
    """The hotel has as many live links as it may have."""


def make_link(
    *, hotel_id: int, days: int, purpose: str, access: Access, user_id: int | None
) -> tuple[ReadOnlyLink, str]:
    """Make a link; return it with its text, which is not stored.

    Args:
        days: until it expires.
        access: of its maker, which the caller has checked.
        user_id: its maker; None in an open system.
    Raises:
        TooManyLinks, django.db.Error.
    """
    now = timezone.now()
    if live_links(hotel_id, now).count() >= MAX_LIVE_LINKS:
        raise TooManyLinks
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = ReadOnlyLink.objects.create(
        hotel_id=hotel_id,
        token_hash=_hash(token),
        purpose=purpose,
        made_by=access.name,
        user_id=user_id,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    logger.info("%s made by %s, until %s", link, access.name, f"{link.expires_at:%Y-%m-%d %H:%M}")
    return link, token


def find_link(token: str) -> ReadOnlyLink:
    """Return the valid link with this text. Raises: UnknownLink, EndedLink, django.db.Error."""
    link = ReadOnlyLink.objects.select_related("user").filter(token_hash=_hash(token)).first()
    if link is None:
        raise UnknownLink
    if link.revoked_at is not None:
        raise EndedLink(_("it was revoked"))
    if link.expires_at <= timezone.now():
        raise EndedLink(_("it expired on %(day)s") % {"day": date_text(link.expires_at, "long")})
    if not _maker_may_share(link):
        raise EndedLink(_("the person who made it may no longer share these figures"))
    return link


def live_links(hotel_id: int, now: datetime) -> Any:
    """Return a hotel's links that are neither expired nor revoked, the newest first."""
    return ReadOnlyLink.objects.filter(
        hotel_id=hotel_id, expires_at__gt=now, revoked_at__isnull=True
    )


def revoke_link(*, hotel_id: int, link_id: int, who: str) -> bool:
    """Revoke a hotel's link; return whether it was live. Raises: django.db.Error."""
    now = timezone.now()
    revoked = live_links(hotel_id, now).filter(pk=link_id).update(revoked_at=now, revoked_by=who)
    if revoked:
        logger.info("link %s to the report of hotel %s revoked by %s", link_id, hotel_id, who)
    return bool(revoked)


def _maker_may_share(link: ReadOnlyLink) -> bool:
    if settings.API_AUTH == "open":
        return True
    if link.user is None or not link.user.is_active:
        return False
    access = user_access(link.user)
    return access.may(Ability.READ_DASHBOARD, link.hotel_id) and may_share(access, link.hotel_id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
