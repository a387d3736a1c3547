"""`create_api_key` and `revoke_api_key`: keys are created, shown once, valid, and revoked."""

import getpass
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import ApiKey
from accounts.tests.integration.conftest import create_key, get
from common.service_key import service_headers

pytestmark = pytest.mark.django_db(
    databases=["default", "data_provider", "dashboard_service", "pricing_service"]
)


def test_it_works() -> None:
    key_text = create_key(
        "pms", "--hotels", "1,2", "--may", "read_dashboard", "--until", "2099-01-31"
    )
    assert get(key_text).status_code == 200
    assert get(key_text, scheme="Api-Key").status_code == 200
    [key] = ApiKey.objects.all()
    assert (key.name, str(key.expiry_date)) == ("pms", "2099-02-01 00:00:00+00:00")
    secret = key_text.partition(".")[2]
    assert not any(secret in str(value) for value in vars(key).values()), "only a hash is stored"


def test_the_last_use_is_saved() -> None:
    key_text = create_key("pms", "--all-hotels", "--may", "read_dashboard")
    assert ApiKey.objects.get().last_used_at is None
    get(key_text)
    assert ApiKey.objects.get().last_used_at is not None


def test_a_revoked_key_is_refused_at_once() -> None:
    key_text = create_key("pms", "--all-hotels", "--may", "read_dashboard")
    out = StringIO()
    call_command("revoke_api_key", key_text.partition(".")[0], stdout=out)
    assert get(key_text).status_code == 401
    call_command("revoke_api_key", "--list", stdout=out)
    assert re.search(r"revoked  pms: all hotels; read_dashboard; used never", out.getvalue())


@pytest.mark.parametrize(
    ("arguments", "message"),
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
def test_wrong_arguments_are_refused_and_create_no_key(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        create_key(*arguments)
    assert not ApiKey.objects.exists()


def test_an_unknown_key_cannot_be_revoked() -> None:
    with pytest.raises(CommandError, match="--list shows them"):
        call_command("revoke_api_key", "nothing")


def test_the_service_key_is_created_once(settings: Any) -> None:
    assert service_headers() == {}
    create_key("--service")
    create_key("--service")
    [key] = ApiKey.objects.all()
    assert key.access().hotels is None
    file = Path(settings.SERVICE_API_KEY_FILE)
    assert file.stat().st_mode & 0o777 == 0o600
    assert Client().get("/events/feed/", headers=service_headers()).status_code == 200


def test_a_service_key_of_before_connections_is_replaced() -> None:
    create_key("--service")
    ApiKey.objects.update(set_prices=False)
    create_key("--service")
    assert ApiKey.objects.filter(set_prices=True).count() == 1


def test_a_service_key_without_all_hotels_is_replaced() -> None:
    create_key("--service")
    ApiKey.objects.update(all_hotels=False, hotels="1")
    create_key("--service")
    assert Client().get("/events/feed/", headers=service_headers()).status_code == 200


def test_no_service_key_is_created_if_its_file_cannot_be_written(
    settings: Any, tmp_path: Path
) -> None:
    settings.SERVICE_API_KEY_FILE = str(tmp_path / "nowhere" / "key")
    with pytest.raises(CommandError, match="cannot be written"):
        create_key("--service")
    assert not ApiKey.objects.exists()


def test_a_system_user_without_a_name_can_create_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_name() -> str:
        raise KeyError("getpwuid(): uid not found: 10001")

    monkeypatch.setattr(getpass, "getuser", no_name)
    create_key("pms", "--hotels", "1", "--may", "read_events")
    assert ApiKey.objects.count() == 1


def test_a_revoked_service_key_is_replaced() -> None:
    create_key("--service")
    call_command("revoke_api_key", ApiKey.objects.get().prefix, stdout=StringIO())
    create_key("--service")
    assert Client().get("/events/feed/", headers=service_headers()).status_code == 200
