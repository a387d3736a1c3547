"""Settings, read from the environment, with `.env` as the development default.

Every name that an operator may set is listed in docs/operating.md. A value that is missing or
unsafe ends the start with one line that says which variable to set.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# --- what the operator decides -----------------------------------------------------------------

# A secret may lie in a file that NAME_FILE names, as containers hand them in.
for _name in (
    "DJANGO_SECRET_KEY",
    "DATABASE_URL",
    "DATABASE_URL_DATA_PROVIDER",
    "DATABASE_URL_DASHBOARD_SERVICE",
    "DATABASE_URL_PRICING_SERVICE",
    "CELERY_BROKER_URL",
):
    if _file := os.environ.get(f"{_name}_FILE"):
        try:
            os.environ[_name] = Path(_file).read_text().strip()
        except (OSError, UnicodeDecodeError) as _error:
            raise ImproperlyConfigured(f"{_name}_FILE cannot be read: {_error}") from _error
        if not os.environ[_name]:
            raise ImproperlyConfigured(f"{_name}_FILE is empty: {_file}")

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
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # password hashes, sessions, keys

# The two services meet over HTTP only: each knows where the other answers.
EVENTS_API_BASE_URL = env.str("EVENTS_API_BASE_URL", default=f"http://127.0.0.1:{PORT}")
DASHBOARD_API_BASE_URL = env.str("DASHBOARD_API_BASE_URL", default=EVENTS_API_BASE_URL)

# The services and health checks ask by these names.
ALLOWED_HOSTS += ["127.0.0.1", "localhost"]
ALLOWED_HOSTS += [
    str(urlsplit(_url).hostname) for _url in (EVENTS_API_BASE_URL, DASHBOARD_API_BASE_URL)
]

# A proxy for the world outside is not asked for this machine's own addresses.
for _name in ("no_proxy", "NO_PROXY"):
    os.environ[_name] = ",".join(filter(None, [os.environ.get(_name), "127.0.0.1,localhost"]))

# The embedded server of `make run` listens on this socket; a unix socket clashes with no port.
VALKEY_SOCKET = DATA_DIR / "valkey.sock"
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=f"redis+socket://{VALKEY_SOCKET}")

# Who may do what: "open" lets anybody in and is for development; see docs/operating.md, "Access".
API_AUTH = env.str("API_AUTH", default="").lower() or ("open" if DEBUG else "required")
# The key with which the two services ask each other; made by `create_api_key --service`.
SERVICE_API_KEY = env.str("SERVICE_API_KEY", default="")
SERVICE_API_KEY_FILE = env.str("SERVICE_API_KEY_FILE", default=str(DATA_DIR / "service_api_key"))
# Requests in a minute, 0 for no limit: of one key or user, and of one address without any.
RATE_PER_KEY = env.int("RATE_PER_KEY", default=6000)
RATE_PER_ADDRESS = env.int("RATE_PER_ADDRESS", default=0 if API_AUTH == "open" else 300)
RATE_OF_LOGINS = env.int("RATE_OF_LOGINS", default=20)  # of one address, whatever the name
# How many proxies of our own stand in front and add to X-Forwarded-For.
PROXIES = env.int("PROXIES", default=0)
# Browsers come by TLS (which a proxy in front ends): cookies by TLS only, and HSTS.
TLS = env.bool("DJANGO_TLS") if os.environ.get("DJANGO_TLS") else not DEBUG

# How the log looks: "line" for people, "json" for machines, one object a line.
LOG_FORMAT = env.str("LOG_FORMAT", default="") or "line"
if LOG_FORMAT not in ("line", "json"):
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}: set it to line or json.")
ACCESS_LOG = env.bool("ACCESS_LOG", default=False)  # gunicorn's, a line for each request

# `make run SIMULATE=1`: a periodic task records bookings of a demonstration hotel.
SIMULATE = env.bool("SIMULATE", default=False)


# How long a request waits for a statement or a lock; gunicorn.conf.py sets it, workers wait longer.
PATIENCE_SECONDS = env.int("DATABASE_PATIENCE_SECONDS", default=0)

# --- databases: one each for users, ledger, dashboard and prices -------------------------------


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
        options["timeout"] = PATIENCE_SECONDS or 60
        # A batch of events or counts changes more pages than SQLite's 1,000 after which it moves
        # the log into the database file: each commit did. 10,000 pages are 40 MB of log.
        options["init_command"] = (
            f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; "
            "PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=10000"
        )
    elif config["ENGINE"] == "django.db.backends.postgresql":
        # A client that stopped inside a transaction holds the feed's readers back (see
        # data_provider/ledger.py), so the server ends it; no transaction here takes seconds.
        waits = "-c idle_in_transaction_session_timeout=30s"
        if PATIENCE_SECONDS:
            waits += f" -c statement_timeout={PATIENCE_SECONDS}s"
        options.setdefault("options", waits)
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
    # What a person decided about a price stands nowhere else.
    "pricing_service": database(
        "DATABASE_URL_PRICING_SERVICE", "pricing_service", synchronous="FULL"
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
    "csp",
    "axes",
    "rest_framework_api_key",
    "rest_framework",
    "drf_yasg",
    "common",
    "data_provider",
    "dashboard_service",
    "pricing_service",
    "accounts",
    "simulator",
    "roompricegenie",
]
MIDDLEWARE = [
    # Nothing is answered past it: everything is counted, and its lines of the log have its id.
    "roompricegenie.monitoring.request_metrics.watched",
    # Who asks comes first, then what needs not be made again; the headers of all others are kept
    # with it. A refusal of the third goes through all of them too.
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.AccessMiddleware",
    "common.response_cache.KeptAnswersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
# Answer whoever asks, at any rate: files, and what tells an orchestrator how it stands.
UNGUARDED_PATHS = ("/static/", "/healthz", "/readyz", "/favicon.ico")
# Nothing from elsewhere and nothing inline; urls.py says what the API's pages need beside it.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
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
                "accounts.context_processors.access",
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
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
SESSION_COOKIE_AGE = 14 * 24 * 3600
# Five wrong passwords for one name from one address lock that pair out for a quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_CLIENT_IP_CALLABLE = "accounts.rate_limits.address"

# --- TLS -----------------------------------------------------------------------------------------

if TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    # The services, the orchestrator and Prometheus ask without TLS, inside.
    SECURE_REDIRECT_EXEMPT = [r"^(events|dashboard|healthz|readyz|metrics)"]
    SECURE_HSTS_SECONDS = env.int("DJANGO_HSTS_SECONDS", default=365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"  # an event without an offset is UTC, and days are cut in UTC
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # static files are there without `collectstatic` too

# --- REST --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["common.renderers_and_parsers.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.renderers_and_parsers.OrjsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "common.renderers_and_parsers.StrictContentNegotiation",
    "EXCEPTION_HANDLER": "common.error_responses.exception_handler",
    "DEFAULT_AUTHENTICATION_CLASSES": ["common.access_rights.Authentication"],
    "DEFAULT_PERMISSION_CLASSES": ["common.access_rights.HasAbility"],
    "UNAUTHENTICATED_USER": None,
}
SWAGGER_USE_COMPAT_RENDERERS = False
SWAGGER_SETTINGS = {
    # An open system asks nobody who they are.
    "USE_SESSION_AUTH": API_AUTH != "open",
    "LOGIN_URL": LOGIN_URL,
    "LOGOUT_URL": "/logout/",
    "SECURITY_DEFINITIONS": {}
    if API_AUTH == "open"
    else {
        "key": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Bearer, a space, and the key.",
        }
    },
    "DEFAULT_INFO": "roompricegenie.urls.API_INFO",
    "DOC_EXPANSION": "list",
    "DEFAULT_MODEL_RENDERING": "example",
}

# --- logging: one line each; in the form for people, the process manager or container adds the time

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "one": {"()": "roompricegenie.monitoring.log_correlation.formatter", "kind": LOG_FORMAT}
    },
    "filters": {"origin": {"()": "roompricegenie.monitoring.log_correlation.OriginFilter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "one",
            "filters": ["origin"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Django's own handlers would say some lines twice, in another form.
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        # A refused request is the client's matter; its answer says why.
        "django.request": {"level": "ERROR"},
        "axes": {"level": "WARNING"},  # accounts.audit_log logs it in one line
    },
}
