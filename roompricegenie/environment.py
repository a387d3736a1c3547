"""Reads and validates environment variables.

Each wrong value is an ImproperlyConfigured of one line: the variable, what is wrong, what is
supported. A message about an address never contains the address, because it may hold a password. An
empty value counts as not set.
"""

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = ("true", "1", "yes", "y", "on", "ok")
FALSE = ("false", "0", "no", "n", "off")
BROKER_FORMS = (
    "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], rediss://… for TLS, redis+socket:///PATH, "
    "sentinel://[USER:PASSWORD@]HOST[:PORT][/DATABASE];sentinel://… for Sentinels"
)
MAIL_FORMS = "smtp://[USER:PASSWORD@]HOST[:PORT], smtp+tls://… for STARTTLS, smtp+ssl://…"
DATABASE_FORMS = "postgres://USER:PASSWORD@HOST[:PORT]/NAME, sqlite:////PATH"
ENCRYPTION_KEY_BYTES = 32
POSTGRESQL_SCHEMES = ("postgres", "postgresql", "pgsql", "psql")


class Environment:
    """The variables of this process, with a method for each type of value."""

    def string(self, name: str, default: str) -> str:
        return os.environ.get(name) or default

    def strings(self, name: str) -> list[str]:
        """Return the parts between commas, without blanks around them."""
        return [part.strip() for part in self.string(name, "").split(",") if part.strip()]

    def boolean(self, name: str, default: bool) -> bool:
        """Raises: ImproperlyConfigured."""
        value = self.string(name, "").strip().lower()
        if not value:
            return default
        if value not in TRUE + FALSE:
            raise ImproperlyConfigured(f"{name} is {value!r}: set it to true or false.")
        return value in TRUE

    def integer(self, name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
        """Raises: ImproperlyConfigured."""
        value = self.string(name, "").strip()
        if not value:
            return default
        number = int(value) if value.isascii() and value.removeprefix("-").isdigit() else None
        if number is None or number < least or (most is not None and number > most):
            limits = f"from {least}" + (" on" if most is None else f" to {most}")
            raise ImproperlyConfigured(f"{name} is {value!r}: set it to a whole number {limits}.")
        return number

    def mail_server(self, name: str) -> dict[str, Any]:
        """Return Django's EMAIL settings of an address like smtp+tls://USER:PASSWORD@HOST:587.

        Raises: ImproperlyConfigured.
        """
        value = self.string(name, "consolemail://")
        scheme = urlsplit(value).scheme
        if scheme not in environ.Env.EMAIL_SCHEMES:
            raise ImproperlyConfigured(
                f"{name} does not begin with a known scheme: set it to {MAIL_FORMS}."
            )
        try:
            settings = environ.Env.email_url_config(value, backend=None)
        except (ValueError, TypeError) as error:
            raise ImproperlyConfigured(
                f"{name} is no address of a mail server: set it to {MAIL_FORMS}."
            ) from error
        settings.pop("OPTIONS", None)
        return {**settings, "EMAIL_TIMEOUT": 10}

    def number(self, name: str, default: float) -> float:
        """Return a number over 0. Raises: ImproperlyConfigured."""
        value = self.string(name, "").strip()
        if not value:
            return default
        try:
            number = float(value)
        except ValueError:
            number = 0
        if not 0 < number < float("inf"):
            raise ImproperlyConfigured(f"{name} is {value!r}: set it to a number over 0.")
        return number

    def choice(self, name: str, default: str, choices: Sequence[str]) -> str:
        """Raises: ImproperlyConfigured."""
        value = self.string(name, default)
        if value not in choices:
            raise ImproperlyConfigured(f"{name} is {value!r}: set it to {' or '.join(choices)}.")
        return value

    def base_url(self, name: str, default: str) -> str:
        """Return the address of a service. Raises: ImproperlyConfigured."""
        value = self.string(name, default)
        forms = "http://HOST[:PORT], https://HOST[:PORT]"
        url = _split_address(name, value, forms)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise _wrong(name, "it is no web address with a host", forms)
        return value

    def base_urls(self, name: str, schemes: tuple[str, ...] = ("http", "https")) -> list[str]:
        """Return the addresses of several services. Raises: ImproperlyConfigured."""
        forms = ", ".join(
            f"{scheme}://HOST[:PORT]{'[/PATH]' if scheme.startswith('http') else ''}"
            for scheme in schemes
        )
        forms += ", separated by commas"
        for value in self.strings(name):
            url = _split_address(name, value, forms)
            if url.scheme not in schemes or not url.hostname:
                kind = "web address" if schemes == ("http", "https") else "address"
                raise _wrong(name, f"one of them is no {kind} with a host", forms)
        return [value.rstrip("/") for value in self.strings(name)]

    def encryption_keys(self, name: str) -> list[str]:
        """Return keys of 32 bytes, each as url-safe base64. Raises: ImproperlyConfigured."""
        for value in self.strings(name):
            try:
                size = len(base64.urlsafe_b64decode(value))
            except ValueError:
                size = 0
            if size != ENCRYPTION_KEY_BYTES:
                raise ImproperlyConfigured(
                    f"{name} has a key that is not the url-safe base64 of {ENCRYPTION_KEY_BYTES} "
                    "random bytes: make one with `openssl rand -base64 32 | tr +/ -_`."
                )
        return self.strings(name)

    def broker_url(self, name: str, default: str) -> str:
        """Return the address of a Redis server, or of Sentinels. Raises: ImproperlyConfigured."""
        value = self.string(name, default)
        if value.startswith("sentinel://"):
            _check_sentinels(name, value)
            return value
        url = _split_address(name, value, BROKER_FORMS)
        if url.scheme == "redis+socket":
            if url.netloc or url.query or url.path in ("", "/"):
                raise _wrong(name, "after redis+socket:// it needs an absolute path", BROKER_FORMS)
            return value
        if url.scheme not in ("redis", "rediss"):
            raise _wrong(name, _unsupported(value), BROKER_FORMS)
        if not url.hostname:
            raise _wrong(name, "its host is missing", BROKER_FORMS)
        _check_database_number(name, url)
        return value

    def database(self, name: str, sqlite_file: Path) -> dict[str, Any]:
        """Return engine, name and address of a database, an SQLite file if the variable is not set.

        Raises: ImproperlyConfigured.
        """
        value = self.string(name, "")
        if not value:
            return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(sqlite_file)}
        if value != "sqlite://:memory:":
            url = _split_address(name, value, DATABASE_FORMS)
            if url.scheme not in (*POSTGRESQL_SCHEMES, "sqlite"):
                raise _wrong(name, _unsupported(value), DATABASE_FORMS)
            if url.scheme == "sqlite" and url.netloc:
                raise _wrong(name, "sqlite:// needs a third slash before the path", DATABASE_FORMS)
            if not url.path.strip("/"):
                raise _wrong(name, "the name of the database is missing", DATABASE_FORMS)
        return dict(environ.Env.db_url_config(value))


