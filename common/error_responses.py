"""REST errors as JSON, field by field, of limited length; a database that does not answer is a 503.

The limits are those of `common.error_limits`, which every REST error passes here.
"""

import logging
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from common.error_limits import limit_errors

logger = logging.getLogger(__name__)

# The database does not answer, is locked or read-only.
DATABASE_AWAY = (OperationalError, InterfaceError, InternalError)
RETRY_AFTER_SECONDS = 5


class Unavailable(APIException):
    """503: the database does not answer."""

    status_code = 503
    default_detail = _("the database does not answer: try again in some seconds")
    default_code = "unavailable"


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return REST framework's response to an error; for database errors a 503 with Retry-After.

    An exception may bring headers of its own, as `headers`.
    """
    if isinstance(error, DATABASE_AWAY):
        logger.error("the database does not answer: %s", error)
        response = drf_exception_handler(Unavailable(), context)
        if response is not None:
            response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    response = drf_exception_handler(error, context)
    if response is not None:
        for name, value in getattr(error, "headers", {}).items():
            response[name] = value
        response.data = limit_errors(response.data)
    return response
