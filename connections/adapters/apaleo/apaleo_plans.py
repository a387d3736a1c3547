"""apaleo's rate plans: which one has the prices of which unit group, and their rates by night.

A rate plan is for one unit group; prices of a plan that is derived from another follow from it, so
only the others can be set.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from connections.adapters.adapter import Body, OddAnswer, Raw
from connections.adapters.apaleo.apaleo_calls import ApaleoCalls
from connections.adapters.vendor_values import moment_of

PLANS_PATH: Final = "/rateplan/v1/rate-plans"
PLAN_OF: Final = "rate_of_"  # begins the names of choices; a unit group's id follows
NO_PLAN: Final = "-"
OVERNIGHT: Final = {"timeSliceTemplate": "OverNight"}


class ApaleoPlans:
    """The rate plans of one property. Each method raises VendorFailure."""

    def __init__(self, calls: ApaleoCalls, property_id: str) -> None:
        self._calls = calls
        self._property_id = property_id
        self._base: Sequence[Raw] = ()

    def all(self) -> Sequence[Raw]:
        """Return all plans, those too whose prices follow from others."""
        return self._calls.rows(PLANS_PATH, "ratePlans", {"propertyId": self._property_id})

    def base(self) -> Sequence[Raw]:
        """Return the plans of nights whose prices can be set."""
        if not self._base:
            query = {"propertyId": self._property_id, "isDerived": "false", **OVERNIGHT}
            self._base = self._calls.rows(PLANS_PATH, "ratePlans", query)
        return self._base

    def chosen(self, choices: Mapping[str, Any]) -> Mapping[str, str]:
        """Return rate plans by unit group, and as "" the one of prices without a room type."""
        first = choices["rate_id"]
        groups = {row["id"]: row["unitGroup"]["id"] for row in self.base()}
        if first not in groups:
            raise OddAnswer("the chosen rate plan is not one whose prices can be set any more")
        others = {
            name.removeprefix(PLAN_OF): plan
            for name, plan in choices.items()
            if name.startswith(PLAN_OF) and plan in groups
        }
        return {**others, groups[first]: first, "": first}

    def rates(self, plan: str, first: date, last: date, zone: ZoneInfo) -> Mapping[date, Raw]:
        """Return a plan's rates by night, those without a price too.

        Args:
            zone: the property's.
        """
        query = {"from": str(first), "to": str(last + timedelta(days=1))}
        found = {
            moment_of(row["from"]).astimezone(zone).date(): row
            for row in self._calls.rows(_rates_path(plan), "rates", query)
        }
        return {night: row for night, row in found.items() if first <= night <= last}

    def set_rates(self, plan: str, rates: Sequence[Body]) -> None:
        """Set a plan's rates, each with its time slice as `rates` returned it."""
        self._calls.call("PUT", _rates_path(plan), json={"rates": rates})


def _rates_path(plan: str) -> str:
    return f"{PLANS_PATH}/{quote(plan, safe='')}/rates"
