"""Numbers and dates for people, in English; the page's script writes them in the browser's locale.

Each stands in an element that carries the exact value for the script.
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

NONE, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
DATE_FORMATS = {
    "day": "{0:%a} {0.day} {0:%b} {0.year}",
    "date": "{0.day} {0:%b} {0.year}",
    "short": "{0.day} {0:%b}",
    "month": "{0:%B} {0.year}",
    "month-name": "{0:%B}",
    "year": "{0.year}",
}


def _signed(text: str, value: float) -> str:
    return ("+" if value > 0 else MINUS if value < 0 else "") + text.lstrip("-")


@register.simple_tag
def number(value: Any, kind: str = "number") -> SafeString | str:
    """A number as `number`, `signed`, `percent` (a share), `change` (signed) or `points`."""
    if value is None:
        return NONE
    text = {
        "number": lambda: f"{value:,}".replace("-", MINUS),
        "signed": lambda: _signed(f"{value:,}", value),
        "percent": lambda: f"{value:.1%}".replace("-", MINUS),
        "change": lambda: _signed(f"{value:.1%}", value),
        "points": lambda: _signed(f"{value:.1f}", value),
    }[kind]()
    return format_html('<data value="{}" data-as="{}">{}</data>', repr(value), kind, text)


@register.simple_tag
def on(day: date, kind: str = "date") -> SafeString:
    """A date: `day` (with weekday), `date`, `short`, `month`, `month-name` or `year`."""
    return format_html(
        '<time datetime="{}" data-as="{}">{}</time>',
        day.isoformat(),
        kind,
        DATE_FORMATS[kind].format(day),
    )


@register.simple_tag
def at(time: datetime, zone: str = "UTC") -> SafeString:
    """A time in a hotel's time zone."""
    there = time.astimezone(ZoneInfo(zone))
    return format_html(
        '<time datetime="{}" data-as="time" data-zone="{}">{} {}</time>',
        time.isoformat(),
        zone,
        DATE_FORMATS["date"].format(there),
        f"{there:%H:%M}",
    )


@register.simple_tag
def money(amount: Any) -> SafeString:
    """An amount without its currency; cents only where there are some."""
    text = f"{float(amount):,.2f}".removesuffix(".00")
    return format_html('<data value="{}" data-as="money">{}</data>', amount, text)
