"""`manage.py backtest_forecast` prints the errors of past forecasts, and refuses wrong options."""

import io
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from dashboard_service.models import DashboardData, PickupData
from pricing_service.laboratory import forecast_backtest

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=["dashboard_service"])]

LAST = date(2024, 6, 30)


@pytest.fixture(autouse=True)
def a_hotel() -> None:
    """A hotel whose nights gain 10 room-nights 20 days before and 5 more on the day before."""
    rows = [
        (LAST + timedelta(days=night), LAST + timedelta(days=night - lead), gross)
        for night in range(-120, 60)
        for lead, gross in ((20, 10), (1, 5))
    ]
    PickupData.objects.bulk_create(
        PickupData(hotel_id=7, night_of_stay=night, day=day, gross_booking_count=gross)
        for night, day, gross in rows
        if day <= LAST
    )
    DashboardData.objects.create(hotel_id=7, basis="booked", day=LAST, gross_booking_count=15)


def run(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("backtest_forecast", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_it_prints_a_line_for_each_number_of_days_before() -> None:
    title, heads, *lines = run("--hotel=7", "--from=2024-06-01", "--days-before", "1", "7")
    assert title.startswith("Hotel 7, nights 2024-06-01 to 2024-06-30; mean absolute error")
    cells = [[cell.strip() for cell in line.split("|")] for line in (heads, *lines)]
    assert cells[0][:2] == ["days before", "forecast"]
    assert [line[0] for line in cells[1:]] == ["1", "7"]
    errors = dict(zip(cells[0], cells[2], strict=True))
    assert errors["forecast"] == "0.0", "each night gains the same"
    assert errors["on the books"] == "5.0"
    assert errors["same weekday last year"] == "none", "there is no last year"


def test_it_ends_with_the_last_day_of_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast_backtest, "NIGHTS", 10)
    assert "nights 2024-06-21 to 2024-06-30" in run("--hotel=7", "--days-before", "1")[0]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--hotel=8"], "hotel 8 has no figures; load its events first"),
        (["--hotel=7", "--to=2024-07-01"], "known up to 2024-06-30"),
        (["--hotel=7", "--from=2024-06-30", "--to=2024-06-29"], "must not come after"),
        (["--hotel=7", "--from=2024-02-30"], "must be a date like 2024-05-01"),
        (["--hotel=7", "--days-before", "0"], "at least 1 day before"),
    ],
)
def test_the_error_names_what_cannot_be_replayed(arguments: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        run(*arguments)
