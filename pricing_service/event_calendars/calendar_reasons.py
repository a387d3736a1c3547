"""What a reading of a calendar stores in words, to be shown in each reader's language."""

from typing import Final

from django.utils.translation import gettext_noop

from common import stored_reasons

# Of the addresses: they are marked where they are raised.
NOT_WEB: Final = "is no web address: give one like https://fair.example/events.ics"
OF_ADDRESSES: Final = (
    NOT_WEB,
    "is too long for an address",
    "is no web address: %(reason)s",
    "is no address: %(error)s",
    "has a user name or password before the host: leave it out",
    "must begin with https://",
)
OF_READINGS: Final = (
    gettext_noop("it leads to %(address)s, which %(reason)s"),
    gettext_noop("it leads from one address to another, without end"),
    gettext_noop("it answered %(status)d"),
    gettext_noop("its answer is larger than %(bytes)s bytes"),
    gettext_noop("its answer cannot be decoded"),
    gettext_noop("it is no iCalendar file: it does not begin with BEGIN:VCALENDAR"),
    gettext_noop("it has more than %(count)s entries"),
    gettext_noop("its recurring entries take too long to read"),
    gettext_noop("it has more than %(count)s events in the coming years"),
    gettext_noop("It has no events in the coming two years."),
)
# What an exchange with a server on the Internet says, here and of webhooks.
OF_EXCHANGES: Final = (
    gettext_noop("its address is no web address"),
    gettext_noop("the name %(host)s was not found in time"),
    gettext_noop("the name %(host)s is not known: %(reason)s"),
    gettext_noop(
        "%(host)s is not a public address: give one of the Internet, or have the operator name the "
        "receiver in WEBHOOK_INTERNAL_HOSTS"
    ),
    gettext_noop("did not answer within %(seconds)s s"),
    gettext_noop("no connection in time"),
    gettext_noop("no valid HTTP answer"),
    gettext_noop("its certificate is not valid: %(reason)s"),
    gettext_noop("TLS failed: %(reason)s"),
    gettext_noop("has no address"),
    gettext_noop("connection refused"),
    gettext_noop("network is unreachable"),
    gettext_noop("answered %(status)d"),
    gettext_noop("answered %(status)d: redirects are not followed"),
)
COUNTED: Final = (
    ("%(count)d entry cannot be read.", "%(count)d entries cannot be read."),
    (
        "%(count)d entry is on too often to be special.",
        "%(count)d entries are on too often to be special.",
    ),
    (
        "Of %(count)d recurring entry only the first time is known.",
        "Of %(count)d recurring entries only the first time is known.",
    ),
)


def register() -> None:
    """Tell all of them; called once, at the start."""
    stored_reasons.register(*OF_ADDRESSES, *OF_READINGS, *OF_EXCHANGES)
    for one, more in COUNTED:
        stored_reasons.register_counted(one, more)


def notice_in_words(notice: str) -> str:
    """Return what of a file could not be used, sentence by sentence, in the active language."""
    sentences = (f"{sentence}." for sentence in notice.rstrip(".").split(". "))
    return " ".join(stored_reasons.in_words(sentence) for sentence in sentences) if notice else ""
