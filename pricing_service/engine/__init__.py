"""The pricing engine: `recommend(rules, history, as_of)` gives the price of each coming night.

Pure: no database, no clock. See `recommendation` for what it does and guarantees.
"""

from pricing_service.engine.hotel_history import History
from pricing_service.engine.hotel_rules import HotelRules
from pricing_service.engine.recommendation import NightPrice, recommend

__all__ = ["History", "HotelRules", "NightPrice", "recommend"]
