"""Two factors: turning them on, logging in with a code or a recovery code, guessing, turning off."""

import re
import time
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import AuditEntry
from accounts.own_account import second_factor
from accounts.tests.integration.conftest import PASSWORD, create_key, get, log_in, make_user

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]

CODE_PATH = "/login/code/"


@pytest.fixture
def mia() -> Any:
    return make_user("mia", sees="1")


@pytest.fixture
def codes(mia: Any) -> list[str]:
    """The recovery codes of mia, whose second factor is on."""
    device = second_factor.device_to_enrol(mia)
    made = second_factor.confirm(mia, code_of(device))
    assert made is not None
    forget_use()
    return made


def code_of(device: TOTPDevice, steps: int = 0) -> str:
    """Return the code that an app shows; of another time, so many half minutes from now."""
    return f"{totp(device.bin_key, device.step, device.t0, device.digits, steps):06}"


def right_code() -> str:
    return code_of(TOTPDevice.objects.get())


def wrong_code() -> str:
    """Return a code that none of the neighbouring half minutes has."""
    device = TOTPDevice.objects.get()
    near = {code_of(device, steps) for steps in range(-3, 4)}
    return next(text for n in range(10) if (text := f"{n:06}") not in near)


def forget_use() -> None:
    """Let the present code be used again, and no wrong one delay the next."""
    TOTPDevice.objects.update(last_t=-1, throttling_failure_count=0)


def first_step(next_path: str = "/", **meta: Any) -> Client:
    client = Client(**meta)
    response = client.post(
        f"/login/?next={next_path}", {"username": "mia", "password": PASSWORD, "next": next_path}
    )
    assert response.headers["Location"] == "/login/code"
    return client


def is_logged_in(client: Client) -> bool:
    return bool(client.get("/dashboard/?hotel_id=1").status_code == 200)


def test_it_is_turned_on_with_the_first_code_and_the_password(mia: Any) -> None:
    client, other = log_in(mia), log_in(mia)
    html = client.get("/account/second-factor/").content.decode()
    assert "<svg" in html
    assert "style=" not in html.partition("<main")[2]
    device = TOTPDevice.objects.get()
    assert not device.confirmed
    fields = {"code": code_of(device), "password": PASSWORD}
    page = client.post("/account/second-factor/", fields).content.decode()
    shown = re.findall(r"<li><bdi>([a-z2-9]{5}-[a-z2-9]{5})</bdi></li>", page)
    assert len(set(shown)) == second_factor.CODES
    assert not any(code in client.get("/account/").content.decode() for code in shown)
    stored = str(list(StaticToken.objects.values_list("token", flat=True)))
    assert not any(code.replace("-", "") in stored for code in shown)
    assert is_logged_in(client)
    assert not is_logged_in(other), "it began without the second factor"
    assert AuditEntry.objects.filter(user=mia, act="factor-on").exists()


@pytest.mark.parametrize("wrong", ["code", "password"])
def test_it_stays_off_with_a_wrong_code_or_password(mia: Any, wrong: str) -> None:
    client = log_in(mia)
    client.get("/account/second-factor/")
    fields = {"code": right_code(), "password": PASSWORD}
    fields[wrong] = wrong_code() if wrong == "code" else "wrong"
    assert client.post("/account/second-factor/", fields).status_code == 400
    assert second_factor.confirmed_device(mia) is None
    assert not StaticToken.objects.exists()


@pytest.mark.usefixtures("codes")
def test_a_login_needs_the_code_and_leads_where_it_was_going() -> None:
    client = first_step("/pricing/")
    assert not is_logged_in(client)
    response = client.post(CODE_PATH, {"code": f" {right_code()[:3]} {right_code()[3:]}"})
    assert response.headers["Location"] == "/pricing/"
    assert is_logged_in(client)


@pytest.mark.usefixtures("codes")
def test_no_redirect_to_another_site() -> None:
    client = Client()
    fields = {"username": "mia", "password": PASSWORD, "next": "https://evil.example/"}
    client.post("/login/", fields)
    response = client.post(CODE_PATH, {"code": right_code()})
    assert response.headers["Location"] == "/"


