"""The morning mail: once a day at the hotel's hour, the morning's numbers, for those who may see them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from dashboard_service.models import HotelProfile
from overview.messages.mail_sending import send_due_mails
from overview.messages.message_models import Message
from overview.morning_mail import due_mornings
from overview.morning_mail.due_mornings import make_due_mornings
from overview.morning_mail.morning_digest import Digest
from overview.morning_mail.sending_hours import next_sending
from overview.morning_mail.subscription_models import MorningSubscription
from overview.tests.mail_server import MailServer, part, running_mail_server
from overview.tests.people import create_user, subscribe
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    book,
    create_hotel,
    create_rules,
    night,
    put_price,
)

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with running_mail_server(settings) as server:
        create_hotel()
        yield server


def test_it_says_the_morning_in_short_with_links(server: MailServer) -> None:
    HotelProfile.objects.update(name="Alpine Lodge")
    create_rules(mode="suggest")
    put_price(3, 90, recommended=120, forecast=12)
    book(night(3), 4)
    book(night(4), -2)
    subscribe(create_user())
    assert make_due_mornings() == 1
    assert send_due_mails() == 1
    [mail] = server.mails
    assert mail["Subject"].startswith("Alpine Lodge, ")
    assert mail["Subject"].endswith("5 room-nights booked, 2 cancelled")
    text, html = part(mail, "plain"), part(mail, "html")
    assert "Booked: 5 room-nights" in text
    assert "Net: +3" in text
    assert "price 90.00, recommended 120.00 EUR" in text
    assert "4 of 20 rooms (20%)" in text
    assert f"https://rpg.example/morning?hotel_id={HOTEL}&since=yesterday" in text
    assert f'href="https://rpg.example/pricing?hotel_id={HOTEL}&amp;night={night(3)}"' in html
    assert "{{" not in text + html
    assert "{%" not in text + html


def test_two_runs_and_another_hour_make_one_mail_a_day(server: MailServer) -> None:
    subscription = subscribe(create_user())
    assert [make_due_mornings(), make_due_mornings()] == [1, 0]
    assert Message.objects.get().kind == "morning"
    MorningSubscription.objects.filter(pk=subscription.pk).update(
        hour=0, next_at=timezone.now() - timedelta(minutes=1)
    )
    assert make_due_mornings() == 0


def test_nobody_gets_it_before_switching_it_on(server: MailServer) -> None:
    subscribe(create_user())
    MorningSubscription.objects.update(is_on=False)
    assert make_due_mornings() == 0


def test_one_hotel_s_readers_share_what_is_worked_out(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def digest(hotel_id: int, abilities: Any, language: str) -> Digest:
        made.append(hotel_id)
        return Digest("title", "text", "", "/morning")

    monkeypatch.setattr(due_mornings, "morning_digest", digest)
    for number in range(5):
        subscribe(create_user(f"user{number}"))
    assert make_due_mornings() == 5
    assert made == [HOTEL]


@pytest.mark.parametrize("zone", ["Europe/Zurich", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    "first", [datetime(2027, 3, 10, tzinfo=UTC), datetime(2027, 10, 15, tzinfo=UTC)]
)
def test_a_month_around_the_change_of_the_clock_has_one_mail_a_day(
    server: MailServer, monkeypatch: pytest.MonkeyPatch, zone: str, first: datetime
) -> None:
    """Three readers at their hours, a worker that runs every hour, and sometimes twice."""
    HotelProfile.objects.update(time_zone=zone, counted_time_zone=zone)
    monkeypatch.setattr(
        due_mornings, "morning_digest", lambda *_: Digest("title", "text", "", "/morning")
    )
    hours, local = (0, 2, 23), ZoneInfo(zone)
    for hour in hours:
        user = create_user(f"user{hour}")
        MorningSubscription.objects.create(
            user=user,
            hotel_id=HOTEL,
            is_on=True,
            hour=hour,
            next_at=next_sending(zone, hour, first),
        )
    now, end, days, made_at = first, first + timedelta(days=30), set(), set()
    while now < end:
        now += timedelta(hours=1)
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        if make_due_mornings():
            made_at.add(now.astimezone(local).hour)
        if now.hour % 5 == 0:
            make_due_mornings()
        days.add(now.astimezone(local).date())
    whole_days = sorted(days)[1:-1]
    for hour in hours:
        messages = Message.objects.filter(user__username=f"user{hour}")
        keys = sorted(message.occasions.get().key for message in messages)
        assert len(keys) == len(set(keys))
        assert [key for key in keys if key[8:] in map(str, whole_days)] == [
            f"morning/{day}" for day in whole_days
        ]
    # On the day on which the clock skips 2 o'clock it is 3; a zone's half hours make one more.
    assert made_at <= {0, 1, 2, 3, 23}
