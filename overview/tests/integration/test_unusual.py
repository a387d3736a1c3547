"""What is unusual: a group, a wave of cancellations, silence, nights nearly full, bounds, deliveries."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dashboard_service.models import HotelProfile
from overview.morning.hotel_morning import load_morning
from overview.morning.unusual import what_is_unusual
from overview.tests.morning_hotel import count, hours_ago, sell
from pricing_service.delivery.told_prices import fingerprint
from pricing_service.delivery.webhook_models import WebhookReceiver
from pricing_service.models import PriceDecision
from pricing_service.tests.hotels import DATABASES, HOTEL, create_rules, night, put_price

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


def unusual() -> dict[str, dict[str, Any]]:
    """Return the facts of what is unusual since a day ago, by kind."""
    moment = hours_ago(24)
    found = what_is_unusual(load_morning(HOTEL, moment, set()), moment, timezone.now())
    assert len({item.kind for item in found}) == len(found)
    return {item.kind: item.facts for item in found}


def test_an_ordinary_morning_has_nothing() -> None:
    count(sell(40, 2, hours_ago(2), minutes_apart=7))
    assert unusual() == {}


def test_rooms_booked_together_are_a_group() -> None:
    at = hours_ago(3).replace(second=30)
    rooms = sell(40, 6, at, minutes_apart=0) + sell(41, 6, at, minutes_apart=0)
    count(rooms, sell(9, 1, hours_ago(2)))
    group = unusual()["group"]
    assert (group["rooms"], group["first"], group["last"]) == (6, night(40), night(41))
    assert not group["is_cancelled"]


def test_a_group_of_before_is_no_news() -> None:
    count(sell(40, 6, hours_ago(30), minutes_apart=0))
    assert unusual() == {}


def test_a_wave_of_cancellations() -> None:
    usual = [sell(55 + day, 1, hours_ago(24 * day + 5)) for day in range(2, 60)]
    count(*usual, sell(51, 9, hours_ago(24 * 59), name="held"))
    count(sell(65, 1, hours_ago(24 * 10 + 4), status=2))
    assert unusual() == {}
    count(sell(51, 6, hours_ago(5), name="held", status=2))
    wave = unusual()["cancellations"]
    assert (wave["cancelled"], wave["most_before"]) == (6, 1)


def test_a_hotel_whose_events_stopped_is_silent() -> None:
    count(sell(40, 1, hours_ago(24 * 40)))
    assert set(unusual()) == {"stale"}


def test_a_night_with_its_last_room_is_about_to_sell_out() -> None:
    count(sell(40, 19, hours_ago(300)), sell(41, 20, hours_ago(300)), sell(42, 18, hours_ago(300)))
    count(sell(3, 19, hours_ago(300)))
    facts = unusual()["selling-out"]
    assert facts["nights"] == [night(40)], "the third night is near, and was so a day ago"
    count(sell(4, 19, hours_ago(3)))
    assert unusual()["selling-out"]["nights"] == [night(4), night(40)]


def test_more_rooms_than_there_are_is_overbooked() -> None:
    count(sell(40, 21, hours_ago(300)))
    assert unusual()["overbooked"] == {"nights": [night(40)], "count": 1, "more": 0}
    HotelProfile.objects.update(rooms=21)
    assert "overbooked" not in unusual()


def put_at_bound(ahead: int, bound: str, days: int, **fields: Any) -> None:
    put_price(ahead, 250, recommended=250, made_from={"bound": bound}, **fields)
    decided = PriceDecision.objects.filter(night=night(ahead))
    decided.update(made_at=timezone.now() - timedelta(days=days))


def test_prices_at_their_bound_for_days() -> None:
    count(sell(40, 1, hours_ago(2)))
    create_rules()
    for ahead, days in ((5, 2), (6, 4), (7, 9)):
        put_at_bound(ahead, "maximum", days)
    put_at_bound(8, "maximum", 9, is_held=True)
    put_at_bound(9, "", 9)
    put_at_bound(10, "maximum", 9, rooms=0)
    facts = unusual()["bound"]
    assert (facts["bound"], facts["nights"]) == ("maximum", [night(6), night(7)])
    assert timedelta(days=8) < timezone.now() - facts["since"] < timedelta(days=10)


def test_a_decision_that_kept_the_price_does_not_make_it_younger() -> None:
    count(sell(40, 1, hours_ago(2)))
    create_rules()
    put_at_bound(7, "maximum", 9)
    put_price(7, 250)
    assert unusual()["bound"]["nights"] == [night(7)]


def test_deliveries_that_fail() -> None:
    count(sell(40, 1, hours_ago(2)))
    rules = create_rules(webhook_url="https://pms.example.com/x", webhook_secret="a secret")
    receiver = WebhookReceiver.objects.create(
        hotel_id=HOTEL, address_fingerprint=fingerprint(rules.webhook_url), answer="answered 503"
    )
    assert unusual() == {}
    receiver.failing_since = hours_ago(1)
    receiver.save()
    assert unusual()["deliveries"]["answer"] == "answered 503"
