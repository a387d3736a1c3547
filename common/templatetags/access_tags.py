"""What a page's reader may do: `{% may "change_hotels" hotel_id as may_change %}`."""

from typing import Any

from django import template

from common.access_rights import Ability, access_of

register = template.Library()


@register.simple_tag(takes_context=True)
def may(context: Any, ability: str, hotel_id: int | None) -> bool:
    """Return whether the reader has an ability with a hotel; with any, where no hotel is chosen."""
    access, needed = access_of(context["request"]), Ability(ability)
    return access.may(needed, hotel_id) if hotel_id else needed in access.abilities
