"""Django's LOGGING: to standard error; the process manager or the container adds the time."""

from typing import Any, Final

REQUEST_IDS: Final = "roompricegenie.monitoring.request_ids_in_logs"


def log_settings(log_format: str) -> dict[str, Any]:
    """Return the setting.

    Args:
        log_format: "line" or "json".
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "one": {
                "()": f"{REQUEST_IDS}.build_formatter",
                "log_format": log_format,
            }
        },
        "filters": {
            "correlation": {"()": f"{REQUEST_IDS}.CorrelationFilter"},
            "refused": {"()": "roompricegenie.monitoring.refused_requests.OneLineFilter"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "one",
                "filters": ["correlation", "refused"],
            }
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Django's own handlers would write some lines a second time, in another format.
            "django": {"handlers": [], "level": "INFO"},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            # 4xx responses are not logged: they are errors of the client, and say why.
            "django.request": {"level": "ERROR"},
            # accounts.audit_log logs failed logins and locks. axes' own lines repeat them, with
            # the client's User-Agent unquoted, which could imitate other fields.
            "axes": {"level": "ERROR"},
        },
    }
