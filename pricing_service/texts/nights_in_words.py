"""Nights in words: 26 nights, Fridays and Saturdays from … to …

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from common.translatable_text import Text, day
from pricing_service.engine.night_runs import seasons
from pricing_service.engine.seasons import WEEK
from pricing_service.texts.text_parts import WEEKDAY_PLURALS, listed_with_and


def nights_in_words(nights: Sequence[date]) -> Text:
    """Return nights as people say them: how many, from when to when, on which weekdays."""
    count = len(set(nights))
    values = {"count": count, "first": day(min(nights)), "last": day(max(nights))}
    if count == 1:
        return Text("1 night, %(first)s", values)
    found = seasons(nights)
    weekdays = sorted(found[0].weekdays) if len(found) == 1 else []
    if not weekdays or len(weekdays) == WEEK:
        return Text("%(count)d nights from %(first)s to %(last)s", values)
    names = listed_with_and([WEEKDAY_PLURALS[weekday] for weekday in weekdays])
    return Text(
        "%(count)d nights, %(weekdays)s from %(first)s to %(last)s", values | {"weekdays": names}
    )
