"""The audit log of a hotel: what its managers read, and what of other hotels they do not."""

import csv
from typing import Any

import pytest
from django.test import Client

from accounts.audit_entry_model import ALL_HOTELS, Act
from accounts.models import AuditEntry
from accounts.tests.integration.conftest import PASSWORD, create_key, get, log_in, make_user

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]


@pytest.fixture
def mia() -> Any:
    return make_user("mia", manages="1")


def entry(**fields: Any) -> AuditEntry:
    return AuditEntry.objects.create(**{"who": "x", "act": Act.RULES_CHANGED, **fields})


def read(user: Any, query: str = "") -> str:
    return str(log_in(user).get(f"/people/audit/?hotel_id=1{query}").content.decode())


def csv_rows(user: Any, query: str = "") -> list[dict[str, str]]:
    text = log_in(user).get(f"/people/audit/?hotel_id=1&format=csv{query}").content.decode()
    return list(csv.DictReader(text.splitlines()))


def test_it_has_the_hotel_s_entries_and_those_of_all_hotels_and_no_others(mia: Any) -> None:
    entry(hotel_id=1, details="of-this")
    entry(hotel_id=ALL_HOTELS, details="of-all")
    entry(hotel_id=2, details="of-another")
    html = read(mia)
    assert "of-this" in html
    assert "of-all" in html
    assert "of-another" not in html


def test_it_has_its_people_s_logins_and_no_others(mia: Any) -> None:
    for name, sees in (("tom", "1"), ("eva", "2")):
        make_user(name, sees=sees)
        Client().post("/login/", {"username": name, "password": PASSWORD})
        Client().post("/login/", {"username": name, "password": "wrong"})
    found = [(row["who"], row["did"]) for row in csv_rows(mia)]
    assert ("tom", "logged in") in found
    assert ("tom", "failed to log in") in found
    assert not any(who == "eva" for who, _ in found)


def test_it_has_the_logins_of_those_who_have_gone_until_then(mia: Any) -> None:
    tom = make_user("tom", sees="1")
    Client().post("/login/", {"username": "tom", "password": "wrong"})
    log_in(mia).post("/people/remove/", {"hotel_id": 1, "user": tom.pk})
    Client().post("/login/", {"username": "tom", "password": PASSWORD})
    found = [row["did"] for row in csv_rows(mia) if row["who"] == "tom"]
    assert found == ["failed to log in"]


def test_changes_over_rest_are_in_it_with_who_and_what(mia: Any) -> None:
    client = log_in(mia)
    for body in ({"rooms": 10, "name": "Sea"}, {"rooms": 12}, {"rooms": 12}):
        client.patch("/dashboard/hotels/1/", body, content_type="application/json")
    for base in (90, 100):
        client.patch("/prices/hotels/1/", {"base_price": base}, content_type="application/json")
    found = [(row["who"], row["did"], row["details"]) for row in csv_rows(mia)]
    assert ("mia", "changed the hotel's profile", "rooms: 10 → 12") in found
    assert sum("profile" in did for _, did, _ in found) == 2, "the same again changes nothing"
    [rules] = [text for _, did, text in found if "rules" in did and "90" in text and "100" in text]
    assert rules.startswith("base_price: 90")


def test_a_key_is_named_by_its_name(mia: Any) -> None:
    key = create_key("pms", "--hotels", "1", "--may", "change_hotels")
    client = Client(headers={"Authorization": f"Bearer {key}"})
    client.patch("/dashboard/hotels/1/", {"rooms": 3}, content_type="application/json")
    found = {row["did"]: row for row in csv_rows(mia)}
    assert found["changed the hotel's profile"]["who"] == "the key 'pms'"
    assert "pms (" in found["created an API key"]["details"]
    assert key.partition(".")[2] not in str(found)
    assert get(key, "/people/audit/?hotel_id=1").status_code == 403


def test_no_secret_of_the_webhook_is_in_it(mia: Any) -> None:
    client = log_in(mia)
    body = {"base_price": 90, "webhook_url": "https://pms.example.com/secret-path"}
    client.patch("/prices/hotels/1/", body, content_type="application/json")
    client.post("/prices/hotels/1/webhook-secret/")
    rows = csv_rows(mia)
    assert "made another secret for the webhook" in {row["did"] for row in rows}
    assert "secret-path" not in str(rows)


def test_times_are_the_hotel_s(mia: Any) -> None:
    body = {"time_zone": "Asia/Tokyo"}
    log_in(mia).patch("/dashboard/hotels/1/", body, content_type="application/json")
    entry(hotel_id=1)
    assert all(row["time"].endswith("+09:00") for row in csv_rows(mia))
    assert 'data-zone="Asia/Tokyo"' in read(mia)


def test_it_is_paged(mia: Any) -> None:
    for number in range(120):
        entry(hotel_id=1, details=f"n{number:03}.")
    client, address, seen = log_in(mia), "/people/audit/?hotel_id=1", []
    while address:
        html = client.get(address).content.decode()
        seen += [part[:4] for part in html.split("<bdi>n")[1:]]
        _, _, rest = html.partition('">Older</a>')
        older = html.rpartition('">Older</a>')[0].rpartition('href="')[2] if rest else ""
        address = older.replace("&amp;", "&")
    assert seen == [f"{number:03}." for number in reversed(range(120))]


def test_it_is_filtered_by_person(mia: Any) -> None:
    entry(hotel_id=1, who="tom", details="by-tom")
    entry(hotel_id=1, who="eva", details="by-eva")
    html = read(mia, "&who=tom")
    assert "by-tom" in html
    assert "by-eva" not in html
    assert {row["who"] for row in csv_rows(mia, "&who=tom")} == {"tom"}
    assert "by-eva" in read(mia, "&who="), "the form's choice of everybody"


def test_cells_are_no_formulas(mia: Any) -> None:
    entry(hotel_id=1, who="=cmd()", details="+1+1")
    [row] = [row for row in csv_rows(mia) if "cmd" in row["who"]]
    assert row["who"] == "'=cmd()"
    assert row["details"] == "'+1+1"


def test_markup_in_it_is_text(mia: Any) -> None:
    entry(hotel_id=1, who="<script>", details="<img>")
    html = read(mia)
    assert "<script>" not in html.partition("<main")[2]
    assert "<img>" not in html


@pytest.mark.parametrize(
    "query",
    [
        "&format=json",
        "&before=0",
        "&before=x",
        "&before=9999999999999999999",
        "&page=2",
        "&who=%00",
    ],
)
def test_a_wrong_parameter_is_refused(mia: Any, query: str) -> None:
    assert log_in(mia).get(f"/people/audit/?hotel_id=1{query}").status_code == 400
