"""Wrong environment variables: one line with the variable, what is wrong and what is supported."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from roompricegenie.environment import Environment, read_secret_files

PASSWORD = "s3cret"
BROKER, DATABASE = "CELERY_BROKER_URL", "DATABASE_URL"
env = Environment()


@pytest.mark.parametrize(
    ("url", "what"),
    [
        (f"redis://:{PASSWORD}#1@host:6379/0", "a # in it, as in a password, must be written %23"),
        (f"redis://:{PASSWORD}#@host:6379/0", "must be written %23"),
        (f"redis://:{PASSWORD}/1@host:6379/0", "must be written %2F or %3F"),
        (f"redis://:{PASSWORD}?1@host:6379/0", "must be written %2F or %3F"),
        (f"redis://:{PASSWORD}[1@host:6379/0", "it is no address"),
        (f"redis://:{PASSWORD} 1@host:6379/0", "must be percent-encoded"),
        (f"sentinel://:{PASSWORD}@/0", "its host is missing"),
        (f"sentinel://:{PASSWORD}@host/first", "is not the number of a database"),
        (f"sentinel://:{PASSWORD}@host;other:26379", "begins sentinel://"),
        (f"sentinel://:{PASSWORD}@host;sentinel://other", "differ in its parts"),
        ("sentinel://host/0?master=mine", "takes nothing behind a ?"),
        (f"amqp://user:{PASSWORD}@host//", "amqp:// is not supported"),
        (f"unix:///tmp/{PASSWORD}.sock", "unix:// is not supported"),
        ("host:6379", "it is no address"),
        (f"{PASSWORD}:x@host:6379", "it is no address"),
        ("localhost", "it is no address"),
        (f"redis://:{PASSWORD}@/0", "its host is missing"),
        ("redis:///0", "its host is missing"),
        (f"redis://:{PASSWORD}@host:port/0", "its port is not a number from 1 to 65535"),
        (f"redis://:{PASSWORD}@host:0/0", "its port is not a number from 1 to 65535"),
        (f"redis://:{PASSWORD}@host:65536/0", "its port is not a number from 1 to 65535"),
        (f"redis://:{PASSWORD}@host/first", "is not the number of a database"),
        (f"rediss://:{PASSWORD}@host/-1", "is not the number of a database"),
        (f"redis://:{PASSWORD}@host/0/1", "is not the number of a database"),
        ("redis+socket://", "it needs an absolute path"),
        ("redis+socket://var/valkey.sock", "it needs an absolute path"),
        ("redis+socket:///var/valkey.sock?db=1", "it needs an absolute path"),
    ],
)
def test_a_wrong_broker_address_is_explained(
    monkeypatch: pytest.MonkeyPatch, url: str, what: str
) -> None:
    monkeypatch.setenv(BROKER, url)
    line = refusal(lambda: env.broker_url(BROKER, "redis+socket:///default"))
    assert line.startswith(f"{BROKER} is wrong: ") and what in line
    assert "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]" in line
    assert PASSWORD not in line


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:6379/0",
        "redis://host",
        "redis://[::1]:6379",
        f"redis://:{PASSWORD}%23%40@host:6379/15",
        f"redis://user:p@{PASSWORD}@host:6379/",
        "rediss://host:6380/0?ssl_cert_reqs=required",
        f"sentinel://:{PASSWORD}@one/0;sentinel://:{PASSWORD}@two:26380/0",
        "sentinel://one",
        "redis+socket:///var/valkey.sock",
        "redis+socket:///var/with%20blank%23/valkey.sock",
        "",
    ],
)
def test_a_right_broker_address_stays_as_it_is(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv(BROKER, url)
    assert env.broker_url(BROKER, "redis+socket:///default") == (url or "redis+socket:///default")


@pytest.mark.parametrize(
    ("url", "what"),
    [
        (f"postgres://user:{PASSWORD}#1@host/name", "must be written %23"),
        (f"postgres://user:{PASSWORD}/1@host/name", "must be written %2F or %3F"),
        (f"mysql://user:{PASSWORD}@host/name", "mysql:// is not supported"),
        (f"postgers://user:{PASSWORD}@host/name", "postgers:// is not supported"),
        (f"postgres://user:{PASSWORD}@host:port/name", "its port is not a number"),
        (f"postgres://user:{PASSWORD}@host", "the name of the database is missing"),
        ("/var/db.sqlite3", "it is no address"),
        ("sqlite://var/db.sqlite3", "sqlite:// needs a third slash"),
        ("sqlite:///", "the name of the database is missing"),
    ],
)
def test_a_wrong_database_address_is_explained(
    monkeypatch: pytest.MonkeyPatch, url: str, what: str
) -> None:
    monkeypatch.setenv(DATABASE, url)
    line = refusal(lambda: env.database(DATABASE, Path("/default")))
    assert line.startswith(f"{DATABASE} is wrong: ") and what in line
    assert "postgres://USER:PASSWORD@HOST[:PORT]/NAME" in line
    assert PASSWORD not in line


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgres://user:p%23w@host:5432/name", "name"),
        ("postgresql://user:pw@%2Fvar%2Frun/name", "name"),
        ("postgres://user:pw@one:5432,two:5433/name", "name"),
        ("postgres:///name?host=/var/run", "name"),
        ("sqlite:////var/db.sqlite3", "/var/db.sqlite3"),
        ("sqlite://:memory:", ":memory:"),
        ("", "/with#and?/default"),
    ],
)
def test_a_right_database_address_is_read(
    monkeypatch: pytest.MonkeyPatch, url: str, name: str
) -> None:
    monkeypatch.setenv(DATABASE, url)
    assert env.database(DATABASE, Path("/with#and?/default"))["NAME"] == name


def test_a_wrong_address_in_a_file_names_the_file_s_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "url").write_text(f"amqp://user:{PASSWORD}@host\n")
    monkeypatch.setenv(BROKER, "")
    monkeypatch.setenv(f"{BROKER}_FILE", str(tmp_path / "url"))
    read_secret_files([BROKER])
    line = refusal(lambda: env.broker_url(BROKER, ""))
    assert line.startswith(f"{BROKER}_FILE is wrong: amqp:// is not supported")


def test_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.integer("N", default=7) == 7
    for value in ("abc", "1.5", "-1", "1e3", "²"):
        monkeypatch.setenv("N", value)
        line = refusal(lambda: env.integer("N", default=7))
        assert line == f"N is {value!r}: set it to a whole number from 0 on."
    monkeypatch.setenv("N", "65536")
    line = refusal(lambda: env.integer("N", default=7, least=1, most=65_535))
    assert line == "N is '65536': set it to a whole number from 1 to 65535."
    for value, number in (("", 7), ("0", 0), (" 12 ", 12)):
        monkeypatch.setenv("N", value)
        assert env.integer("N", default=7) == number
    for value in ("abc", "0", "-1", "nan", "inf"):
        monkeypatch.setenv("N", value)
        assert refusal(lambda: env.number("N", default=1)) == (
            f"N is {value!r}: set it to a number over 0."
        )
    monkeypatch.setenv("N", "0.5")
    assert env.number("N", default=1) == 0.5


def test_booleans(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("maybe", "ture", "2", "-"):
        monkeypatch.setenv("B", value)
        line = refusal(lambda: env.boolean("B", default=False))
        assert line == f"B is {value!r}: set it to true or false."
    for value, expected in (("True", True), ("1", True), ("off", False), ("0", False), ("", True)):
        monkeypatch.setenv("B", value)
        assert env.boolean("B", default=True) is expected


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "http://", "ftp://host", "http://host:port"])
def test_an_address_of_a_service_needs_a_host(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("EVENTS_API_BASE_URL", url)
    line = refusal(lambda: env.base_url("EVENTS_API_BASE_URL", "http://127.0.0.1:8000"))
    assert line.startswith("EVENTS_API_BASE_URL is wrong: ")


def refusal(read: Callable[[], object]) -> str:
    with pytest.raises(ImproperlyConfigured) as refused:
        read()
    [line] = str(refused.value).splitlines()
    return line


@pytest.mark.parametrize(
    ("url", "is_right"),
    [
        ("sftp://files.example.com:2222", True),
        ("imaps://mail.example.com,https://x.example/api/", True),
        ("ftp://files.example.com", False),
        ("imap://mail.example.com", False),
        ("sftp://", False),
    ],
)
def test_addresses_of_booking_systems_have_known_schemes(
    monkeypatch: pytest.MonkeyPatch, url: str, is_right: bool
) -> None:
    monkeypatch.setenv("NAMED", url)
    schemes = ("http", "https", "sftp", "imaps")
    if is_right:
        assert len(env.base_urls("NAMED", schemes)) == len(url.split(","))
        return
    with pytest.raises(ImproperlyConfigured, match="sftp://HOST"):
        env.base_urls("NAMED", schemes)
