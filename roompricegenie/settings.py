"""Settings, read from the environment, with `.env` as the development default.

Every name that an operator may set is listed in the README. A value that is missing or unsafe ends
the start with one line that says which variable to set.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# --- what the operator decides -----------------------------------------------------------------

DEBUG = env.bool("DJANGO_DEBUG", default=False)
SECRET_KEY = env.str("DJANGO_SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured("DJANGO_SECRET_KEY is not set: give it a long random value.")
if not DEBUG and SECRET_KEY.startswith("insecure-"):
    raise ImproperlyConfigured(
        "DJANGO_SECRET_KEY is the development key of .env, which is public: "
        "set DJANGO_SECRET_KEY to a long random value, or DJANGO_DEBUG=true for development."
    )
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=[])

PORT = env.int("PORT", default=8000)
DATA_DIR = Path(env.str("DATA_DIR", default="") or BASE_DIR / "var").resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

# The two services meet over HTTP only: each knows where the other answers.
EVENTS_API_BASE_URL = env.str("EVENTS_API_BASE_URL", default=f"http://127.0.0.1:{PORT}")
DASHBOARD_API_BASE_URL = env.str("DASHBOARD_API_BASE_URL", default=EVENTS_API_BASE_URL)

# A proxy for the world outside is not asked for this machine's own addresses.
for _name in ("no_proxy", "NO_PROXY"):
    os.environ[_name] = ",".join(filter(None, [os.environ.get(_name), "127.0.0.1,localhost"]))

# The embedded server of `make run` listens on this socket; a unix socket clashes with no port.
VALKEY_SOCKET = DATA_DIR / "valkey.sock"
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=f"redis+socket://{VALKEY_SOCKET}")

# `make run SIMULATE=1`: a periodic task posts bookings of a demonstration hotel.
SIMULATE = env.bool("SIMULATE", default=False)


# --- databases: one each for users, ledger and dashboard ---------------------------------------


def database(variable: str, sqlite_name: str, *, synchronous: str) -> dict[str, Any]:
    """The database that `variable` names, or an SQLite file under DATA_DIR.

    `synchronous` is SQLite's pragma: with FULL a commit survives a power cut; with NORMAL it
    survives the death of any process, but a power cut may take the last commits with it (never
    the file's consistency).
    """
    config: dict[str, Any] = env.db_url(
        variable, default=f"sqlite:///{DATA_DIR / (sqlite_name + '.sqlite3')}"
    )
    # A unix socket's folder stands percent-encoded in an address, as libpq wants it.
    config["HOST"] = unquote(config.get("HOST") or "")
    config["TEST"] = {"DEPENDENCIES": []}  # the databases know nothing of one another
    config["CONN_MAX_AGE"] = 600
    config["CONN_HEALTH_CHECKS"] = True
    options = config.setdefault("OPTIONS", {})
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # WAL lets readers go on while one writes. IMMEDIATE takes the write lock at BEGIN, where
        # SQLite waits for it up to `timeout`; a lock taken in mid-transaction fails at once with
        # "database is locked".
        options["transaction_mode"] = "IMMEDIATE"
        options["timeout"] = 60
        options["init_command"] = (
            f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA cache_size=-65536"
        )
    elif config["ENGINE"] == "django.db.backends.postgresql":
        # A client that stopped inside a transaction holds the feed's readers back (see
        # data_provider/ledger.py), so the server ends it; no transaction here takes seconds.
        options.setdefault("options", "-c idle_in_transaction_session_timeout=30s")
        options.setdefault("connect_timeout", 10)
    return config


DATABASES = {
    "default": database("DATABASE_URL", "default", synchronous="NORMAL"),
    # The ledger is the source of every figure: it pays for a sync at each commit.
    "data_provider": database("DATABASE_URL_DATA_PROVIDER", "data_provider", synchronous="FULL"),
    # Figures and feed position commit together: what a power cut takes is read from the feed again.
    "dashboard_service": database(
        "DATABASE_URL_DASHBOARD_SERVICE", "dashboard_service", synchronous="NORMAL"
    ),
}
DATABASE_ROUTERS = ["roompricegenie.routers.AppRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Django ------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_yasg",
    "data_provider",
    "dashboard_service",
    "roompricegenie",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "roompricegenie.urls"
WSGI_APPLICATION = "roompricegenie.wsgi.application"
ASGI_APPLICATION = "roompricegenie.asgi.application"
APPEND_SLASH = False  # each path answers with and without its slash, without a redirect
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"  # an event without an offset is UTC, and days are cut in UTC
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # static files are there without `collectstatic` too

# --- REST --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest.formats.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest.formats.OrjsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "rest.formats.StrictContentNegotiation",
    "EXCEPTION_HANDLER": "rest.errors.exception_handler",
    # Sessions belong to the admin. An API that read them would ask Swagger's POST for a CSRF token.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
}
SWAGGER_USE_COMPAT_RENDERERS = False
SWAGGER_SETTINGS = {
    "USE_SESSION_AUTH": False,
    "SECURITY_DEFINITIONS": {},
    "DEFAULT_INFO": "roompricegenie.urls.API_INFO",
    "DOC_EXPANSION": "list",
    "DEFAULT_MODEL_RENDERING": "example",
}

# --- logging: one readable line each; the process manager or the container adds the time --------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # A refused request is the client's matter; its answer says why.
        "django.request": {"level": "ERROR"},
    },
}
