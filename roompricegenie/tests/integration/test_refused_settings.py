"""Every entry point ends with one line when a setting is wrong, or would open the system."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.one_database, pytest.mark.long]

THOROUGH = pytest.mark.thorough  # each starts a process of the system

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
GUNICORN = [str(BIN / "gunicorn"), "roompricegenie.wsgi:application"]
ENTRY_POINTS = {
    "gunicorn": GUNICORN,
    "celery": [str(BIN / "celery"), "-A", "roompricegenie", "worker", "-l", "info"],
    "manage.py": [sys.executable, "manage.py", "pipeline_status"],
    "make run": [sys.executable, "-m", "roompricegenie.local_stack"],
}
PRODUCTION = {
    "DJANGO_DEBUG": "false",
    "DJANGO_SECRET_KEY": "a-long-random-value-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz",
}


def run(tmp_path: Path, command: list[str], **environment: str) -> tuple[int, str]:
    """Return the exit code and what was printed."""
    clean = {
        "PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data"), "LOCAL_ENV_FILE": "",
        "RUNNING_STACKS_DIR": "", "DJANGO_SETTINGS_MODULE": "roompricegenie.settings",
    }  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, env={**clean, **environment}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize("name", ENTRY_POINTS)
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CELERY_BROKER_URL", "redis://:s3cret#1@host:6379/0"),
        pytest.param(
            "DATABASE_URL_DASHBOARD_SERVICE", "mysql://user:s3cret@host/name", marks=THOROUGH
        ),
        pytest.param("PORT", "abc", marks=THOROUGH),
        pytest.param("DJANGO_DEBUG", "maybe", marks=THOROUGH),
    ],
)
def test_a_wrong_setting_is_one_line_of_every_entry_point(
    tmp_path: Path, name: str, variable: str, value: str
) -> None:
    code, output = run(tmp_path, ENTRY_POINTS[name], **{variable: value})
    [line] = output.splitlines()
    assert code == 1
    assert line.startswith(f"{name}: {variable} is ")
    assert "s3cret" not in line


@pytest.mark.parametrize("variable", ["SLOW_CLIENT_SECONDS", "REQUEST_SECONDS"])
def test_a_wrong_setting_of_gunicorn_is_one_line(tmp_path: Path, variable: str) -> None:
    code, output = run(tmp_path, GUNICORN, **{variable: "many"})
    assert code == 1
    assert output.startswith(f"gunicorn: {variable} is 'many': set it to a ")
    assert output.count("\n") == 1


@pytest.mark.parametrize(
    ("address", "environment"),
    [
        ("0.0.0.0:8000", {}),
        pytest.param(":8000", {}, marks=THOROUGH),
        pytest.param("[::]:8000", {}, marks=THOROUGH),
        pytest.param("192.0.2.1:8000", {}, marks=THOROUGH),
        ("0.0.0.0:8000", {**PRODUCTION, "API_AUTH": "open"}),
        ("0.0.0.0:8000", {"API_AUTH": "required"}),
    ],
)
def test_an_open_system_is_not_served_to_the_network(
    tmp_path: Path, address: str, environment: dict[str, str]
) -> None:
    code, output = run(tmp_path, [*GUNICORN, "--bind", address], **environment)
    assert code == 1
    line = output.splitlines()[-1]
    cause = "API_AUTH is open" if "DJANGO_DEBUG" in environment else "DJANGO_DEBUG is on"
    assert line.startswith(f"gunicorn: {cause}, so anybody who reaches ")
    assert "SERVE_OPEN_SYSTEM_TO_NETWORK=true" in line and "Traceback" not in output


@pytest.mark.parametrize(
    ("address", "environment"),
    [
        ("127.0.0.1:{port}", {}),
        pytest.param("localhost:{port}", {}, marks=THOROUGH),
        pytest.param("unix:{folder}/web.sock", {}, marks=THOROUGH),
        ("0.0.0.0:{port}", PRODUCTION),
        ("0.0.0.0:{port}", {"SERVE_OPEN_SYSTEM_TO_NETWORK": "true"}),
    ],
)
def test_other_addresses_are_served(
    tmp_path: Path, address: str, environment: dict[str, str]
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    bind = address.format(port=port, folder=tmp_path)
    config = tmp_path / "ends_when_it_serves.py"
    config.write_text(
        (ROOT / "gunicorn.conf.py").read_text()
        + "\n\ndef when_ready(server):\n    print('serves')\n    sys.exit(0)\n"
    )
    command = [*GUNICORN, "--bind", bind, "--config", str(config)]
    code, output = run(tmp_path, command, **environment)
    assert (code, output.splitlines()[-1]) == (0, "serves"), output


def test_a_local_file_wins_over_the_tracked_one_and_the_environment_over_both(
    tmp_path: Path,
) -> None:
    local = tmp_path / "env.local"
    local.write_text("PORT=8123\nDJANGO_ALLOWED_HOSTS=local.example.com\n")
    show = "from django.conf import settings as s; print(s.PORT, s.ALLOWED_HOSTS[0], s.DEBUG)"
    command = [sys.executable, "-c", show]
    assert run(tmp_path, command, LOCAL_ENV_FILE=str(local))[1] == "8123 local.example.com True\n"
    assert run(tmp_path, command, LOCAL_ENV_FILE=str(local), PORT="8124")[1] == (
        "8124 local.example.com True\n"
    )
    assert run(tmp_path, command)[1] == "8000 localhost True\n"


def test_a_local_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    code, output = run(tmp_path, ENTRY_POINTS["manage.py"], LOCAL_ENV_FILE=str(tmp_path))
    assert code == 1
    assert output == (
        f"manage.py: {tmp_path} cannot be read: [Errno 21] Is a directory: '{tmp_path}'\n"
    )


def test_tests_do_not_read_the_local_file(tmp_path: Path) -> None:
    local = tmp_path / "env.local"
    local.write_text("PORT=8123\n")
    show = "from django.conf import settings; print(settings.PORT)"
    command = [sys.executable, "-c", show]
    assert run(tmp_path, command, LOCAL_ENV_FILE=str(local), PYTEST_VERSION="9")[1] == "8000\n"
    assert "PYTEST_VERSION" in os.environ


def test_the_local_file_is_not_tracked_and_not_in_the_image() -> None:
    assert "/.env.local" in (ROOT / ".gitignore").read_text().splitlines()
    taken = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"]
    assert not any(".env" in line for line in taken)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WEB_CONCURRENCY", "many"),
        ("WEB_CONCURRENCY", "-3"),
        ("WEB_CONCURRENCY", "0"),
        ("SLOW_CLIENT_SECONDS", "many"),
        ("REQUEST_SECONDS", "-1"),
        ("PORT", "-1"),
        ("RATE_PER_KEY", "-1"),
        ("RATE_PER_ADDRESS", "x"),
        ("RATE_OF_LOGINS", "1.5"),
        ("PROXIES", "one"),
        ("DATABASE_PATIENCE_SECONDS", "x"),
        ("MAX_UNPACK_RATIO", "-1"),
        ("GUNICORN_CMD_ARGS", "--foo 1"),
        ("GUNICORN_CMD_ARGS", "'"),
        ("GUNICORN_CMD_ARGS", "--workers=x"),
        ("GUNICORN_CMD_ARGS", "--workers=-1"),
    ],
)
@pytest.mark.thorough
def test_a_wrong_number_stops_make_run_with_one_line(
    tmp_path: Path, variable: str, value: str
) -> None:
    code, output = run(tmp_path, ENTRY_POINTS["make run"], **{variable: value})
    [line] = output.splitlines()
    assert code == 1
    assert line.startswith(f"make run: {variable} is ") and repr(value) in line
