"""Read-only links: whoever has one reads one hotel's report and its tables, and nothing else."""

import logging
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from accounts.models import HotelAccess
from dashboard_service.models import DashboardData, HotelProfile
from overview.read_only_links import links
from overview.read_only_links.link_models import ReadOnlyLink
from tests.integration.access_clients import OTHER_HOTEL, OWN_HOTEL, RIGHTS, client_of

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]

PAGE = f"/dashboard/links/?hotel_id={OWN_HOTEL}"
MAKER = "user that sets prices"


@pytest.fixture(autouse=True)
def two_hotels(settings: Any) -> None:
    settings.API_AUTH = "required"
    for hotel, name in ((OWN_HOTEL, "Seaview"), (OTHER_HOTEL, "Alpine")):
        HotelProfile.objects.create(hotel_id=hotel, name=name, rooms=10)
        for basis in ("booked", "stay"):
            DashboardData.objects.create(
                hotel_id=hotel, basis=basis, day="2025-06-01", gross_booking_count=hotel
            )


def make(client: Client, days: str = "7", **fields: str) -> str:
    """Make a link and return its address without the host."""
    response = client.post(PAGE, {"days": days, **fields})
    assert response.status_code == 201, response.content
    [address] = re.findall(r'readonly value="([^"]+)"', response.content.decode())
    assert address.startswith("http://testserver/shared/report?link=")
    return str(address.removeprefix("http://testserver"))


def token_of(address: str) -> str:
    [token] = parse_qs(urlsplit(address).query)["link"]
    return token


@pytest.fixture
def maker() -> Client:
    return client_of(MAKER)


@pytest.fixture
def address(maker: Client) -> str:
    return make(maker)


class TestReading:
    def test_nobody_needs_a_login_to_read_the_report_and_its_tables(self, address: str) -> None:
        reader = Client()
        response = reader.get(address)
        html = response.content.decode()
        assert response.status_code == 200
        assert "Seaview" in html
        assert "by a read-only link, which is valid until" in html
        tables = re.findall(r'href="(/shared/table[^"]+)"', html)
        assert len(tables) >= 6
        for table in tables:
            found = reader.get(table.replace("&amp;", "&"))
            assert found.status_code == 200, table
            assert "Seaview" in found["Content-Disposition"]
        [before] = re.findall(r'href="(/shared/report[^"]+month=5)"', html)
        assert "May 2025" in reader.get(before.replace("&amp;", "&")).content.decode()
        assert reader.head(address).status_code == 200

    def test_it_leads_nowhere_else(self, address: str) -> None:
        html = Client().get(address).content.decode()
        hrefs = re.findall(r'<a[^>]* href="([^"]+)"', html)
        assert all(href.startswith(("/shared/", "#")) for href in hrefs), hrefs

    @pytest.mark.parametrize("path", ["", "/shared/table/?table=pace&format=csv&link="])
    def test_it_is_not_stored_indexed_or_told_to_others(self, address: str, path: str) -> None:
        response = Client().get(path + token_of(address) if path else address)
        assert response.status_code == 200
        assert response["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["Cache-Control"] == "private, no-store"

    def test_its_text_is_neither_stored_nor_logged(
        self, maker: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        token = token_of(make(maker, purpose="the bank"))
        Client().get(f"/shared/report/?link={token}")
        Client().get(f"/shared/report/?link={token}x")
        Client().get(f"/shared/report/?link={token}&year=1")
        maker.get(PAGE)
        assert token not in caplog.text
        assert f"to the report of hotel {OWN_HOTEL} made by" in caplog.text
        assert token not in str(ReadOnlyLink.objects.values_list())
        assert token not in maker.get(PAGE).content.decode()


class TestWaysAround:
    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/shared/report/?link={}&hotel_id=2", 400),
            ("/shared/table/?link={}&hotel_id=2&table=pace&format=csv", 400),
            ("/shared/table/?link={}&table=pace&format=csv&hotel=2", 400),
            ("/shared/report/?link={0}&link={0}", 400),
            ("/shared/report/?link=", 400),
            ("/shared/report/", 400),
            ("/shared/report/?link={}x", 403),
            ("/shared/report/?link=1", 403),
            ("/shared/table/?link={}x&table=pace&format=csv", 403),
            ("/shared/report/?link=" + "x" * 101, 400),
            ("/shared/table/?link={}&table=nights&format=csv", 400),
            ("/shared/?link={}", 404),
            ("/shared/report/2/?link={}", 404),
            ("/dashboard/report/?link={}&hotel_id=1", 302),
            ("/dashboard/table/?link={}&hotel_id=1&table=pace&format=csv", 302),
            ("/?link={}", 302),
            ("/pricing/?link={}", 302),
            ("/dashboard/links/?hotel_id=1&link={}", 302),
            ("/dashboard/?hotel_id=1&link={}", 401),
            ("/prices/?hotel_id=1&link={}", 401),
        ],
    )
    def test_nothing_else_answers(self, address: str, path: str, status: int) -> None:
        response = Client().get(path.format(token_of(address)))
        assert response.status_code == status, path
        assert "Alpine" not in response.content.decode()

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_it_is_read_only(self, address: str, method: str) -> None:
        assert getattr(Client(), method)(address).status_code == 405

    def test_the_text_counts_whole(self, address: str) -> None:
        token = token_of(address)
        for changed in (token[:-1], token.swapcase(), token[1:], f" {token[1:]}", token + "="):
            assert Client().get("/shared/report/", {"link": changed}).status_code == 403, changed

    def test_a_reader_s_own_login_changes_nothing(self, address: str) -> None:
        other = client_of("key of another hotel")
        assert "Seaview" in other.get(address).content.decode()
        assert client_of("user without hotels").get(address).status_code == 200

    def test_without_a_database_it_says_so(
        self, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_: str) -> None:
            raise OperationalError("away")

        monkeypatch.setattr(links, "find_link", fail)
        assert Client().get(address).status_code == 503


