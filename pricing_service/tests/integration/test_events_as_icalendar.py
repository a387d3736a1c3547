"""The calendar file of a hotel's events: its dates, stable UIDs, ETag, strict parameters."""

import re
from typing import Any

import pytest
from django.test import Client

from pricing_service.models import DemandEvent, PricingRules
from pricing_service.tests.hotels import DATABASES, HOTEL, create_hotel, create_rules

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture(autouse=True)
def rules(settings: Any) -> PricingRules:
    settings.API_AUTH = "open"
    create_hotel()
    return create_rules()


def add_event(rules: PricingRules, name: str, first: str, last: str) -> None:
    DemandEvent.objects.create(profile=rules, name=name, first=first, last=last, factor=1.25)


def calendar(client: Client, **headers: str) -> Any:
    return client.get(f"/pricing/events.ics?hotel_id={HOTEL}", headers=headers)


def uids(client: Client) -> dict[str, str]:
    text = calendar(client).content.decode().replace("\r\n ", "")
    return dict(re.findall(r"UID:(\S+)\r\n.*?SUMMARY:([^\r]*)", text, re.DOTALL))


def test_events_are_whole_days_and_end_the_day_after(client: Client, rules: PricingRules) -> None:
    add_event(rules, "Fair; halls 1, 2", "2030-05-01", "2030-05-04")
    response = calendar(client)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == f'inline; filename="Hotel {HOTEL} - events.ics"'
    text = response.content.decode()
    assert "DTSTART;VALUE=DATE:20300501\r\nDTEND;VALUE=DATE:20300505\r\n" in text
    assert "SUMMARY:Fair\\; halls 1\\, 2\r\n" in text
    assert "DESCRIPTION:Expected demand: 1.25 times the usual.\r\n" in text
    stamp = f"{PricingRules.objects.get().updated_at:%Y%m%dT%H%M%SZ}"
    assert f"DTSTAMP:{stamp}\r\n" in text


def test_an_event_keeps_its_uid_when_the_list_is_saved_anew(
    client: Client, rules: PricingRules
) -> None:
    add_event(rules, "Fair", "2030-05-01", "2030-05-04")
    [fair] = uids(client)
    DemandEvent.objects.all().delete()
    add_event(rules, "Marathon", "2030-04-01", "2030-04-01")
    add_event(rules, "Fair", "2030-05-01", "2030-05-06")
    add_event(rules, "Fair", "2030-05-01", "2030-05-09")
    found = uids(client)
    assert len(found) == 3
    assert found[fair] == "Fair"


def test_it_is_not_sent_again_until_an_event_changes(client: Client, rules: PricingRules) -> None:
    add_event(rules, "Fair", "2030-05-01", "2030-05-04")
    tag = calendar(client)["ETag"]
    assert calendar(client, **{"If-None-Match": tag}).status_code == 304
    add_event(rules, "Marathon", "2030-04-01", "2030-04-01")
    assert calendar(client, **{"If-None-Match": tag}).status_code == 200


def test_without_events_or_rules_it_is_empty(client: Client, rules: PricingRules) -> None:
    assert uids(client) == {}
    rules.delete()
    assert b"BEGIN:VCALENDAR" in calendar(client).content


@pytest.mark.parametrize("query", ["", "?hotel_id=0", "?hotel_id=7&hotel_id=7", "?hotel_id=7&x=1"])
def test_wrong_parameters_are_refused(client: Client, query: str) -> None:
    assert client.get(f"/pricing/events.ics{query}").status_code == 400


def test_the_settings_link_to_it(client: Client) -> None:
    link = f"/pricing/events.ics?hotel_id={HOTEL}"
    assert link in client.get(f"/pricing/?hotel_id={HOTEL}").content.decode()
