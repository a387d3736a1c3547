"""Settings as an operator gives them, each in a process of its own."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SECRET = "a-long-random-value-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz"
PRODUCTION = {
    "DJANGO_DEBUG": "false",
    "DJANGO_SECRET_KEY": SECRET,
    "DJANGO_ALLOWED_HOSTS": "prices.example.com",
    "SERVICE_API_KEY": "abcdefgh.0123456789abcdef",
    "PROXIES": "1",
}


def manage(
    tmp_path: Path, *arguments: str, **environment: str
) -> "subprocess.CompletedProcess[str]":
    clean = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env={**clean, **environment},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def value(tmp_path: Path, name: str, **environment: str) -> str:
    show = f"from django.conf import settings; print(settings.{name})"
    return manage(tmp_path, "shell", "-v0", "-c", show, **environment).stdout.strip()


def test_production_passes_the_deployment_check(tmp_path: Path) -> None:
    checked = manage(tmp_path, "check", "--deploy", "--fail-level", "INFO", **PRODUCTION)
    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"API_AUTH": "open"}, "accounts.W001"),
        ({"API_AUTH": "opne"}, "accounts.E001"),
        ({"DJANGO_DEBUG": "true", "DJANGO_ALLOWED_HOSTS": "*"}, "accounts.W002"),
        ({"SERVICE_API_KEY": ""}, "accounts.W003"),
        ({"PROXIES": "0"}, "accounts.W004"),
        ({"DJANGO_SECRET_KEY": "short"}, "security.W009"),
        ({"DJANGO_TLS": "false"}, "security.W012"),
    ],
)
def test_what_is_unsafe_is_named_with_what_to_do(
    tmp_path: Path, change: dict[str, str], named: str
) -> None:
    checked = manage(
        tmp_path, "check", "--deploy", "--fail-level", "WARNING", **{**PRODUCTION, **change}
    )
    assert checked.returncode == 1
    assert named in checked.stderr


def test_without_debug_and_without_a_decision_keys_are_required(tmp_path: Path) -> None:
    assert value(tmp_path, "API_AUTH", **PRODUCTION) == "required"
    assert value(tmp_path, "API_AUTH", DJANGO_DEBUG="true") == "open"
    assert value(tmp_path, "API_AUTH", DJANGO_DEBUG="true", API_AUTH="required") == "required"


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET + "\n")
    given = {**PRODUCTION, "DJANGO_SECRET_KEY": "", "DJANGO_SECRET_KEY_FILE": str(tmp_path / "key")}
    assert value(tmp_path, "SECRET_KEY", **given) == SECRET


def test_a_secret_s_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", DJANGO_SECRET_KEY_FILE="/nowhere/key")
    assert done.returncode == 1
    assert "DJANGO_SECRET_KEY_FILE cannot be read" in done.stderr


def test_the_public_development_key_is_refused(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", DJANGO_DEBUG="false")
    assert done.returncode == 1
    assert "DJANGO_SECRET_KEY is the development key" in done.stderr


def test_a_form_of_the_log_that_is_not_known_is_named(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", **PRODUCTION, LOG_FORMAT="xml")
    assert done.returncode == 1
    assert "LOG_FORMAT is 'xml': set it to line or json" in done.stderr


def test_prometheus_is_not_sent_to_another_scheme(tmp_path: Path) -> None:
    [exempt] = ast.literal_eval(value(tmp_path, "SECURE_REDIRECT_EXEMPT", **PRODUCTION))
    assert re.match(exempt, "metrics") and not re.match(exempt, "admin/")
