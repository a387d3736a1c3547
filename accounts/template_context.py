"""What every template is told about access."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def access(request: HttpRequest) -> dict[str, Any]:
    """Is the system open? The page says so."""
    return {"api_is_open": settings.API_AUTH == "open"}
