"""Template filters that write numbers, dates and times as plain text, for mails and messages."""

from datetime import date, datetime
from typing import Any

from django import template

from common.number_and_date_texts import date_text, money_text, number_text, time_text

register = template.Library()


@register.filter
def plain_number(value: int | float | None) -> str:
    """Write a number; a dash for None."""
    return number_text(value)


@register.filter
def plain_signed(value: Any) -> str:
    """Write a number with its sign; a dash for None."""
    return number_text(value, "signed")


@register.filter
def plain_money(amount: str | None) -> str:
    """Write an amount, as REST has it, without its currency; a dash for None."""
    return money_text(amount, len(str(amount).partition(".")[2]))


@register.filter
def plain_percent(share: float | None) -> str:
    """Write a share in whole percent; a dash for None."""
    return number_text(share, "whole-percent")


@register.filter
def plain_date(day: date, kind: str = "day") -> str:
    """Write a date as `day` (with weekday), `date` or `short`."""
    return date_text(day, kind)


@register.filter
def plain_time(moment: datetime, zone: str) -> str:
    """Write date and time in a time zone."""
    return time_text(moment, zone)