@pytest.mark.usefixtures("codes")
def test_a_code_works_once() -> None:
    code = right_code()
    assert first_step().post(CODE_PATH, {"code": code}).status_code == 302
    client = first_step()
    assert client.post(CODE_PATH, {"code": code}).status_code == 400
    assert not is_logged_in(client)


def test_a_recovery_code_works_once_and_says_how_many_are_left(mia: Any, codes: list[str]) -> None:
    client = first_step()
    client.post(CODE_PATH, {"code": codes[0].upper()})
    assert is_logged_in(client)
    assert AuditEntry.objects.get(user=mia, act="recovery-used").details == "9 left"
    assert first_step().post(CODE_PATH, {"code": codes[0]}).status_code == 400


def test_a_recovery_code_of_somebody_else_does_not_work(codes: list[str]) -> None:
    eva = make_user("eva")
    device = second_factor.device_to_enrol(eva)
    others = second_factor.confirm(eva, code_of(device))
    assert others
    assert first_step().post(CODE_PATH, {"code": others[0]}).status_code == 400


@pytest.mark.usefixtures("codes")
@pytest.mark.parametrize("code", ["", "x", "1234567", "٣٤٥٦٧٨", "-1", "1" * 40, "\x00" * 6])
def test_what_is_no_code_logs_nobody_in(code: str) -> None:
    client = first_step()
    assert client.post(CODE_PATH, {"code": code}).status_code == 400
    assert not is_logged_in(client)


@pytest.mark.usefixtures("codes")
def test_guesses_of_codes_lock_as_guesses_of_passwords_do() -> None:
    client = first_step(REMOTE_ADDR="1.1.1.1")
    code = wrong_code()
    statuses = []
    for _ in range(6):
        forget_use()
        statuses.append(client.post(CODE_PATH, {"code": code}).status_code)
    assert statuses == [400, 400, 400, 400, 429, 429]
    forget_use()
    assert client.post(CODE_PATH, {"code": right_code()}).status_code == 429
    fields = {"username": "mia", "password": PASSWORD}
    assert Client(REMOTE_ADDR="1.1.1.1").post("/login/", fields).status_code == 429


@pytest.mark.usefixtures("codes")
def test_after_a_wrong_code_everybody_waits() -> None:
    client = first_step(REMOTE_ADDR="1.1.1.1")
    client.post(CODE_PATH, {"code": wrong_code()})
    other = first_step(REMOTE_ADDR="2.2.2.2")
    assert other.post(CODE_PATH, {"code": right_code()}).status_code == 400


def test_the_second_step_needs_the_first(codes: list[str]) -> None:
    client = Client()
    assert client.get(CODE_PATH).headers["Location"] == "/login"
    assert client.post(CODE_PATH, {"code": codes[0]}).headers["Location"] == "/login"
    assert not is_logged_in(client)


@pytest.mark.usefixtures("codes")
def test_the_second_step_is_open_for_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    client = first_step()
    code, later = right_code(), time.time() + 601
    monkeypatch.setattr("accounts.own_account.login_page.time.time", lambda: later)
    assert client.post(CODE_PATH, {"code": code}).headers["Location"] == "/login"


@pytest.mark.usefixtures("codes")
@pytest.mark.parametrize("change", ["password", "disabled", "factor off"])
def test_the_second_step_ends_when_the_login_changes(mia: Any, change: str) -> None:
    client, code = first_step(), right_code()
    if change == "password":
        mia.set_password("another-and-long-1")
        mia.save()
    elif change == "disabled":
        get_user_model().objects.update(is_active=False)
    else:
        second_factor.turn_off(mia)
    assert client.post(CODE_PATH, {"code": code}).headers["Location"] == "/login"
    assert not is_logged_in(client)