class TestEnds:
    def ended(self, address: str, reason: str) -> None:
        for path in (address, f"/shared/table/?link={token_of(address)}&table=pace&format=csv"):
            response = Client().get(path)
            assert response.status_code == 410
            assert reason in response.content.decode()
            assert response["Referrer-Policy"] == "no-referrer"

    @pytest.mark.parametrize("days", ["1", "7", "30"])
    def test_when_it_expires(self, maker: Client, days: str) -> None:
        address = make(maker, days)
        link = ReadOnlyLink.objects.get()
        assert link.expires_at - link.made_at == timedelta(days=int(days))
        ReadOnlyLink.objects.update(expires_at=timezone.now() + timedelta(seconds=60))
        assert Client().get(address).status_code == 200
        ReadOnlyLink.objects.update(expires_at=timezone.now())
        self.ended(address, "it expired on")

    def test_when_it_is_revoked(self, maker: Client, address: str) -> None:
        body = {"link": str(ReadOnlyLink.objects.get().pk)}
        response = maker.post(f"/dashboard/links/revoke/?hotel_id={OWN_HOTEL}", body)
        assert response.headers["Location"] == f"/dashboard/links?hotel_id={OWN_HOTEL}"
        self.ended(address, "it was revoked")
        assert ReadOnlyLink.objects.get().revoked_by.startswith("user")
        assert "There are none" in maker.get(PAGE).content.decode()
        again = maker.post(f"/dashboard/links/revoke/?hotel_id={OWN_HOTEL}", body)
        assert again.status_code == 404

    def test_when_its_maker_is_deactivated(self, address: str) -> None:
        get_user_model().objects.update(is_active=False)
        self.ended(address, "may no longer share")

    def test_when_its_maker_may_no_longer_decide(self, address: str) -> None:
        get_user_model().objects.get().user_permissions.clear()
        self.ended(address, "may no longer share")

    def test_when_the_hotel_is_taken_from_its_maker(self, address: str) -> None:
        HotelAccess.objects.update(hotels=str(OTHER_HOTEL))
        self.ended(address, "may no longer share")

    def test_when_its_maker_is_deleted(self, address: str) -> None:
        get_user_model().objects.all().delete()
        assert Client().get(address).status_code == 403

    def test_when_an_open_system_closes(self, settings: Any) -> None:
        settings.API_AUTH = "open"
        address = make(Client())
        assert Client().get(address).status_code == 200
        settings.API_AUTH = "required"
        self.ended(address, "may no longer share")


