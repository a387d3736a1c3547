"""A system in which every request needs a key or a login, users with roles, an SMTP server."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

from accounts import rate_limits
from accounts.models import HotelAccess
from tests.mailbox import Mailbox, running_mailbox

PASSWORD = "right-and-long"


@pytest.fixture(autouse=True)
def closed_system(settings: Any, tmp_path: Path) -> None:
    settings.API_AUTH = "required"
    settings.SERVICE_API_KEY_FILE = str(tmp_path / "service_api_key")


def create_key(*arguments: str) -> str:
    """Run `create_api_key` and return the key's text."""
    out = StringIO()
    call_command("create_api_key", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def get(key_text: str, path: str = "/dashboard/hotels/", scheme: str = "Bearer") -> Any:
    return Client().get(path, headers={"Authorization": f"{scheme} {key_text}"})


@pytest.fixture
def mailbox(
    settings: Any, valkey_socket: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Mailbox]:
    """A real SMTP server; what would be queued for a worker is done at once."""
    settings.CELERY_BROKER_URL = f"redis+socket://{valkey_socket}"
    monkeypatch.setattr(rate_limits, "_retry_at", 0.0)
    rate_limits._redis(settings.CELERY_BROKER_URL).flushall()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    current_app.conf.task_always_eager = True
    with running_mailbox() as received:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", received.port
        yield received
    current_app.conf.task_always_eager = False


def log_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def make_user(name: str, *, manages: str = "", decides: str = "", sees: str = "") -> Any:
    """Create a user of this password: `right-and-long`."""
    user = get_user_model().objects.create_user(name, password=PASSWORD)
    hotels = ",".join(filter(None, (manages, decides, sees)))
    HotelAccess.objects.create(user=user, hotels=hotels, decides=decides, manages=manages)
    return user
