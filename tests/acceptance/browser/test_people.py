"""People in a closed system, in a browser: invited by mail, with a second factor, removed.

Each page is looked at by axe, light and dark, on a desktop and a phone.
"""

import re
import time
from base64 import b32decode
from collections.abc import Callable, Iterator

import pytest
from django_otp.oath import totp
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser.page_checks import problems
from tests.acceptance.conftest import Stack, running_stack
from tests.mailbox import Mailbox, running_mailbox

MANAGER, COLLEAGUE = "mia", "lea.with-a-long-name@hotel-at-the-sea.example"
PASSWORD, NEW = "long-and-right-1", "new-and-long-1"
LONG_NAME = "فندق " + "Grand Hotel at the Sea 🏖 " * 3 + "x" * 20  # 100 characters
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with running_mailbox() as received:
        yield received


@pytest.fixture(scope="module")
def closed(mailbox: Mailbox) -> Iterator[Stack]:
    """A closed system with a mail server, and mia, who manages its two hotels."""
    mails = f"smtp://127.0.0.1:{mailbox.port}"
    with running_stack(API_AUTH="required", RATE_OF_LOGINS="0", EMAIL_URL=mails) as running:
        make = (
            "from django.contrib.auth.models import User; "
            "from accounts.models import HotelAccess; "
            "from dashboard_service.models import HotelProfile; "
            f"mia = User.objects.create_user({MANAGER!r}, password={PASSWORD!r}); "
            "HotelAccess.objects.create(user=mia, hotels='1,2', manages='1,2'); "
            f"HotelProfile.objects.update_or_create(hotel_id=1, defaults=dict(name={LONG_NAME!r}))"
        )
        made = running.manage("shell", "-v0", "-c", make)
        assert made.returncode == 0, made.stderr
        yield running


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """Another person's browser."""
    page = browser.new_page()
    page.set_default_timeout(20_000)
    yield page
    page.close()


def log_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name or mail address").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def wait_for_mail(mailbox: Mailbox, number: int) -> None:
    give_up = time.monotonic() + 30
    while len(mailbox.mails) < number:
        assert time.monotonic() < give_up, "no mail came"
        time.sleep(0.1)


def test_a_colleague_from_the_invitation_to_the_second_factor(
    closed: Stack, page: Page, visitor: Page, mailbox: Mailbox
) -> None:
    page.goto(f"{closed.base}/people/?hotel_id=1")
    assert problems(page, "login") == []
    log_in(page, MANAGER, PASSWORD)
    expect(page.locator("h1")).to_contain_text("People of")
    page.get_by_label("Mail address").fill(COLLEAGUE)
    page.get_by_label("This person").select_option("decide")
    page.get_by_label("Hotel 2").check()
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("on its way")
    wait_for_mail(mailbox, 1)

    def expect_mailed() -> None:
        page.reload()
        expect(page.locator("#invitation-1")).to_contain_text("mailed", timeout=500)

    _retry(expect_mailed)
    assert problems(page, "people") == []

    visitor.goto(closed.base + mailbox.last_link())
    expect(visitor).to_have_url(re.compile("/invitation$"))
    assert problems(visitor, "invitation") == []
    visitor.get_by_label("Your name").fill("Lea Lauer")
    visitor.get_by_label("Password", exact=True).fill(NEW)
    visitor.get_by_label("Password again").fill(NEW)
    visitor.get_by_role("button", name="Accept and log in").click()
    expect(visitor.locator("#morning")).to_be_visible()
    assert visitor.locator("#hotel option").count() == 2

    visitor.get_by_title("Your login", exact=False).click()
    assert problems(visitor, "account-without-factor") == []
    visitor.get_by_role("link", name="Turn the second factor on").click()
    assert problems(visitor, "second-factor") == []
    secret = b32decode(visitor.locator("#secret").inner_text().replace(" ", ""))
    visitor.locator("#code").fill(f"{totp(secret):06}")
    visitor.get_by_label("Your password").fill(NEW)
    visitor.get_by_role("button", name="Turn it on").click()
    expect(visitor.locator("h1")).to_have_text("Your recovery codes")
    assert problems(visitor, "recovery-codes") == []
    recovery = visitor.locator(".codes li").first.inner_text()
    visitor.get_by_role("link", name="I have them").click()
    assert problems(visitor, "account") == []

    visitor.get_by_role("button", name="Log out").click()
    log_in(visitor, COLLEAGUE.upper(), NEW)
    expect(visitor.locator("h1")).to_have_text("Second factor")
    assert problems(visitor, "login-code") == []
    # A code works once, and the next half minute's is taken already.
    visitor.locator("#code").fill(f"{totp(secret, drift=1):06}")
    visitor.get_by_role("button", name="Log in").click()
    expect(visitor.locator("#morning")).to_be_visible()

    visitor.get_by_role("button", name="Log out").click()
    log_in(visitor, COLLEAGUE, NEW)
    visitor.locator("#code").fill(recovery)
    visitor.get_by_role("button", name="Log in").click()
    expect(visitor.locator("#morning")).to_be_visible()

    page.goto(f"{closed.base}/people/audit/?hotel_id=1")
    expect(page.locator("#audit")).to_contain_text("Logged in with a recovery code")
    assert problems(page, "audit") == []

    page.goto(f"{closed.base}/people/?hotel_id=2")
    page.get_by_label(f"Role of {COLLEAGUE}", exact=True).select_option("see")
    page.get_by_label(f"Save the role of {COLLEAGUE}").click()
    expect(page.get_by_role("status")).to_contain_text("now sees figures and prices")
    page.get_by_label(f"Remove {COLLEAGUE}", exact=True).click()
    page.get_by_role("button", name="Take this hotel from").click()
    expect(page.get_by_role("status")).to_contain_text("has no access")
    assert visitor.goto(f"{closed.base}/?hotel_id=2").status == 403  # type: ignore[union-attr]
    assert visitor.goto(f"{closed.base}/?hotel_id=1").status == 200  # type: ignore[union-attr]
    log = closed.log.read_text()
    assert "/invitation/" not in log.replace("/invitation/<hidden>", "")
    assert recovery not in log


def test_a_forgotten_password(closed: Stack, page: Page, mailbox: Mailbox) -> None:
    give = "from django.contrib.auth.models import User; User.objects.filter(username='mia').update(email='mia@hotel.example')"  # fmt: skip  # noqa: E501
    assert closed.manage("shell", "-v0", "-c", give).returncode == 0
    before = len(mailbox.mails)
    page.goto(f"{closed.base}/login/")
    page.get_by_role("link", name="Forgotten password").click()
    assert problems(page, "password-forgotten") == []
    page.get_by_label("Mail address").fill("MIA@hotel.example")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("status")).to_contain_text("If that address has a login")
    wait_for_mail(mailbox, before + 1)
    page.goto(closed.base + mailbox.last_link())
    assert problems(page, "password-new") == []
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password again").fill(NEW)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("status")).to_contain_text("The new password is set")
    log_in(page, MANAGER, NEW)
    expect(page.locator("#morning")).to_be_visible()


def _retry(attempt: Callable[[], None], seconds: float = 20) -> None:
    give_up = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except AssertionError:
            if time.monotonic() > give_up:
                raise
