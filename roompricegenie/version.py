"""The version of this system; pyproject.toml has the same (a test compares them)."""

from django.http import HttpRequest

VERSION = "0.2.0"


def template_context(request: HttpRequest) -> dict[str, str]:
    """Context processor: every template may show `{{ version }}`."""
    return {"version": VERSION}