@pytest.mark.usefixtures("codes")
def test_the_admin_s_login_asks_for_the_code_too(mia: Any) -> None:
    get_user_model().objects.update(is_staff=True, is_superuser=True)
    client = Client()
    response = client.get("/admin/auth/user/")
    assert response.headers["Location"] == "/admin/login/?next=/admin/auth/user/"
    response = client.get(response.headers["Location"])
    assert response.headers["Location"] == "/login?next=%2Fadmin%2Fauth%2Fuser%2F"
    client.post("/admin/login/", {"username": "mia", "password": PASSWORD})
    assert client.get("/admin/").status_code == 302, "the admin's own form logs nobody in"
    fields = {"username": "mia", "password": PASSWORD, "next": "/admin/auth/user/"}
    client.post("/login/", fields)
    assert client.get("/admin/").status_code == 302
    response = client.post(CODE_PATH, {"code": right_code()})
    assert response.headers["Location"] == "/admin/auth/user/"
    assert client.get("/admin/").status_code == 200


def test_a_login_that_is_no_staff_is_told_so_by_the_admin(mia: Any) -> None:
    response = log_in(mia).get("/admin/", follow=True)
    assert response.status_code == 403
    assert "not staff" in response.content.decode()


@pytest.mark.parametrize("act", ["off", "codes"])
def test_turning_it_off_and_new_codes_need_the_password(
    mia: Any, codes: list[str], act: str
) -> None:
    path = "/account/second-factor/off/" if act == "off" else "/account/recovery-codes/"
    client = log_in(mia)
    for password in ("wrong", ""):
        client.post(path, {"password": password})
        assert second_factor.confirmed_device(mia) is not None
        assert second_factor.recovery_codes_left(mia) == second_factor.CODES
    assert "not your password" in client.get("/account/").content.decode()
    client.post(path, {"password": PASSWORD})
    assert (second_factor.confirmed_device(mia) is None) == (act == "off")
    assert not second_factor.use_recovery_code(mia, codes[0])


@pytest.mark.usefixtures("codes")
def test_guesses_of_the_password_are_limited_as_logins_are(mia: Any) -> None:
    client = log_in(mia)
    for _ in range(5):
        client.post("/account/second-factor/off/", {"password": "wrong"})
    client.post("/account/second-factor/off/", {"password": PASSWORD})
    assert second_factor.confirmed_device(mia) is not None


def test_it_is_not_turned_on_over_one_that_is_on(mia: Any, codes: list[str]) -> None:
    client, before = log_in(mia), TOTPDevice.objects.get().key
    for method in (client.get, client.post):
        response = method("/account/second-factor/")
        assert response.headers["Location"] == "/account"
    assert TOTPDevice.objects.get().key == before


@pytest.mark.usefixtures("codes")
def test_keys_need_no_code() -> None:
    assert get(create_key("pms", "--hotels", "1", "--may", "read_dashboard"), "/dashboard/?hotel_id=1").status_code == 200  # fmt: skip


@pytest.mark.usefixtures("codes")
def test_the_operator_removes_it_for_somebody_who_lost_everything(mia: Any) -> None:
    call_command("remove_second_factor", "MIA", stdout=StringIO())
    assert second_factor.confirmed_device(mia) is None
    for name, said in (("mia", "has no second factor"), ("nobody", "not the name")):
        with pytest.raises(CommandError, match=said):
            call_command("remove_second_factor", name)


@pytest.mark.usefixtures("codes")
def test_no_page_of_the_admin_shows_a_secret() -> None:
    root = get_user_model().objects.create_superuser("root")
    client = log_in(root)
    assert "otp" not in client.get("/admin/").content.decode().lower()
    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404


def test_no_code_or_secret_is_logged(mia: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        client = log_in(mia)
        client.get("/account/second-factor/")
        device = TOTPDevice.objects.get()
        fields = {"code": code_of(device), "password": PASSWORD}
        page = client.post("/account/second-factor/", fields).content.decode()
        [code, *_] = re.findall(r"<li><bdi>([a-z2-9]{5}-[a-z2-9]{5})</bdi></li>", page)
        Session.objects.all().delete()
        first_step().post(CODE_PATH, {"code": code})
    lines = "\n".join(record.getMessage() for record in caplog.records if record.name == "access")
    assert "mia turned the second factor on from 127.0.0.1" in lines
    for secret in (device.key, fields["code"], code, PASSWORD):
        assert secret not in lines
