"""Template tag that writes a figure's help: what it counts, an example, a link to all of them."""

from typing import Any

from django import template

from common.figure_help import FIGURES

register = template.Library()


@register.inclusion_tag("common/figure_help.html")
def figure_help(key: str) -> dict[str, Any]:
    """Write the help of a figure, folded, to be unfolded without a script.

    Raises:
        KeyError: there is no figure of that key.
    """
    return {"key": key, "figure": FIGURES[key]}
