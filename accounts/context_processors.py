"""Template variables about access."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def access(request: HttpRequest) -> dict[str, Any]:
    """Return `api_is_open`: pages warn while anybody may use the API."""
    return {"api_is_open": settings.API_AUTH == "open"}
