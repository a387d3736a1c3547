"""gunicorn's error log and access log (ACCESS_LOG=1) in the format of all other log lines.

The access log has one line per request: client, method, path, status, duration and size. It
contains no API key and no query string. The path is logged as it was received (percent-encoded),
so it cannot contain a line break.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger

from roompricegenie.monitoring import request_ids_in_logs


class GunicornLogger(Logger):
    """For gunicorn's setting `logger_class`."""

    def setup(self, cfg: Any) -> None:
        """Replace the formatters that gunicorn installs."""
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.addFilter(request_ids_in_logs.CorrelationFilter())
            handler.setFormatter(request_ids_in_logs.build_formatter(settings.LOG_FORMAT))

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Log one request.

        Its id and client come from the WSGI environment, where monitoring.request_metrics stored
        them.
        """
        if not self.access_log_enabled:
            return
        status = str(resp.status)[:3]
        fields = {
            "method": environ.get("REQUEST_METHOD", "-"),
            "path": environ.get("RAW_URI", "-").partition("?")[0],
            "status": int(status) if status.isdigit() else 0,  # 0: no response was sent
            "seconds": round(request_time.total_seconds(), 6),
            "bytes": getattr(resp, "sent", 0),
            "who": environ.get("rpg.who") or "nobody",
        }
        ids = {"request_id": environ["rpg.request_id"]} if "rpg.request_id" in environ else {}
        message = "%(method)s %(path)s %(status)s, %(seconds)s s, %(bytes)s bytes, by %(who)s"
        self.access_log.info(message, fields, extra={**fields, **ids})
