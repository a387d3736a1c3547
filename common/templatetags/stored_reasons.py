"""The filter `in_words`: a reason that is stored in English, in the reader's language."""

from typing import Any

from django import template

from common import stored_reasons

register = template.Library()


@register.filter
def in_words(text: Any) -> str:
    """Write a reason, or another sentence that an app has told."""
    return stored_reasons.in_words(str(text))
