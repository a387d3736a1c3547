"""Settings, read from the environment, with `.env.local` and `.env` as defaults.

docs/settings.md lists every variable that an operator may set; test_documented_settings.py
compares the two. A missing or unsafe value stops the start with one line that names the variable.
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from roompricegenie.database_settings import database_settings
from roompricegenie.environment import Environment, read_local_overrides, read_secret_files
from roompricegenie.gunicorn.command_arguments import check_gunicorn_arguments
from roompricegenie.log_settings import log_settings
from roompricegenie.private_files import restrict_data_dir, restrict_new_files
from roompricegenie.rest_settings import REST_FRAMEWORK as REST_FRAMEWORK
from roompricegenie.rest_settings import swagger_settings

BASE_DIR = Path(__file__).resolve().parent.parent

# The environment wins over .env.local, and that over .env.
read_local_overrides(BASE_DIR / ".env.local")
environ.Env.read_env(BASE_DIR / ".env")
env = Environment()

# --- variables of the operator -----------------------------------------------------------------

# Each of these may also be given as NAME_FILE: the path of a file with the value, which is how
# containers receive secrets.
VARIABLES_FROM_FILES = (
    "DJANGO_SECRET_KEY",
    "DATABASE_URL",
    "DATABASE_URL_DATA_PROVIDER",
    "DATABASE_URL_DASHBOARD_SERVICE",
    "DATABASE_URL_PRICING_SERVICE",
    "CELERY_BROKER_URL",
    "CONNECTION_KEYS",
)
read_secret_files(VARIABLES_FROM_FILES)

DEBUG = env.boolean("DJANGO_DEBUG", default=False)
SECRET_KEY = env.string("DJANGO_SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured("DJANGO_SECRET_KEY is not set: give it a long random value.")
if not DEBUG and SECRET_KEY.startswith("insecure-"):
    raise ImproperlyConfigured(
        "DJANGO_SECRET_KEY is the development key of .env, which is public: "
        "set DJANGO_SECRET_KEY to a long random value, or DJANGO_DEBUG=true for development."
    )
ALLOWED_HOSTS = env.strings("DJANGO_ALLOWED_HOSTS")

PORT = env.integer("PORT", default=8000, least=1, most=65_535)
DATA_DIR = Path(env.string("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
restrict_new_files()
restrict_data_dir(DATA_DIR)

# The two services communicate over HTTP only; these are their addresses.
EVENTS_API_BASE_URL = env.base_url("EVENTS_API_BASE_URL", default=f"http://127.0.0.1:{PORT}")
DASHBOARD_API_BASE_URL = env.base_url("DASHBOARD_API_BASE_URL", default=EVENTS_API_BASE_URL)

# The services and health checks send requests to these host names.
ALLOWED_HOSTS += ["127.0.0.1", "localhost"]
ALLOWED_HOSTS += [
    str(urlsplit(_url).hostname) for _url in (EVENTS_API_BASE_URL, DASHBOARD_API_BASE_URL)
]

# Requests to this machine's own addresses do not go through an HTTP proxy.
for _name in ("no_proxy", "NO_PROXY"):
    os.environ[_name] = ",".join(filter(None, [os.environ.get(_name), "127.0.0.1,localhost"]))

# The embedded server of `make run` listens on this socket; a unix socket cannot collide with a
# port that is in use.
VALKEY_SOCKET = DATA_DIR / "valkey.sock"
CELERY_BROKER_URL = env.broker_url(
    "CELERY_BROKER_URL", default=f"redis+socket://{quote(str(VALKEY_SOCKET))}"
)
# The name under which Sentinels know the primary, if CELERY_BROKER_URL names Sentinels.
REDIS_SENTINEL_MASTER = env.string("REDIS_SENTINEL_MASTER", default="mymaster")

# "required": API keys and logins; "open": no authentication, for development. See "Access" in
# docs/settings.md; accounts/checks.py reports other values.
API_AUTH = env.string("API_AUTH", default="").lower() or ("open" if DEBUG else "required")
# gunicorn serves an open system (debug or no authentication) to this machine only, unless the
# operator accepts the risk.
SERVE_OPEN_SYSTEM_TO_NETWORK = env.boolean("SERVE_OPEN_SYSTEM_TO_NETWORK", default=False)
# Receivers of webhooks that are not on the public Internet: HOST or HOST:PORT. Prices are posted to
# no other address inside the network.
WEBHOOK_INTERNAL_HOSTS = env.strings("WEBHOOK_INTERNAL_HOSTS")
# Keys that encrypt what hotels gave to sign in to their booking systems: the first one encrypts,
# each decrypts. None: the key follows from DJANGO_SECRET_KEY.
CONNECTION_KEYS = env.encryption_keys("CONNECTION_KEYS")
# Booking systems that are called beside the vendors' own addresses.
CONNECTION_ADDRESSES = env.base_urls("CONNECTION_ADDRESSES", ("http", "https", "sftp", "imaps"))
# Has a folder for each hotel whose system only exports files, named by the hotel's number.
CONNECTION_FILES_DIR = env.string("CONNECTION_FILES_DIR", default="")
# The API key that the two services use for each other; `create_api_key --service` creates it.
SERVICE_API_KEY = env.string("SERVICE_API_KEY", default="")
SERVICE_API_KEY_FILE = env.string("SERVICE_API_KEY_FILE", default=str(DATA_DIR / "service_api_key"))
# Requests a minute, 0 for no limit: per key or user, and per address for requests without either.
RATE_PER_KEY = env.integer("RATE_PER_KEY", default=6000)
RATE_PER_ADDRESS = env.integer("RATE_PER_ADDRESS", default=0 if API_AUTH == "open" else 300)
RATE_OF_LOGINS = env.integer(
    "RATE_OF_LOGINS", default=20
)  # per address, for all user names together
# A client that stops in the middle of sending or receiving is disconnected after this time.
SLOW_CLIENT_SECONDS = env.integer("SLOW_CLIENT_SECONDS", default=10, least=1)
# To each web process, of one address, 0 for no limit: open connections (beyond it the oldest idle
# one is closed; not counted behind PROXIES, whose connections are those of all clients), and
# requests that are served at a time (further ones wait). A process has eight threads.
CONNECTIONS_PER_ADDRESS = env.integer("CONNECTIONS_PER_ADDRESS", default=64)
REQUESTS_PER_ADDRESS = env.integer("REQUESTS_PER_ADDRESS", default=4)
# The number of the operator's own reverse proxies, each of which appends to X-Forwarded-For.
PROXIES = env.integer("PROXIES", default=0)
# Browsers connect by TLS, which a reverse proxy terminates: secure cookies, redirect and HSTS.
TLS = env.boolean("DJANGO_TLS", default=not DEBUG)

# The log format: "line" for people; "json" for machines, one object per line.
LOG_FORMAT = env.choice("LOG_FORMAT", default="line", choices=("line", "json"))
ACCESS_LOG = env.boolean("ACCESS_LOG", default=False)  # gunicorn's, one line per request

# Mails about what needs a person: to whom, from whom, and through which server. Without a server
# they are written to the output of the process (Django's console backend).
ALERT_EMAILS = env.strings("ALERT_EMAILS")
DEFAULT_FROM_EMAIL = env.string("DEFAULT_FROM_EMAIL", "roompricegenie@localhost")
vars().update(env.mail_server("EMAIL_URL"))
# The address at which people open the pages, for links in mails.
PUBLIC_URL = env.base_url("PUBLIC_URL", default=f"http://127.0.0.1:{PORT}")

# A .gz or .zip of more than 64 MB is loaded up to this many times its packed size; 0: no limit.
MAX_UNPACK_RATIO = env.integer("MAX_UNPACK_RATIO", default=200)

# The largest file that is taken in the browser.
UPLOAD_MAX_MB = env.integer("UPLOAD_MAX_MB", default=200, least=1)
# Where it is until it is loaded: on several hosts web servers and event workers share the folder.
UPLOADS_DIR = env.string("UPLOADS_DIR", default="")  # empty: DATA_DIR/uploads

# gunicorn's own settings are read here too, so that every process refuses a wrong one: gunicorn
# itself ends with a traceback when WEB_CONCURRENCY is no number.
WEB_CONCURRENCY = env.integer("WEB_CONCURRENCY", default=0, least=1)  # 0: by the cores
REQUEST_SECONDS = env.number("REQUEST_SECONDS", default=30)
check_gunicorn_arguments(os.environ.get("GUNICORN_CMD_ARGS", ""))

# Whether the first start of `make run` loads the demonstration.
SAMPLE = env.boolean("SAMPLE", default=True)
# `make run` starts three workers instead of one for each queue.
FEW_WORKERS = env.boolean("FEW_WORKERS", default=False)
# Adds periodic tasks that record bookings of the demonstration's hotels.
SIMULATE = env.boolean("SIMULATE", default=False)

# The longest time that a request waits for a statement or a lock. gunicorn.conf.py sets it for the
# web processes; workers and commands may wait longer (0: see database_settings.py).
DATABASE_PATIENCE_SECONDS = env.integer("DATABASE_PATIENCE_SECONDS", default=0)

# PostgreSQL is reached through PgBouncer, which gives a connection for each transaction.
DATABASE_POOLER = env.boolean("DATABASE_POOLER", default=False)

# --- databases -----------------------------------------------------------------------------------

DATABASES = database_settings(
    env, DATA_DIR, patience_seconds=DATABASE_PATIENCE_SECONDS, has_pooler=DATABASE_POOLER
)
DATABASE_ROUTERS = ["roompricegenie.routers.AppRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Coming nights that have prices, from tonight on.
PRICED_NIGHTS = env.integer("PRICED_NIGHTS", default=365, least=30, most=365)

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
    "accounts.login_attempts_app.LoginAttemptsConfig",  # django-axes
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "rest_framework_api_key",
    "rest_framework",
    "drf_yasg",
    "common",
    "data_provider",
    "dashboard_service",
    "pricing_service",
    "overview",
    "connections",
    "accounts",
    "simulator",
    "roompricegenie",
]
MIDDLEWARE = [
    # First, so that every response is counted and every log line of a request carries its id.
    "roompricegenie.monitoring.request_metrics.request_metrics_middleware",
    "common.head_requests.head_request_middleware",  # outside of all that may answer
    "common.request_limits.request_limits_middleware",  # before anything can read a body
    # Before all that may refuse in words, and before the response cache, which keys on it.
    "accounts.language.language_choice.LanguageMiddleware",
    # The client's rights are determined before the response cache, which keys on them. The cache
    # stands in front of all others, so that a cached response includes the headers that they set.
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.AccessMiddleware",
    "common.response_cache.ResponseCacheMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # What AccessMiddleware refuses ends here, within all that adds headers and before all that
    # answers: a redirect, a foreign Host and an unknown path are refused like any other request.
    "accounts.middleware.RefusalMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
    # Last, so that it sees an exception before AccessMiddleware turns it into a 503.
    "common.admin_filters.AdminFilterMiddleware",
]
# No authentication and no rate limit: health checks, and static files that exist.
HEALTH_PATHS = ("/healthz", "/readyz")  # with and without a slash at the end
STATIC_PREFIX = "/static/"
# Paths that take GET and HEAD only, as do static files.
ONLY_READ_PATHS = (*HEALTH_PATHS, "/favicon.ico")
# No upload reaches a temporary file: `/upload/` alone takes a file in a form, and sets a handler.
FILE_UPLOAD_HANDLERS: list[str] = []
# No content of other origins and nothing inline; urls.py adds what Swagger UI and Redoc need.
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
APPEND_SLASH = False  # urls.py accepts each path with and without its slash, without a redirect
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context_processors.access",
                "common.unread_messages.template_context",
                "roompricegenie.version.template_context",
            ],
        },
    },
]
CSRF_FAILURE_VIEW = "roompricegenie.error_views.csrf_failure"
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
# Five wrong passwords for one user name from one address lock that pair for 15 minutes.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_CLIENT_IP_CALLABLE = "accounts.rate_limits.address"
OTP_TOTP_ISSUER = "RoomPriceGenie"  # as authenticator apps show it
PASSWORD_RESET_TIMEOUT = 2 * 3600  # seconds for which a mailed link is valid

# Preloading is the operator's choice (DJANGO_HSTS_PRELOAD), not a fault.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# --- TLS -----------------------------------------------------------------------------------------

if TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    # The services, the orchestrator and Prometheus send requests without TLS on the inner network.
    SECURE_REDIRECT_EXEMPT = [
        r"^(events|dashboard|healthz|readyz|metrics|(reservations|prices)/?$)"
    ]
    SECURE_HSTS_SECONDS = env.integer("DJANGO_HSTS_SECONDS", default=365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    # Asks browsers' makers to put the domain and all below it on a list from which it comes off
    # only after months: for the domain's owner to decide.
    SECURE_HSTS_PRELOAD = env.boolean("DJANGO_HSTS_PRELOAD", default=False)
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    LANGUAGE_COOKIE_SECURE = True

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("it", "Italiano"),
    ("es", "Español"),
]
# Before the texts of other packages, whose "Save" or "None" may be other words.
LOCALE_PATHS = sorted(BASE_DIR.glob("*/locale"))
FORMAT_MODULE_PATH = "common.language_formats"
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
TIME_ZONE = "UTC"  # timestamps without an offset are UTC
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# `collectstatic` copies public files, which a web server of another user may read.
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o644, 0o755
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # serves static files without `collectstatic`

SWAGGER_USE_COMPAT_RENDERERS = False
SWAGGER_SETTINGS = swagger_settings(is_open=API_AUTH == "open", login_url=LOGIN_URL)

LOGGING = log_settings(LOG_FORMAT)
