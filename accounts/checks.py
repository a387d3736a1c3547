"""System checks of the access settings: open to anybody, or unusable. See `manage.py check`."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from common.service_key import service_headers


@register(Tags.security)
def check_access(**_: Any) -> list[CheckMessage]:
    """Check API_AUTH and DJANGO_DEBUG."""
    messages: list[CheckMessage] = []
    if settings.API_AUTH not in ("open", "required"):
        messages.append(
            Error(
                f"API_AUTH is {settings.API_AUTH!r}.",
                hint="Set API_AUTH=required, or API_AUTH=open for development.",
                id="accounts.E001",
            )
        )
    if settings.API_AUTH == "open" and not settings.DEBUG:
        messages.append(
            Warning(
                "API_AUTH=open: anybody with network access can post events and read all figures.",
                hint="Set API_AUTH=required and create keys with `manage.py create_api_key`.",
                id="accounts.W001",
            )
        )
    if settings.DEBUG and "*" in settings.ALLOWED_HOSTS:
        messages.append(
            Warning(
                "DJANGO_DEBUG=true for all host names: error pages show the code and its settings.",
                hint="Set DJANGO_DEBUG=false, or name the hosts in DJANGO_ALLOWED_HOSTS.",
                id="accounts.W002",
            )
        )
    return messages


@register(Tags.security, deploy=True)
def check_proxies(**_: Any) -> list[CheckMessage]:
    """Check PROXIES: behind a proxy that is not counted, all clients have the proxy's address."""
    if not settings.TLS or settings.PROXIES:
        return []
    return [
        Warning(
            "PROXIES=0, but TLS is ended by a proxy: limits and lock-outs hit all clients at once.",
            hint="Set PROXIES to the number of your proxies that add to X-Forwarded-For.",
            id="accounts.W004",
        )
    ]


@register(Tags.security, deploy=True)
def check_service_key(**_: Any) -> list[CheckMessage]:
    """Check that the services can call each other in a closed system."""
    if settings.API_AUTH == "open" or service_headers():
        return []
    return [
        Warning(
            "The dashboard service has no key for the event feed: its figures are not updated.",
            hint="Run `manage.py create_api_key --service`, or set SERVICE_API_KEY.",
            id="accounts.W003",
        )
    ]
