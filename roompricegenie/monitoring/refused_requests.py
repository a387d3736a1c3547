"""Requests that Django refuses as suspicious are one line in the log, not a traceback.

Anybody can send them (a foreign Host header, too many form fields), as often as they like, and the
traceback shows Django's code only. Django logs them as `django.security.<exception>`.
"""

import logging


class OneLineFilter(logging.Filter):
    """Removes the traceback of such a record and makes it a warning; drops none."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True
