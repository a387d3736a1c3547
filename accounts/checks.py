"""System checks for settings that let too many in, or nobody; `manage.py check` prints them."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from common.service_key import service_headers


@register(Tags.security)
def check_access(**_: Any) -> list[CheckMessage]:
    """The settings around access, each with an id and what to do."""
    found: list[CheckMessage] = []
    if settings.API_AUTH not in ("open", "required"):
        found.append(
            Error(
                f"API_AUTH is {settings.API_AUTH!r}.",
                hint="Set API_AUTH=required, or API_AUTH=open for development.",
                id="accounts.E001",
            )
        )
    if settings.API_AUTH == "open" and not settings.DEBUG:
        found.append(
            Warning(
                "API_AUTH=open: whoever reaches this server can post events and read all figures.",
                hint="Set API_AUTH=required and make keys with `manage.py create_api_key`.",
                id="accounts.W001",
            )
        )
    if settings.DEBUG and "*" in settings.ALLOWED_HOSTS:
        found.append(
            Warning(
                "DJANGO_DEBUG=true for every host name: errors show the code and its settings.",
                hint="Set DJANGO_DEBUG=false, or name the hosts in DJANGO_ALLOWED_HOSTS.",
                id="accounts.W002",
            )
        )
    return found


@register(Tags.security, deploy=True)
def check_proxies(**_: Any) -> list[CheckMessage]:
    """Behind a proxy that is not counted, everybody has the proxy's address."""
    if not settings.TLS or settings.PROXIES:
        return []
    return [
        Warning(
            "PROXIES=0, but TLS is ended by a proxy: limits and lock-outs meet everybody at once.",
            hint="Set PROXIES to the number of your proxies that add to X-Forwarded-For.",
            id="accounts.W004",
        )
    ]


@register(Tags.security, deploy=True)
def check_service_key(**_: Any) -> list[CheckMessage]:
    """Without a key of their own the services cannot ask each other in a closed system."""
    if settings.API_AUTH == "open" or service_headers():
        return []
    return [
        Warning(
            "The dashboard service has no key for the event feed: its figures stand still.",
            hint="Run `manage.py create_api_key --service`, or set SERVICE_API_KEY.",
            id="accounts.W003",
        )
    ]
