"""Template tags that write the marks of a night: signs with their text, and the texts alone."""

from datetime import date

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from common.night_marks import Marks, NightMark

register = template.Library()


@register.simple_tag
def night_marks(marks: Marks | None, night: date) -> SafeString | str:
    """Write a sign for each mark of a night; nothing for a night without one.

    Args:
        marks: by night; None where a view has none.
    """
    return _render("common/night_marks.html", marks, night)


@register.simple_tag
def night_mark_texts(marks: Marks | None, night: date) -> SafeString | str:
    """Write the texts of a night's marks, for attributes: "Event: Fair; Note: no lift"."""
    return _render("common/night_mark_texts.html", marks, night)


@register.filter
def marks_of(marks: Marks, night: date) -> list[NightMark]:
    """Return the marks of a night, for a view that draws them by itself."""
    return marks.get(night, [])


def _render(name: str, marks: Marks | None, night: date) -> SafeString | str:
    # Most nights have none, and a page has hundreds.
    found = (marks or {}).get(night)
    return render_to_string(name, {"marks": found}) if found else ""
