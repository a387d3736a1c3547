"""gunicorn's own lines in the form of all others, and its access log (ACCESS_LOG=1).

A line for each request says who asked, for what, and how it went. It holds no key and nothing of
the query, and the path as it was sent, in which no line can end.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger

from roompricegenie.monitoring import log_correlation


class WebLog(Logger):
    """For gunicorn's `logger_class`."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.addFilter(log_correlation.OriginFilter())
            handler.setFormatter(log_correlation.formatter(settings.LOG_FORMAT))

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """One line; what request_watch found out lies in the request's environment."""
        if not self.access_log_enabled:
            return
        status = str(resp.status)[:3]
        seen = {
            "method": environ.get("REQUEST_METHOD", "-"),
            "path": environ.get("RAW_URI", "-").partition("?")[0],
            "status": int(status) if status.isdigit() else 0,  # 0: nothing was answered
            "seconds": round(request_time.total_seconds(), 6),
            "bytes": getattr(resp, "sent", 0),
            "who": environ.get("rpg.who") or "nobody",
        }
        ids = {"request_id": environ["rpg.request_id"]} if "rpg.request_id" in environ else {}
        message = "%(method)s %(path)s %(status)s, %(seconds)s s, %(bytes)s bytes, by %(who)s"
        self.access_log.info(message, seen, extra={**seen, **ids})
