"""The log of a connection in the reader's language: who did what.

Acts and their details are stored in English, as codes are; here stands what they say.
"""

from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.stored_reasons import in_words
from connections.models import ConnectionAct

ACTS: Final = {
    "signed in": gettext_lazy("%(who)s signed in"),
    "signed in again": gettext_lazy("%(who)s signed in again"),
    "chose the property": gettext_lazy("%(who)s chose the property"),
    "chose": gettext_lazy("%(who)s chose"),
    "started": gettext_lazy("%(who)s started"),
    "changed": gettext_lazy("%(who)s changed"),
    "stopped": gettext_lazy("%(who)s stopped"),
    "resumed": gettext_lazy("%(who)s resumed"),
    "asked to check now": gettext_lazy("%(who)s asked to check now"),
    "disconnected": gettext_lazy("%(who)s disconnected"),
}
LISTS: Final = ("chose", "changed")  # acts whose details are names of choices and options
NAMES: Final = {
    "service_id": gettext_lazy("service"),
    "rate_id": gettext_lazy("rate"),
    "room_type_id": gettext_lazy("room type"),
    "house_use": gettext_lazy("owner and house use"),
    "columns": gettext_lazy("columns"),
    "time_zone": gettext_lazy("time zone"),
    "tentative counts": gettext_lazy("whether tentative reservations count"),
    "house use counts": gettext_lazy("whether house use counts"),
    "sends prices": gettext_lazy("whether prices are sent"),
    "hand changes": gettext_lazy("what becomes of prices changed by hand"),
}
RATE_OF: Final = "rate_of_"  # begins the names of one choice for each room type


def line_of(act: ConnectionAct) -> SafeString:
    """Return an act as HTML, with the person's name apart from its words."""
    known = ACTS.get(act.act)
    sentence = str(known) if known else f"%(who)s {act.act}"
    before, _who, after = sentence.partition("%(who)s")
    details = _details(act)
    told = format_html(" (<bdi>{}</bdi>)", details) if details else ""
    return format_html("{}<bdi>{}</bdi>{}{}", before, act.who, after, told)


def _details(act: ConnectionAct) -> str:
    if act.act == "started":
        return _("%(years)s years of history") % {"years": act.details.partition(" ")[0]}
    if act.act not in LISTS:
        return in_words(act.details)
    names = (_name(name) for name in act.details.split(", "))
    return ", ".join(dict.fromkeys(name for name in names if name))


def _name(stored: str) -> str:
    """Return a choice's or an option's name; empty for fields of forms that are none."""
    code = "rate_id" if stored.startswith(RATE_OF) else stored
    return str(NAMES.get(code, ""))