def read_local_overrides(default: Path) -> None:
    """Set the variables of LOCAL_ENV_FILE that this process does not have.

    Tests must not depend on a developer's own file; pytest sets PYTEST_VERSION, also for the
    processes that tests start.
    Raises: ImproperlyConfigured.
    """
    file = os.environ.get("LOCAL_ENV_FILE", str(default))
    if not file or "PYTEST_VERSION" in os.environ:
        return
    try:
        with Path(file).open(encoding="utf-8") as lines:
            environ.Env.read_env(lines)
    except (OSError, UnicodeDecodeError) as error:
        if not (isinstance(error, FileNotFoundError) and file == str(default)):
            raise ImproperlyConfigured(f"{file} cannot be read: {error}") from error


def read_secret_files(names: Sequence[str]) -> None:
    """Set each variable that has a NAME_FILE to the text of that file.

    Raises: ImproperlyConfigured.
    """
    for name in names:
        if file := os.environ.get(f"{name}_FILE"):
            try:
                os.environ[name] = Path(file).read_text().strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from error
            if not os.environ[name]:
                raise ImproperlyConfigured(f"{name}_FILE is empty: {file}")


def _split_address(name: str, value: str, forms: str) -> SplitResult:
    """Raises: ImproperlyConfigured."""
    try:
        url = urlsplit(value)
    except ValueError as error:
        raise _wrong(name, "it is no address", forms) from error
    if not value.isascii() or any(character.isspace() for character in value):
        raise _wrong(name, "blanks and letters with accents must be percent-encoded", forms)
    if url.fragment or value.endswith("#"):
        raise _wrong(name, "a # in it, as in a password, must be written %23", forms)
    if url.netloc and "@" not in url.netloc and "@" in url.path + url.query:
        raise _wrong(name, "a / or ? in its password must be written %2F or %3F", forms)
    hosts = url.netloc.rpartition("@")[2]
    try:
        # Several hosts of one database: the ports are those of each host.
        is_valid = "," in hosts or url.port is None or url.port > 0
    except ValueError:
        is_valid = False
    if not is_valid:
        raise _wrong(name, "its port is not a number from 1 to 65535", forms)
    return url


def _check_database_number(name: str, url: SplitResult) -> None:
    """Raises: ImproperlyConfigured."""
    database = url.path.removeprefix("/")
    if database and not (database.isascii() and database.isdigit()):
        raise _wrong(name, "what follows the host is not the number of a database", BROKER_FORMS)


def _check_sentinels(name: str, value: str) -> None:
    """Raises: ImproperlyConfigured."""
    urls = [_split_address(name, part, BROKER_FORMS) for part in value.split(";")]
    for url in urls:
        if url.scheme != "sentinel":
            raise _wrong(name, "each address between semicolons begins sentinel://", BROKER_FORMS)
        if not url.hostname:
            raise _wrong(name, "its host is missing", BROKER_FORMS)
        if url.query:
            raise _wrong(name, "sentinel:// takes nothing behind a ?", BROKER_FORMS)
        _check_database_number(name, url)
    # Celery takes those of the Sentinel that it asks.
    if len({(url.username, url.password, url.path.strip("/")) for url in urls}) > 1:
        raise _wrong(
            name, "user, password and database (the primary's) differ in its parts", BROKER_FORMS
        )


def _unsupported(value: str) -> str:
    # Without "://" the part before a colon may be a password.
    scheme, separator, _ = value.partition("://")
    return f"{scheme}:// is not supported" if separator and scheme else "it is no address"


def _wrong(name: str, what: str, forms: str) -> ImproperlyConfigured:
    source = f"{name}_FILE" if os.environ.get(f"{name}_FILE") else name
    return ImproperlyConfigured(f"{source} is wrong: {what}. Supported: {forms}.")
