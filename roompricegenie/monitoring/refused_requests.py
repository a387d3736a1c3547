"""Requests that Django refuses as suspicious are one line in the log, not a traceback.

Anybody can send them (a foreign Host header, too many form fields), as often as they like, and the
traceback shows Django's code only. Django logs them as `django.security.<exception>`.
"""

import logging

from django.conf import settings

from common.client_address import client_address


class OneLineFilter(logging.Filter):
    """Removes the traceback of such a record and makes it a warning; drops none."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
            request = getattr(record, "request", None)
            if request is not None and record.args == ():
                forwarded_for = request.META.get("HTTP_X_FORWARDED_FOR", "")
                peer = request.META.get("REMOTE_ADDR", "")
                client = client_address(forwarded_for, peer, settings.PROXIES)
                record.msg, record.args = "%s (from %s)", (record.msg, client)
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True
