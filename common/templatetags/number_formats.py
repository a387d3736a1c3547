"""Template tags that write numbers, dates and times in the reader's language.

The pages' script writes them again as the browser's region has it: each is in an element that
carries the exact value and the name of its format (static/common/number_and_date_formats.js).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.currencies import format_amount
from common.number_and_date_texts import (
    NO_VALUE,
    date_text,
    money_text,
    number_text,
    time_text,
)

register = template.Library()


@register.simple_tag
def number(value: Any, kind: str = "number") -> SafeString | str:
    """Write a number; a dash for None.

    Args:
        kind: one of those of `number_text`.
    """
    if value is None:
        return NO_VALUE
    exact = value if "amount:" in kind else repr(value)
    text = number_text(value, kind)
    return format_html('<data value="{}" data-as="{}">{}</data>', exact, kind, text)


@register.simple_tag
def money(amount: Any) -> SafeString:
    """Write an amount without its currency; decimals only if they are not all zeros.

    Args:
        amount: with the currency's decimals, as REST has it.
    """
    return format_html('<data value="{}" data-as="money">{}</data>', amount, money_text(amount))


@register.filter
def in_currency(amount: Decimal | str | None, currency: str) -> str:
    """Write an amount with its currency's decimals, for an input; empty for none."""
    return format_amount(amount, currency) if isinstance(amount, Decimal) else ""


@register.simple_tag(name="date")
def date_tag(day: date, kind: str = "date") -> SafeString:
    """Write a date.

    Args:
        kind: one of those of `date_text`.
    """
    return format_html(
        '<time datetime="{}" data-as="{}">{}</time>', day.isoformat(), kind, date_text(day, kind)
    )


@register.simple_tag(name="time")
def time_tag(time: datetime, zone: str = "") -> SafeString:
    """Write date and time in a time zone.

    Without one it is UTC, which the script replaces by the browser's time zone.
    """
    return format_html(
        '<time datetime="{}" data-as="time"{}>{}</time>',
        time.isoformat(),
        format_html(' data-zone="{}"', zone) if zone else "",
        time_text(time, zone or "UTC"),
    )
