"""What the page shows, as its address says it: hotel, year, month, period, basis, measure.

A `Choice` has an address, and every link on the page is the address of another choice.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from dashboard_service.figures.available_dates import years_with_data
from dashboard_service.figures.period_figures import Period, first_and_last_day
from dashboard_service.models import Basis


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Hotel, year, month, period, basis and measure; a month only with period `day`."""

    hotel_id: int
    period: Period
    basis: str
    year: int
    month: int | None = None
    show: str = "room_nights"  # a key of `measures`

    @property
    def address(self) -> str:
        """The query string of this choice; room-nights are not named, as before money was."""
        show = {"show": self.show} if self.show != "room_nights" else {}
        return "?" + urlencode({**self._parameters, **show})

    @property
    def _parameters(self) -> dict[str, Any]:
        """The parameters that the page and REST have in common."""
        parameters = {
            "hotel_id": self.hotel_id,
            "year": self.year,
            "month": self.month,
            "period": self.period,
            "basis": self.basis,
        }
        return {name: value for name, value in parameters.items() if value is not None}

    @property
    def rows_address(self) -> str:
        """The REST address of the table's rows: of all years where the period is the year."""
        return self._rest_address("/dashboard/")

    @property
    def performance_address(self) -> str:
        """The REST address of the same rows with revenue, ADR, RevPAR and occupancy."""
        return self._rest_address("/dashboard/performance/")

    def _rest_address(self, path: str) -> str:
        parameters = dict(self._parameters)
        if self.period == "year":
            del parameters["year"]
        return f"{path}?{urlencode(parameters)}"

    @property
    def span(self) -> tuple[date, date]:
        """First and last day of the chosen month or year."""
        return first_and_last_day(self.year, self.month)

    def replace(self, **changes: Any) -> "Choice":
        """Return the choice with other values for some fields."""
        return replace(self, **changes)


def year_choices(choice: Choice) -> list[Choice]:
    """Return a choice for each year with data, and for the chosen year."""
    years = {*years_with_data(choice.hotel_id, choice.basis), choice.year}
    return [choice.replace(year=year, month=None) for year in sorted(years)]


def period_choices(choice: Choice) -> list[tuple[str, Choice]]:
    """Return each period with its choice, of the whole year."""
    return [(name, choice.replace(period=name, month=None)) for name in ("day", "month", "year")]


def basis_choices(choice: Choice) -> list[tuple[Choice, str]]:
    """Return the choice for each basis, with the basis."""
    return [(choice.replace(basis=basis), basis) for basis in (Basis.BOOKED, Basis.STAY)]


def month_choices(choice: Choice) -> dict[str, Choice | None] | None:
    """Return the choices of the month before, the month after and all months of the year.

    None where no month is chosen.
    """
    month = choice.month
    if month is None:
        return None
    return {
        "all": choice.replace(month=None, period="month"),
        "before": choice.replace(month=month - 1) if month > 1 else None,
        "after": choice.replace(month=month + 1) if month < 12 else None,
    }
