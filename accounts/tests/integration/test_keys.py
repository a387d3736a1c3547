"""Keys are made, shown once, used, limited and revoked; logins are tried, locked and told of."""

import getpass
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import rate_limits
from accounts.models import ApiKey
from common.service_key import service_headers

pytestmark = pytest.mark.django_db(
    databases=["default", "data_provider", "dashboard_service", "pricing_service"]
)


@pytest.fixture(autouse=True)
def a_closed_system(settings: Any, tmp_path: Path) -> None:
    settings.API_AUTH = "required"
    settings.SERVICE_API_KEY_FILE = str(tmp_path / "service_api_key")


def create(*arguments: str) -> str:
    out = StringIO()
    call_command("create_api_key", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def get(shown: str, path: str = "/dashboard/hotels/", scheme: str = "Bearer") -> Any:
    return Client().get(path, headers={"Authorization": f"{scheme} {shown}"})


class TestCommands:
    def test_a_key_is_made_shown_once_and_works(self) -> None:
        shown = create("pms", "--hotels", "1,2", "--may", "read_dashboard", "--until", "2099-01-31")
        assert get(shown).status_code == 200
        assert get(shown, scheme="Api-Key").status_code == 200
        [key] = ApiKey.objects.all()
        assert (key.name, str(key.expiry_date)) == ("pms", "2099-02-01 00:00:00+00:00")
        secret = shown.partition(".")[2]
        assert not any(secret in str(value) for value in vars(key).values()), "only a hash is kept"

    def test_the_last_use_is_kept(self) -> None:
        shown = create("pms", "--all-hotels", "--may", "read_dashboard")
        assert ApiKey.objects.get().last_used_at is None
        get(shown)
        assert ApiKey.objects.get().last_used_at is not None

    def test_revoked_at_once_and_for_ever(self) -> None:
        shown = create("pms", "--all-hotels", "--may", "read_dashboard")
        out = StringIO()
        call_command("revoke_api_key", shown.partition(".")[0], stdout=out)
        assert get(shown).status_code == 401
        call_command("revoke_api_key", "--list", stdout=out)
        assert re.search(r"revoked  pms: all hotels; read_dashboard; used never", out.getvalue())

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ([], "give the key a name"),
            (["x", "--may", "read_events"], "give the hotels' numbers"),
            (["x", "--hotels", "one", "--may", "read_events"], "'one' is no hotel"),
            (["x", "--hotels", "1"], "may do nothing"),
            (["x", "--hotels", "1", "--may", "everything"], "invalid choice"),
            (["x", "--hotels", "1", "--may", "read_events", "--until", "tomorrow"], "give a date"),
            (["x", "--hotels", "1", "--may", "read_events", "--until", "2020-01-01"], "is over"),
            (
                ["x", "--hotels", "1", "--may", "read_events", "--until", "9999-12-31"],
                "give a date",
            ),
            (["x" * 51, "--hotels", "1", "--may", "read_events"], "at most 50"),
        ],
    )
    def test_what_is_wrong_is_told_and_makes_nothing(self, arguments: list[str], said: str) -> None:
        with pytest.raises(CommandError, match=said):
            create(*arguments)
        assert not ApiKey.objects.exists()

    def test_no_such_key_to_revoke(self) -> None:
        with pytest.raises(CommandError, match="--list shows them"):
            call_command("revoke_api_key", "nothing")

    def test_the_services_key_is_made_once(self, settings: Any) -> None:
        assert service_headers() == {}
        create("--service")
        create("--service")
        [key] = ApiKey.objects.all()
        assert key.access().hotels is None
        file = Path(settings.SERVICE_API_KEY_FILE)
        assert file.stat().st_mode & 0o777 == 0o600
        assert Client().get("/events/feed/", headers=service_headers()).status_code == 200

    def test_a_services_key_that_was_narrowed_is_made_anew(self) -> None:
        create("--service")
        ApiKey.objects.update(all_hotels=False, hotels="1")
        create("--service")
        assert Client().get("/events/feed/", headers=service_headers()).status_code == 200

    def test_a_key_that_cannot_be_kept_is_not_made(self, settings: Any, tmp_path: Path) -> None:
        settings.SERVICE_API_KEY_FILE = str(tmp_path / "nowhere" / "key")
        with pytest.raises(CommandError, match="cannot be written"):
            create("--service")
        assert not ApiKey.objects.exists()

    def test_without_a_name_for_the_user(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def nobody() -> str:
            raise KeyError("getpwuid(): uid not found: 10001")

        monkeypatch.setattr(getpass, "getuser", nobody)
        create("pms", "--hotels", "1", "--may", "read_events")
        assert ApiKey.objects.count() == 1

    def test_a_services_key_that_was_revoked_is_made_anew(self) -> None:
        create("--service")
        call_command("revoke_api_key", ApiKey.objects.get().prefix, stdout=StringIO())
        create("--service")
        assert Client().get("/events/feed/", headers=service_headers()).status_code == 200


class TestLimits:
    @pytest.fixture(autouse=True)
    def own_redis(
        self, settings: Any, valkey_socket: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.CELERY_BROKER_URL = f"redis+socket://{valkey_socket}"
        monkeypatch.setattr(rate_limits, "_ask_again_at", 0.0)
        monkeypatch.setattr(rate_limits, "WINDOW_SECONDS", 10**6)  # no window ends in the test
        rate_limits._redis(settings.CELERY_BROKER_URL).flushall()

    def test_a_key_may_ask_so_often_and_another_key_is_not_touched(self, settings: Any) -> None:
        settings.RATE_PER_KEY = 3
        one, two = (create("same name", "--all-hotels", "--may", "read_dashboard") for _ in "12")
        assert [get(one).status_code for _ in range(4)] == [200, 200, 200, 429]
        answer = get(one)
        assert int(answer.headers["Retry-After"]) > 0
        assert "too many requests" in answer.json()["detail"]
        assert get(two).status_code == 200

    def test_bad_keys_are_counted_by_address(self, settings: Any) -> None:
        settings.RATE_PER_ADDRESS = 3
        assert [get(f"guess.{n}").status_code for n in range(4)] == [401, 401, 401, 429]
        other = Client(REMOTE_ADDR="9.9.9.9")
        assert other.get("/dashboard/hotels/").status_code == 401
        assert Client().get("/healthz").status_code == 200

    def test_without_redis_nobody_is_refused(self, settings: Any, tmp_path: Path) -> None:
        settings.RATE_PER_KEY = 1
        settings.CELERY_BROKER_URL = f"redis+socket://{tmp_path}/nothing.sock"
        shown = create("pms", "--all-hotels", "--may", "read_dashboard")
        assert [get(shown).status_code for _ in range(3)] == [200, 200, 200]

    def test_many_threads_at_the_start_count_together(self, settings: Any) -> None:
        for _ in range(20):
            rate_limits._redis(settings.CELERY_BROKER_URL).flushall()
            rate_limits._clients.clear()  # as a process that just started
            together = Barrier(8)

            def ask(_: int, together: Barrier = together) -> int:
                together.wait()
                return rate_limits._count("test")

            with ThreadPoolExecutor(8) as threads:
                assert sorted(threads.map(ask, range(8))) == list(range(1, 9))

    def test_logins_are_few_whatever_the_name(self, settings: Any) -> None:
        settings.RATE_OF_LOGINS = 3
        tries = [
            Client().post("/login/", {"username": f"user{n}", "password": "x"}).status_code
            for n in range(4)
        ]
        assert tries == [200, 200, 200, 429]


class TestOddRequests:
    def test_a_large_upload_is_refused_before_it_is_read(self) -> None:
        for path in ("/login/", "/admin/login/", "/"):
            answer = Client().generic("POST", path, b"x", CONTENT_LENGTH="9000000")
            assert answer.status_code == 413, path

    @pytest.mark.parametrize("key", ['"\\000aaaa"', "x;y", "\u00e9", "a b"])
    def test_an_odd_session_is_nobody_s(self, key: str) -> None:
        client = Client()
        client.cookies["sessionid"] = key
        for path in ("/", "/events/", "/admin/"):
            assert client.get(path).status_code in (302, 401), path

    @pytest.mark.parametrize(
        "header",
        ["Bearer", "Bearer ", "Bearer .", "Bearer \u00fc.x", "Bearer " + "x" * 5000, " ", "x"],
    )
    def test_an_odd_key_is_refused(self, header: str) -> None:
        answer = Client().get("/events/", headers={"Authorization": header})
        assert answer.status_code == 401

    def test_a_proxy_s_own_scheme_does_not_hide_a_login(self) -> None:
        client = Client(headers={"Authorization": "Basic eDp5"})
        user = get_user_model().objects.create_user("mia", is_staff=True)
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        assert client.get("/events/").status_code == 200

    def test_a_lock_on_the_keys_makes_nobody_wait(self) -> None:
        """Held here as a promise of the code, the lock itself is SQLite's."""
        shown = create("pms", "--all-hotels", "--may", "read_dashboard")
        with CaptureQueriesContext(connection) as queries:
            get(shown)
        said = [query["sql"] for query in queries]
        if connection.vendor == "sqlite":
            assert "PRAGMA busy_timeout = 20" in said
            assert said[-1] == "PRAGMA busy_timeout = 60000"

    def test_after_another_login_the_page_is_not_the_one_before(self) -> None:
        get_user_model().objects.create_user("mia", password="right-and-long", is_staff=True)
        client = Client()
        tags = []
        for _ in range(2):
            client.post("/login/", {"username": "mia", "password": "right-and-long"})
            client.get("/")
            tags.append(client.get("/").headers["ETag"])
            client.post("/logout/")
        assert tags[0] != tags[1]

    def test_a_database_of_users_that_is_away_is_a_503(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: Any, **__: Any) -> None:
            raise OperationalError("no route to host")

        monkeypatch.setattr("django.contrib.auth.views.LoginView.form_valid", away)
        monkeypatch.setattr(ApiKey.objects, "get_from_key", away)
        get_user_model().objects.create_user("mia", password="right-and-long")
        answer = Client().post("/login/", {"username": "mia", "password": "right-and-long"})
        assert answer.status_code == 503
        assert get("any.key").status_code == 503
        html = Client().get("/", headers={"Authorization": "Bearer a.b", "Accept": "text/html"})
        assert "Not now" in html.content.decode()


class TestLogins:
    @pytest.fixture(autouse=True)
    def somebody(self) -> None:
        get_user_model().objects.create_user("mia", password="right-and-long")

    def log_in(self, password: str, address: str = "1.1.1.1", then: str = "/") -> Any:
        client = Client(REMOTE_ADDR=address)
        return client.post(
            f"/login/?next={then}", {"username": "mia", "password": password, "next": then}
        )

    def test_the_page_asks_for_a_login_and_comes_back(self) -> None:
        answer = Client().get("/?hotel_id=1&year=2025")
        assert answer.headers["Location"] == "/login/?next=/%3Fhotel_id%3D1%26year%3D2025"
        assert self.log_in("right-and-long").headers["Location"] == "/"

    def test_no_other_site_is_gone_to(self) -> None:
        answer = self.log_in("right-and-long", then="https://evil.example/")
        assert answer.headers["Location"] == "/"

    def test_too_many_tries_lock_that_name_from_that_address(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO, "access"):
            tries = [self.log_in("wrong").status_code for _ in range(6)]
            assert tries == [200, 200, 200, 200, 429, 429]
            assert self.log_in("right-and-long").status_code == 429
            assert self.log_in("right-and-long", address="2.2.2.2").status_code == 302
        said = [record.getMessage() for record in caplog.records]
        assert "login failed for 'mia' from 1.1.1.1" in said
        assert "login of 'mia' is locked from 1.1.1.1" in said
        assert "mia logged in from 2.2.2.2" in said
        assert not any("wrong" in line or "right-and-long" in line for line in said)


class TestAdmin:
    @pytest.fixture
    def admin(self) -> Client:
        user = get_user_model().objects.create_superuser("root", password=None)
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client

    def test_a_key_is_made_and_revoked(
        self, admin: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        fields = {"name": "pms", "hotels": "1 2", "read_dashboard": "on"}
        with caplog.at_level(logging.INFO, "access"):
            page = admin.post("/admin/accounts/apikey/add/", fields, follow=True)
            found = re.search(r"shown this once: ([\w.]+)", page.content.decode())
            assert found
            assert get(found[1]).status_code == 200
            key = ApiKey.objects.get()
            admin.post(
                "/admin/accounts/apikey/",
                {"action": "revoke", "_selected_action": [key.pk]},
            )
            assert get(found[1]).status_code == 401
        said = [record.getMessage() for record in caplog.records]
        assert f"key {key.prefix} ('pms') created by root: hotels 1 2, read_dashboard" in said
        assert f"key {key.prefix} ('pms') revoked by root" in said
        assert found[1] not in "".join(said)
        assert (
            found[1] not in admin.get(f"/admin/accounts/apikey/{key.pk}/change/").content.decode()
        )

    def test_who_may_only_look_at_keys_cannot_revoke_them(self) -> None:
        create("pms", "--all-hotels", "--may", "read_dashboard")
        user = get_user_model().objects.create_user("mia", is_staff=True)
        user.user_permissions.add(
            Permission.objects.get(codename="view_apikey", content_type__app_label="accounts")
        )
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        key = ApiKey.objects.get()
        client.post("/admin/accounts/apikey/", {"action": "revoke", "_selected_action": [key.pk]})
        assert not ApiKey.objects.get().revoked

    def test_a_user_gets_hotels(self, admin: Client) -> None:
        mia = get_user_model().objects.create_user("mia")
        page = admin.get(f"/admin/auth/user/{mia.pk}/change/").content.decode()
        assert "hotel_access-0-hotels" in page

    def test_every_page_of_the_admin_opens(self, admin: Client) -> None:
        index = admin.get("/admin/").content.decode()
        for path in set(re.findall(r'href="(/admin/\w+/\w+/)"', index)):
            assert admin.get(path).status_code == 200, path
        assert "/admin/accounts/apikey/" in index
        assert "rest_framework_api_key" not in index
