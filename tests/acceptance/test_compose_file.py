"""docker-compose.yml: services, limits, secrets, and the settings that it passes on."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from roompricegenie.tests.unit.test_documented_settings import documented
from tests.acceptance.compose_file import APP_SERVICES, ROOT, compose_file, docker_compose_config

pytestmark = pytest.mark.acceptance


def test_docker_compose_accepts_the_file() -> None:
    accepted = docker_compose_config()
    assert set(accepted["services"]) == APP_SERVICES | {"secrets", "postgres", "redis"}
    # What the tests below run is what docker-compose makes of the file.
    for name, service in compose_file()["services"].items():
        assert accepted["services"][name].get("environment") == service.get("environment"), name


def test_any_number_of_workers_may_run() -> None:
    for name, service in compose_file()["services"].items():
        assert "container_name" not in service, name
    # Each container has a host name of its own, and celery needs a name of its own for each worker.
    assert compose_file()["services"]["celery"]["command"].endswith("-n events@%h")


def test_every_service_has_limits_and_rotated_logs_and_comes_back() -> None:
    for name, service in compose_file()["services"].items():
        runs_once = name in ("secrets", "migrate")
        assert service["restart"] == ("no" if runs_once else "unless-stopped"), name
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}, name
        assert runs_once or {"mem_limit", "healthcheck"} <= set(service), name


def test_secrets_are_made_once_and_are_never_those_of_development() -> None:
    with tempfile.TemporaryDirectory(prefix="rpg-secrets-") as folder:

        def made(**environment: str) -> dict[str, str]:
            path = {"PATH": os.environ["PATH"], "SECRETS": folder}
            script = ["sh", str(ROOT / "docker" / "make-secrets.sh")]
            subprocess.run(script, env={**path, **environment}, check=True, capture_output=True)
            return {file.name: file.read_text() for file in Path(folder).iterdir()}

        first = made(DJANGO_SECRET_KEY="insecure-development-key-that-production-refuses")
        assert re.fullmatch("[0-9a-f]{64}", first["django_secret_key"])
        password = first["postgres_password"]
        assert re.fullmatch("[0-9a-f]{64}", password)
        for name in ("roompricegenie", "data_provider", "dashboard_service", "pricing_service"):
            address = f"postgres://roompricegenie:{password}@postgres:5432/{name}"
            assert first[f"url_{name}"] == address
        assert made(DJANGO_SECRET_KEY="another", POSTGRES_PASSWORD="another") == first


def test_no_secret_stands_in_an_environment() -> None:
    for name, service in compose_file()["services"].items():
        if name != "secrets":
            for variable, value in service.get("environment", {}).items():
                assert "PASSWORD" not in variable or variable.endswith("_FILE"), (name, variable)
                assert "postgres://" not in str(value), (name, variable)


def test_web_is_open_to_this_machine_only() -> None:
    services = compose_file()["services"]
    published = {name: s["ports"] for name, s in services.items() if "ports" in s}
    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_one_service_builds_and_no_stranger_s_image_is_pulled() -> None:
    services = compose_file()["services"]
    assert [name for name, service in services.items() if "build" in service] == ["migrate"]
    for name in APP_SERVICES:
        assert services[name]["pull_policy"] == ("build" if name == "migrate" else "never")


def test_image_is_made_by_the_poetry_of_the_makefile() -> None:
    makefile, dockerfile = (ROOT / "Makefile").read_text(), (ROOT / "Dockerfile").read_text()
    for name in ("POETRY_VERSION", "EXPORT_VERSION"):
        wanted = re.search(rf"^{name} := (\S+)$", makefile, re.MULTILINE)
        assert wanted, name
        assert f"ARG {name}={wanted[1]}\n" in dockerfile


# What the compose file decides itself: addresses inside of it, files of the volume `secrets`, no
# .env.local, and that a container listens on its address (the host publishes it to itself only).
FIXED = {
    "SERVE_OPEN_SYSTEM_TO_NETWORK", "LOCAL_ENV_FILE",
    "DATA_DIR", "CELERY_BROKER_URL", "EVENTS_API_BASE_URL", "DASHBOARD_API_BASE_URL",
    "DATABASE_URL", "DATABASE_URL_DATA_PROVIDER", "DATABASE_URL_DASHBOARD_SERVICE",
    "DATABASE_URL_PRICING_SERVICE", "SERVICE_API_KEY_FILE",
    "DJANGO_SECRET_KEY", "POSTGRES_PASSWORD",  # read by `secrets`, which makes files of them
}  # fmt: skip
ONLY_FOR_WEB = {"DATABASE_PATIENCE_SECONDS"}


def test_the_image_has_the_pg_dump_of_the_server() -> None:
    """`manage.py backup` refuses a pg_dump that is older than the server."""
    server = compose_file()["services"]["postgres"]["image"]
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    [programs] = [base for base in bases if base.startswith("postgres:")]
    assert programs.split("-")[0] == server.split("-")[0]
    # Programs of one Debian release run in another image of the same release.
    assert {base.rpartition("-")[2] for base in bases} == {"trixie"}


def test_every_documented_setting_is_passed_on(tmp_path: Path) -> None:
    """A value in `.env`, as the documentation says, arrives in the containers."""
    wanted = documented("The compose file") - FIXED - {f"{name}_FILE" for name in FIXED} - {"PORT"}
    assert {"DJANGO_TLS", "SIMULATE", "RATE_PER_KEY"} <= wanted
    values = {name: f"value-of-{name.lower()}" for name in wanted}
    environment_file = tmp_path / "env"
    environment_file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    services = docker_compose_config("--env-file", str(environment_file))["services"]
    for service in APP_SERVICES:
        passed = services[service]["environment"]
        missing = {name for name in wanted if values[name] not in str(passed.get(name))}
        assert missing == (ONLY_FOR_WEB if service != "web" else set()), service
