"""Template tags that write numbers, dates and times in English.

The pages' script rewrites them in the browser's language: each is in an element that carries the
exact value and the name of its format (static/common/number_and_date_formats.js).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.currencies import format_amount

register = template.Library()

NO_VALUE, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
DATE_FORMATS = {
    "day": "{0:%a} {0.day} {0:%b} {0.year}",
    "date": "{0.day} {0:%b} {0.year}",
    "short": "{0.day} {0:%b}",
    "month": "{0:%B} {0.year}",
    "month-name": "{0:%B}",
    "month-short": "{0:%b}",
    "year": "{0.year}",
}


def _signed(text: str, value: float) -> str:
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    return sign + text.lstrip("-")


@register.simple_tag
def number(value: Any, kind: str = "number") -> SafeString | str:
    """Write a number; a dash for None.

    Args:
        kind: `number`, `signed`, `percent` (of a share), `whole-percent`, `change` (a signed
            share), `points` (signed percentage points), or `amount:2`, `signed-amount:2` (a
            decimal text, or a number, with so many decimals).
    """
    if value is None:
        return NO_VALUE
    if "amount:" in kind:
        return _amount(value, kind)
    text = {
        "number": lambda: f"{value:,}".replace("-", MINUS),
        "signed": lambda: _signed(f"{value:,}", value),
        "percent": lambda: f"{value:.1%}".replace("-", MINUS),
        "whole-percent": lambda: f"{value:.0%}".replace("-", MINUS),
        "change": lambda: _signed(f"{value:.1%}", value),
        "points": lambda: _signed(f"{value:.1f}", value),
    }[kind]()
    return format_html('<data value="{}" data-as="{}">{}</data>', repr(value), kind, text)


def _amount(value: Any, kind: str) -> SafeString:
    """Write an amount of money without its currency."""
    name, decimals = kind.split(":")
    amount = Decimal(str(value))
    text = f"{amount:,.{int(decimals)}f}"
    text = _signed(text, float(amount)) if name == "signed-amount" else text.replace("-", MINUS)
    return format_html('<data value="{}" data-as="{}">{}</data>', value, kind, text)


@register.simple_tag
def money(amount: Any) -> SafeString:
    """Write an amount without its currency; decimals only if they are not all zeros.

    Args:
        amount: with the currency's decimals, as REST has it.
    """
    value = Decimal(str(amount))
    decimals = len(str(amount).partition(".")[2])
    text = f"{value:,.{max(2, decimals)}f}" if value % 1 else f"{value:,.0f}"
    return format_html('<data value="{}" data-as="money">{}</data>', amount, text)


@register.filter
def in_currency(amount: Decimal | str | None, currency: str) -> str:
    """Write an amount with its currency's decimals, for an input; empty for none."""
    return format_amount(amount, currency) if isinstance(amount, Decimal) else ""


@register.simple_tag(name="date")
def date_tag(day: date, kind: str = "date") -> SafeString:
    """Write a date.

    Args:
        kind: `day` (with weekday), `date`, `short`, `month`, `month-name`, `month-short`, `year`.
    """
    return format_html(
        '<time datetime="{}" data-as="{}">{}</time>',
        day.isoformat(),
        kind,
        DATE_FORMATS[kind].format(day),
    )


@register.simple_tag(name="time")
def time_tag(time: datetime, zone: str = "") -> SafeString:
    """Write date and time in a time zone.

    Without one it is UTC, which the script replaces by the browser's time zone.
    """
    local = time.astimezone(ZoneInfo(zone or "UTC"))
    return format_html(
        '<time datetime="{}" data-as="time"{}>{} {}</time>',
        time.isoformat(),
        format_html(' data-zone="{}"', zone) if zone else "",
        DATE_FORMATS["date"].format(local),
        f"{local:%H:%M}",
    )
