"""`/dashboard/status/` and `/dashboard/check/` tell a client with some hotels nothing of others."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiKey
from dashboard_service import views
from dashboard_service.models import CheckReport, HotelFigures

pytestmark = pytest.mark.django_db(databases=["default", "dashboard_service"])

OWN = datetime(2026, 3, 1, 10, tzinfo=UTC)
LAG = {
    "position": 4711, "events_behind": 52_300, "seconds_behind": 12,
    "updated_at": datetime(2026, 3, 2, tzinfo=UTC), "events_behind_is_estimate": True,
}  # fmt: skip


@pytest.fixture(autouse=True)
def closed_system(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_AUTH = "required"
    monkeypatch.setattr(views, "feed_lag", lambda provider: dict(LAG))
    HotelFigures.objects.create(hotel_id=1, changed_at=OWN)
    HotelFigures.objects.create(hotel_id=2, changed_at=datetime(2026, 3, 2, tzinfo=UTC))
    CheckReport.objects.create(events=9, counts=8, differences=0)


def ask(path: str, **fields: Any) -> dict[str, Any]:
    _, key = ApiKey.objects.create_key(name="test", read_dashboard=True, **fields)
    answer: dict[str, Any] = Client().get(path, headers={"Authorization": f"Bearer {key}"}).json()
    return answer


def test_a_key_for_all_hotels_sees_all() -> None:
    status = ask("/dashboard/status/", all_hotels=True)
    assert (status["position"], status["events_behind"]) == (4711, 52_300)
    assert ask("/dashboard/check/", all_hotels=True)["events"] == 9


def test_a_key_for_one_hotel_sees_what_concerns_it() -> None:
    status = ask("/dashboard/status/", hotels="1")
    assert status == {
        "position": None, "events_behind": 1, "seconds_behind": 12,
        "updated_at": "2026-03-01T10:00:00+00:00",
    }  # fmt: skip
    check = ask("/dashboard/check/", hotels="1")
    assert check.pop("checked_at")
    assert set(check.values()) == {None}


@pytest.mark.parametrize(("behind", "shown"), [(0, 0), (None, None)])
def test_nothing_behind_and_unknown_stay(
    monkeypatch: pytest.MonkeyPatch, behind: int | None, shown: int | None
) -> None:
    monkeypatch.setattr(views, "feed_lag", lambda provider: LAG | {"events_behind": behind})
    assert ask("/dashboard/status/", hotels="1")["events_behind"] == shown
