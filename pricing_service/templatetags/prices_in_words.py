"""Amounts for people, in English; the page's script writes them in the browser's locale."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def money(amount: Any) -> SafeString:
    """An amount without its currency; cents only where there are some."""
    text = f"{float(amount):,.2f}".removesuffix(".00")
    return format_html('<data value="{}" data-as="money">{}</data>', amount, text)
