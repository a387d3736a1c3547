"""What the page of alerts says of each alert: its name, and the wish as one sentence.

A sentence is one message, because languages put the number in other places; `sentence_parts` cuts
it where the page has the field of the number.
"""

from typing import Final

from django.utils.translation import gettext_lazy

from overview.alerts.alert_models import AlertKind

NUMBER: Final = "%(number)s"  # where the field stands
NAMES: Final = {
    AlertKind.NIGHT_PICKUP: gettext_lazy("Pickup of a night"),
    AlertKind.HOUSE_PICKUP: gettext_lazy("Pickup of the house"),
    AlertKind.CANCELLATIONS: gettext_lazy("Cancellations"),
    AlertKind.OCCUPANCY: gettext_lazy("Occupancy reached"),
    AlertKind.BOUND: gettext_lazy("Price at its bound"),
    AlertKind.STALE: gettext_lazy("The booking system is silent"),
    AlertKind.DELIVERIES: gettext_lazy("Prices do not arrive"),
}
WISHES: Final = {
    AlertKind.NIGHT_PICKUP: gettext_lazy(
        "Tell me when the books of a night gain %(number)s room-nights or more in a day"
    ),
    AlertKind.HOUSE_PICKUP: gettext_lazy(
        "Tell me when the books of all coming nights gain %(number)s room-nights or more in a day"
    ),
    AlertKind.CANCELLATIONS: gettext_lazy(
        "Tell me when guests cancel %(number)s room-nights or more in a day"
    ),
    AlertKind.OCCUPANCY: gettext_lazy(
        "Tell me when a coming night is booked to %(number)s %% of the rooms or more"
    ),
    AlertKind.BOUND: gettext_lazy(
        "Tell me when a price has been at its minimum or maximum for %(number)s days or longer"
    ),
    AlertKind.STALE: gettext_lazy(
        "Tell me when no booking and no cancellation has come for longer than usual"
    ),
    AlertKind.DELIVERIES: gettext_lazy(
        "Tell me when the booking system has taken no prices for %(number)s hours or longer"
    ),
}
MORNING_WISH: Final = gettext_lazy("Send me the morning at %(number)s")


def sentence_parts(sentence: object) -> tuple[str, str]:
    """Return what stands before and after the number's field, in the active language."""
    before, _, after = str(sentence).partition(NUMBER)
    return before.strip(), after.strip().replace("%%", "%")
