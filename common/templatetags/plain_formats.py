"""Template filters that write numbers, dates and times as plain text, for mails and messages."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template

from common.templatetags.number_formats import DATE_FORMATS, MINUS, NO_VALUE

register = template.Library()


@register.filter
def plain_number(value: int | float | None) -> str:
    """Write a number; a dash for None."""
    return NO_VALUE if value is None else f"{value:,}".replace("-", MINUS)


@register.filter
def plain_signed(value: Any) -> str:
    """Write a number with its sign; a dash for None."""
    if value is None:
        return NO_VALUE
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    return sign + f"{value:,}".lstrip("-")


@register.filter
def plain_money(amount: str | None) -> str:
    """Write an amount, as REST has it, without its currency; a dash for None."""
    if amount is None:
        return NO_VALUE
    decimals = len(str(amount).partition(".")[2])
    return f"{Decimal(str(amount)):,.{decimals}f}".replace("-", MINUS)


@register.filter
def plain_percent(share: float | None) -> str:
    """Write a share in whole percent; a dash for None."""
    return NO_VALUE if share is None else f"{share:.0%}"


@register.filter
def plain_date(day: date, kind: str = "day") -> str:
    """Write a date as `day` (with weekday), `date` or `short`."""
    return DATE_FORMATS[kind].format(day)


@register.filter
def plain_time(moment: datetime, zone: str) -> str:
    """Write date and time in a time zone."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{DATE_FORMATS['date'].format(local)} {local:%H:%M}"
