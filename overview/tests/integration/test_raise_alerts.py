"""Alerts: told once to whoever asked for them and may see the hotel, whatever runs how often."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import HotelAccess
from dashboard_service.models import FeedPosition, HotelFigures, HotelProfile
from overview.alerts import hotel_situation
from overview.alerts import raise_alerts as raising
from overview.alerts.alert_models import AlertCheck, AlertKind, AlertRule
from overview.alerts.raise_alerts import raise_alerts
from overview.messages.message_models import Message, MessageOccasion
from overview.tests.people import create_user, switch_on
from pricing_service.delivery.webhook_models import WebhookReceiver
from pricing_service.models import Action, NightPrice, PriceDecision, PricingState
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
    put_price,
    today,
)

pytestmark = pytest.mark.django_db(databases=DATABASES)


@pytest.fixture
def user(settings: Any) -> Any:
    settings.API_AUTH = "required"
    create_hotel()
    return create_user()


def titles() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("title", flat=True))


def test_nothing_is_told_before_it_is_switched_on(user: Any) -> None:
    book(night(5), ROOMS)
    assert raise_alerts() == 0
    rule = switch_on(user, AlertKind.NIGHT_PICKUP)
    AlertRule.objects.filter(pk=rule.pk).update(on_since=None)
    assert raise_alerts() == 0


def test_pickup_of_a_night_is_told_once_a_day(user: Any) -> None:
    switch_on(user, AlertKind.NIGHT_PICKUP, 4)
    book(night(5), 3)
    assert raise_alerts() == 0
    book(night(5), 1)
    assert raise_alerts() == 1
    book(night(5), 4)
    assert [raise_alerts(), raise_alerts()] == [0, 0]
    [message] = Message.objects.all()
    assert message.title.startswith(f"Hotel {HOTEL}: +4 room-nights for")
    assert message.link == f"/pricing?hotel_id={HOTEL}&night={night(5)}"
    assert message.facts["occasions"] == [
        {"night": str(night(5)), "day": str(today()), "room_nights": 4}
    ]


def test_several_nights_are_one_message(user: Any) -> None:
    switch_on(user, AlertKind.NIGHT_PICKUP, 2)
    for ahead in range(1, 31):
        book(night(ahead), 2)
    assert raise_alerts() == 1
    [message] = Message.objects.all()
    assert "30 nights" in message.title
    assert message.text.count("\n- ") == 21
    assert "and 10 more" in message.text
    assert MessageOccasion.objects.count() == 30
    book(night(40), 2)
    assert raise_alerts() == 1
    assert MessageOccasion.objects.count() == 31


def test_every_kind_is_told(user: Any) -> None:
    for kind, threshold in (
        (AlertKind.HOUSE_PICKUP, 5), (AlertKind.CANCELLATIONS, 3), (AlertKind.OCCUPANCY, 90),
        (AlertKind.BOUND, 3), (AlertKind.STALE, 0), (AlertKind.DELIVERIES, 1),
    ):  # fmt: skip
        switch_on(user, kind, threshold)
    create_rules(mode="automatic", webhook_url="https://pms.example.com/x")
    put_price(4, 250, recommended=250, made_from={"bound": "maximum"}, action=Action.AUTOMATIC)
    PriceDecision.objects.update(made_at=timezone.now() - timedelta(days=4))
    book(night(6), 18)
    book(night(7), -3)
    hours_ago = timezone.now() - timedelta(hours=2)
    WebhookReceiver.objects.filter(pk=HOTEL).update(
        changed_at=hours_ago, failing_since=hours_ago, answer="answered 503"
    )
    assert raise_alerts() == 5
    assert {message.kind for message in Message.objects.all()} == {
        "house-pickup", "cancellations", "occupancy", "bound", "deliveries",
    }  # fmt: skip
    # A trouble may begin without any new figure.
    PricingState.objects.update_or_create(
        hotel_id=HOTEL, defaults={"stale_since": today() - timedelta(days=9)}
    )
    assert [raise_alerts(), raise_alerts()] == [1, 0]
    assert Message.objects.get(kind="stale").title.startswith(f"Hotel {HOTEL}: no event since")
    assert "answered 503" in Message.objects.get(kind="deliveries").text


def test_occupancy_is_of_the_rooms_of_the_night(user: Any) -> None:
    switch_on(user, AlertKind.OCCUPANCY, 90)
    HotelProfile.objects.get(pk=HOTEL).rooms_by_date.create(first=night(6), last=night(6), rooms=30)
    book(night(5), 18)
    book(night(6), 18)
    assert raise_alerts() == 1
    assert [row.key for row in MessageOccasion.objects.all()] == [f"occupancy/{night(5)}/90"]


def test_a_lost_hotel_is_told_no_more_and_others_go_on(user: Any) -> None:
    bert, clara = create_user("bert"), create_user("clara", is_active=False)
    for one in (user, bert, clara):
        switch_on(one, AlertKind.NIGHT_PICKUP)
    HotelAccess.objects.filter(user=user).update(hotels="8")
    book(night(5), 2)
    assert raise_alerts() == 1
    assert [message.user_id for message in Message.objects.all()] == [bert.pk]


def test_only_hotels_whose_figures_changed_are_looked_at(
    user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[list[int]] = []
    real = hotel_situation.load_situations

    def load(kinds: Any, *args: Any) -> Any:
        looked_at.append(sorted(kinds))
        return real(kinds, *args)

    monkeypatch.setattr(raising, "load_situations", load)
    create_hotel(8)
    for hotel in (HOTEL, 8):
        switch_on(user, AlertKind.NIGHT_PICKUP, hotel_id=hotel)
    raise_alerts()
    raise_alerts()
    book(night(3), 1, hotel_id=8)
    raise_alerts()
    AlertCheck.objects.update(checked_at=timezone.now() - timedelta(hours=1))
    raise_alerts()
    assert looked_at == [[HOTEL, 8], [8], [HOTEL, 8]]


def test_figures_that_are_being_rebuilt_tell_nothing(user: Any) -> None:
    switch_on(user, AlertKind.NIGHT_PICKUP)
    book(night(5), 5)
    FeedPosition.objects.create(position=1, rebuild_needed=True)
    assert raise_alerts() == 0
    FeedPosition.objects.update(rebuild_needed=False)
    assert raise_alerts() == 1


def test_the_number_of_statements_does_not_grow_with_hotels(user: Any) -> None:
    def statements(hotels: range) -> int:
        for hotel in hotels:
            create_hotel(hotel)
            for kind in AlertKind:
                switch_on(user, kind, 50, hotel_id=hotel)
        AlertCheck.objects.all().delete()
        counts = []
        for alias in DATABASES:
            with CaptureQueriesContext(connections[alias]) as queries:
                AlertCheck.objects.all().delete()
                raise_alerts()
            counts.append(len(queries))
        return sum(counts)

    assert statements(range(10, 12)) == statements(range(12, 40))


class AnyOrderOfBookings(TestCase):
    """Whatever is booked and cancelled in which order, and whenever alerts are raised."""

    databases = set(DATABASES)

    @given(
        st.lists(
            st.one_of(
                st.tuples(st.integers(1, 4), st.sampled_from([-2, -1, 1, 2, 3])),
                st.sampled_from(["run", "lost check", "again"]),
            ),
            max_size=14,
        )
    )
    def test_no_alert_comes_twice(self, steps: list[Any]) -> None:
        create_hotel()
        user = create_user()
        switch_on(user, AlertKind.NIGHT_PICKUP, 3)
        switch_on(user, AlertKind.OCCUPANCY, 20)
        reached: set[int] = set()
        net = dict.fromkeys(range(1, 5), 0)
        for step in [*steps, "run"]:
            if step == "run":
                raise_alerts()
                reached |= {ahead for ahead, number in net.items() if number >= 3}
            elif step == "lost check":
                AlertCheck.objects.all().delete()
            elif step == "again":
                raise_alerts()
                raise_alerts()
                reached |= {ahead for ahead, number in net.items() if number >= 3}
            else:
                ahead, number = step
                net[ahead] += number
                book(night(ahead), number)
        told = [
            row["night"]
            for message in Message.objects.filter(kind=AlertKind.NIGHT_PICKUP)
            for row in message.facts["occasions"]
        ]
        assert sorted(told) == sorted(str(night(ahead)) for ahead in reached)
        keys = list(MessageOccasion.objects.values_list("key", flat=True))
        assert len(keys) == len(set(keys))


def test_a_message_that_another_run_recorded_is_not_recorded_again(
    user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both runs have found the occasion before either recorded it."""
    switch_on(user, AlertKind.NIGHT_PICKUP)
    book(night(5), 2)
    monkeypatch.setattr(raising, "told_occasions", lambda hotels: set())
    assert raise_alerts() == 1
    HotelFigures.objects.update(changed_at=timezone.now())
    assert raise_alerts() == 0
    assert len(titles()) == 1
    assert NightPrice.objects.count() == 0
