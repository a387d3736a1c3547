"""A group quote in plain sentences, from its numbers.

    20 rooms from 12 to 14 May 2028 (2 nights): at 84.00 EUR a room-night or more you earn as much
    as without the group. It displaces about 12 room-nights of other guests, most on Saturday
    13 May (about 9). Offered 95.00: 440 better than without the group.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.number_and_date_texts import date_text, is_english, number_text
from pricing_service.engine.group_value import GroupNight
from pricing_service.texts.written_values import written_amount

# Shares of the rooms: left before the group, and with it, up to which a night is said to be full.
NEARLY_FULL, LAST_ROOMS = 0.2, 0.1
# Shares of the group's rooms that displace other guests: from which, and below which, it is said.
SELLS_OUT, STAYS_EMPTY = 0.8, 0.05
WHOLE_FROM: Final = 100  # amounts of a difference that are told without decimals


def quote_sentence(
    nights: Sequence[GroupNight],
    currency: str,
    least_rate: Decimal,
    offered: Decimal | None,
    gain: Decimal | None,
) -> str:
    """Return the quote in words.

    Args:
        nights: in order of time.
        least_rate, offered: per room-night.
        gain: of the offer over all room-nights; None without an offer.
    """
    wanted = nights[0].wanted
    rooms = ngettext("%(count)d room", "%(count)d rooms", wanted) % {"count": wanted}
    values = {
        "rooms": rooms,
        "stay": _stay([night.night for night in nights]),
        "rate": written_amount(least_rate, currency),
        "currency": currency,
    }
    if least_rate:
        text = _(
            "%(rooms)s %(stay)s: at %(rate)s %(currency)s a room-night or more you earn as much as "
            "without the group."
        )
    else:
        text = _(
            "%(rooms)s %(stay)s: these rooms would stay empty, so that you lose nothing at any "
            "rate."
        )
    parts = [text % values, _displaced(nights)]
    if offered is not None and gain is not None:
        parts.append(_offer(offered, gain, currency))
    return " ".join(parts)


def stale_warning(since: date) -> str:
    """Return what a quote says where the hotel's events have stopped."""
    return _("No event since %(date)s: what was booked later is not in it.") % {
        "date": date_text(since, "long")
    }


def night_note(night: GroupNight, *, is_held: bool = False, recommended: str = "") -> str:
    """Return what is to be known of a night; empty where nothing is.

    Args:
        is_held: whether a person keeps the night's price.
        recommended: price of the night, where the price in force is below its least rate.
    """
    left, after = night.rooms_left, night.rooms_left - night.wanted
    parts = []
    if left <= NEARLY_FULL * night.rooms:
        parts.append(
            _("Nearly full: %(booked)d of %(rooms)d rooms are booked.")
            % {"booked": night.rooms - left, "rooms": night.rooms}
        )
    if not after:
        parts.append(
            _("The group takes the last room.") if left == 1 else _("No room is left then.")
        )
    elif after <= max(1.0, LAST_ROOMS * night.rooms):
        parts.append(
            ngettext("%(count)d room is left then.", "%(count)d rooms are left then.", after)
            % {"count": after}
        )
    if night.room_nights >= SELLS_OUT * night.wanted:
        parts.append(_("Sells out without the group, most likely."))
    elif night.room_nights < STAYS_EMPTY * night.wanted:
        parts.append(_("These rooms would stay empty, most likely."))
    if is_held:
        parts.append(_("Counted at the price that a person set."))
    elif recommended:
        parts.append(_("Counted with recommended prices: now %(price)s.") % {"price": recommended})
    return " ".join(parts)


def _stay(nights: Sequence[date]) -> str:
    """Return the nights: on one day, from arrival to departure, or as many between two days."""
    first, last = nights[0], nights[-1]
    if len(nights) == 1:
        return _("on %(day)s") % {"day": date_text(first, "long-day")}
    is_one_stay = (last - first).days == len(nights) - 1
    end = last + timedelta(days=1) if is_one_stay else last
    values = {
        "count": len(nights), "first": _start(first, end), "last": date_text(end, "long"),
    }  # fmt: skip
    if is_one_stay:
        return _("from %(first)s to %(last)s (%(count)d nights)") % values
    return _("on %(count)d nights from %(first)s to %(last)s") % values


def _start(first: date, end: date) -> str:
    """Return the first day without what the last one says, too; whole in other languages."""
    if not is_english() or first.year != end.year:
        return date_text(first, "long")
    return str(first.day) if first.month == end.month else date_text(first, "long-short")


def _displaced(nights: Sequence[GroupNight]) -> str:
    told = [(night, round(night.room_nights)) for night in nights if night.room_nights >= 0.5]
    if not told:
        return _("It displaces hardly any other guest.")
    most, count = max(told, key=lambda pair: pair[0].room_nights)
    values = {"day": date_text(most.night, "long-weekday-short"), "count": count}
    if len(told) == 1:
        return (
            ngettext(
                "On %(day)s it displaces about %(count)d room of other guests.",
                "On %(day)s it displaces about %(count)d rooms of other guests.",
                count,
            )
            % values
        )
    total = round(sum(night.room_nights for night in nights))
    return _(
        "It displaces about %(total)d room-nights of other guests, most on %(day)s (about "
        "%(count)d)."
    ) % {"total": total, **values}


def _offer(offered: Decimal, gain: Decimal, currency: str) -> str:
    amount = abs(gain)
    values = {
        "rate": written_amount(offered, currency),
        "amount": (
            number_text(amount, "amount:0")
            if amount >= WHOLE_FROM
            else written_amount(amount, currency)
        ),
    }
    if not gain:
        return _("Offered %(rate)s: as much as without the group.") % values
    if gain > 0:
        return _("Offered %(rate)s: %(amount)s better than without the group.") % values
    return _("Offered %(rate)s: %(amount)s worse than without the group.") % values