class TestMaking:
    @pytest.mark.parametrize("kind", RIGHTS)
    def test_who_may(self, kind: str) -> None:
        rights, client = RIGHTS[kind], client_of(kind)
        for hotel in (OWN_HOTEL, OTHER_HOTEL):
            path = f"/dashboard/links/?hotel_id={hotel}"
            responses = [
                client.get(path),
                client.post(path, {"days": "1"}),
                client.post(f"/dashboard/links/revoke/?hotel_id={hotel}", {"link": "99"}),
            ]
            statuses = [response.status_code for response in responses]
            if rights.abilities is None:
                assert statuses == [302] * 3
                continue
            is_theirs = rights.hotels is None or hotel in rights.hotels
            may = bool({"set_prices", "change_hotels"} & rights.abilities) and is_theirs
            may = may and "key" not in kind  # people make links, programs need none
            assert statuses == ([200, 201, 404] if may else [403] * 3)

    def test_the_list_names_those_of_the_hotel_and_who_made_them(self, maker: Client) -> None:
        make(maker, purpose="<b>The bank</b>")
        ReadOnlyLink.objects.create(
            hotel_id=OTHER_HOTEL, token_hash="x", purpose="a secret", made_by="somebody",
            expires_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip
        html = maker.get(PAGE).content.decode()
        assert "&lt;b&gt;The bank&lt;/b&gt;" in html
        assert str(get_user_model().objects.get()) in html
        assert "a secret" not in html

    def test_another_hotel_s_link_cannot_be_revoked(self, maker: Client) -> None:
        other = ReadOnlyLink.objects.create(
            hotel_id=OTHER_HOTEL, token_hash="x", made_by="somebody",
            expires_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip
        path = f"/dashboard/links/revoke/?hotel_id={OWN_HOTEL}"
        assert maker.post(path, {"link": str(other.pk)}).status_code == 404
        other.refresh_from_db()
        assert other.revoked_at is None

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({}, "required"),
            ({"days": "365"}, "is not a valid choice"),
            ({"days": ["1", "7"]}, "must be one value"),
            ({"days": "1", "hotel_id": "2"}, "unknown field"),
            ({"days": "1", "purpose": "x" * 81}, "80 characters"),
        ],
    )
    def test_a_wrong_form_is_refused(
        self, maker: Client, fields: dict[str, Any], reason: str
    ) -> None:
        response = maker.post(PAGE, fields)
        assert response.status_code == 400
        assert reason in response.content.decode()
        assert not ReadOnlyLink.objects.exists()

    @pytest.mark.parametrize("body", [{}, {"link": "x"}, {"link": "0"}, {"link": "1", "more": "1"}])
    def test_a_wrong_form_revokes_nothing(self, maker: Client, body: dict[str, str]) -> None:
        path = f"/dashboard/links/revoke/?hotel_id={OWN_HOTEL}"
        assert maker.post(path, body).status_code == 400
        assert maker.get(path).status_code == 405

    def test_another_site_cannot_make_one(self, maker: Client) -> None:
        client = Client(enforce_csrf_checks=True)
        client.cookies = maker.cookies
        assert client.post(PAGE, {"days": "1"}).status_code == 403
        token = re.findall(
            r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(PAGE).content.decode()
        )[0]
        assert client.post(PAGE, {"days": "1", "csrfmiddlewaretoken": token}).status_code == 201

    def test_there_is_an_end_to_it(self, maker: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(links, "MAX_LIVE_LINKS", 1)
        make(maker)
        response = maker.post(PAGE, {"days": "1"})
        assert response.status_code == 400
        assert "revoke one first" in response.content.decode()

    def test_the_report_leads_to_it_for_those_who_may(self, maker: Client) -> None:
        report = f"/dashboard/report/?hotel_id={OWN_HOTEL}"
        assert "/dashboard/links?hotel_id=1" in maker.get(report).content.decode()
        get_user_model().objects.all().delete()
        assert "/dashboard/links" not in client_of("plain user").get(report).content.decode()
