"""The pricing rules' fields and lists by name, as people read them."""

from typing import Final

from common.translatable_text import Text

RULE_NAMES: Final[dict[str, Text]] = {
    "mode": Text("mode"),
    "currency": Text("currency"),
    "base_price": Text("base price"),
    "minimum_price": Text("minimum price"),
    "maximum_price": Text("maximum price"),
    "price_step": Text("price step"),
    "aggressiveness": Text("aggressiveness"),
    "month_factors": Text("month factors"),
    "weekday_factors": Text("weekday factors"),
    "lead_factors": Text("lead factors"),
    "group_rooms": Text("group rooms"),
    "event_combination": Text("event combination"),
    "smallest_change_percent": Text("smallest change percent"),
    "largest_change_percent": Text("largest change percent"),
    "largest_day_percent": Text("largest day percent"),
    "changes_per_day": Text("changes per day"),
    "try_prices": Text("try prices"),
    "try_as_of": Text("try as of"),
    "check_in_closes": Text("check in closes"),
    "events": Text("events"),
    "rooms_for_sale": Text("rooms for sale"),
    "fixed_prices": Text("fixed prices"),
    "bounds": Text("bounds"),
    "minimum_stays": Text("minimum stays"),
    "room_types": Text("room types"),
}
