"""Errors as JSON: what was wrong, field by field; a database that is away is a 503, not a 500."""

import logging
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

logger = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError, InternalError)  # away, locked or read-only


class Unavailable(APIException):
    status_code = 503
    default_detail = "the database does not answer: try again in some seconds"
    default_code = "unavailable"


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, with databases that are away or read-only mapped to 503 and a Retry-After."""
    if isinstance(error, DATABASE_AWAY):
        logger.error("the database does not answer: %s", error)
        response = drf_exception_handler(Unavailable(), context)
        if response is not None:
            response["Retry-After"] = "5"
        return response
    return drf_exception_handler(error, context)
