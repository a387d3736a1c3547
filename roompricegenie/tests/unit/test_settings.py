"""Settings from environment variables, each combination in a process of its own."""

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
    """Run a manage.py command with these variables only."""
    return run(tmp_path, "manage.py", *arguments, **environment)


def run(tmp_path: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with these variables only, and those that it needs to find the settings."""
    clean = {
        "PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "LOCAL_ENV_FILE": "",
        "DJANGO_SETTINGS_MODULE": "roompricegenie.settings",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env={**clean, **environment},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def setting(tmp_path: Path, name: str, **environment: str) -> str:
    """Return a setting as it is printed."""
    program = f"from django.conf import settings; print(settings.{name})"
    return run(tmp_path, "-c", program, **environment).stdout.strip()


def test_production_passes_the_deployment_check(tmp_path: Path) -> None:
    result = manage(tmp_path, "check", "--deploy", "--fail-level", "INFO", **PRODUCTION)
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize(
    ("change", "check_id"),
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
def test_the_deployment_check_reports_unsafe_settings(
    tmp_path: Path, change: dict[str, str], check_id: str
) -> None:
    result = manage(
        tmp_path, "check", "--deploy", "--fail-level", "WARNING", **{**PRODUCTION, **change}
    )
    assert result.returncode == 1
    assert check_id in result.stderr


def test_authentication_is_required_by_default_without_debug(tmp_path: Path) -> None:
    assert setting(tmp_path, "API_AUTH", **PRODUCTION) == "required"
    assert setting(tmp_path, "API_AUTH", DJANGO_DEBUG="true") == "open"
    assert setting(tmp_path, "API_AUTH", DJANGO_DEBUG="true", API_AUTH="required") == "required"


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET + "\n")
    variables = {
        **PRODUCTION,
        "DJANGO_SECRET_KEY": "",
        "DJANGO_SECRET_KEY_FILE": str(tmp_path / "key"),
    }
    assert setting(tmp_path, "SECRET_KEY", **variables) == SECRET


def test_a_missing_secret_file_is_an_error(tmp_path: Path) -> None:
    result = manage(tmp_path, "check", DJANGO_SECRET_KEY_FILE="/nowhere/key")
    assert result.returncode == 1
    assert "DJANGO_SECRET_KEY_FILE cannot be read" in result.stderr


def test_the_public_development_key_is_refused_without_debug(tmp_path: Path) -> None:
    result = manage(tmp_path, "check", DJANGO_DEBUG="false")
    assert result.returncode == 1
    assert "DJANGO_SECRET_KEY is the development key" in result.stderr


def test_an_unknown_log_format_is_an_error(tmp_path: Path) -> None:
    result = manage(tmp_path, "check", **PRODUCTION, LOG_FORMAT="xml")
    assert result.returncode == 1
    assert "LOG_FORMAT is 'xml': set it to line or json" in result.stderr


def test_metrics_are_not_redirected_to_https(tmp_path: Path) -> None:
    [exempt] = ast.literal_eval(setting(tmp_path, "SECURE_REDIRECT_EXEMPT", **PRODUCTION))
    assert re.match(exempt, "metrics") and not re.match(exempt, "admin/")


def test_preloading_is_the_operator_s_choice(tmp_path: Path) -> None:
    assert setting(tmp_path, "SECURE_HSTS_PRELOAD", **PRODUCTION) == "False"
    chosen = {**PRODUCTION, "DJANGO_HSTS_PRELOAD": "true"}
    assert setting(tmp_path, "SECURE_HSTS_PRELOAD", **chosen) == "True"


def test_behind_a_pooler_nothing_belongs_to_a_session(tmp_path: Path) -> None:
    environment = {
        "DJANGO_DEBUG": "true", "DJANGO_SECRET_KEY": SECRET, "DATABASE_PATIENCE_SECONDS": "20",
        "DATABASE_URL_DATA_PROVIDER": "postgres://rpg_web@pooler:6432/ledger",
    }  # fmt: skip
    database = "DATABASES['data_provider']"
    options = setting(tmp_path, f"{database}['OPTIONS']", **environment)
    assert "-c statement_timeout=20s" in options
    options = setting(tmp_path, f"{database}['OPTIONS']", DATABASE_POOLER="true", **environment)
    assert options == "{'connect_timeout': 10}"
    name = f"{database}['DISABLE_SERVER_SIDE_CURSORS']"
    assert setting(tmp_path, name, DATABASE_POOLER="true", **environment) == "True"
