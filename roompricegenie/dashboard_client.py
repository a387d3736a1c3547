"""What the data provider asks of the dashboard service, over HTTP: how far its figures are."""

from typing import Any

import requests
from django.conf import settings

from common.access_rights import show_service_key

TIMEOUT_SECONDS = 5


class DashboardUnavailable(Exception):
    """The dashboard service does not answer; the message names the address."""


def status() -> dict[str, Any]:
    """`GET /dashboard/status/`: position, events_behind, seconds_behind, updated_at.

    Where it applies also events_behind_is_estimate or unknown_because.

    Raises: DashboardUnavailable.
    """
    required = ("position", "events_behind", "seconds_behind", "updated_at")
    optional = ("events_behind_is_estimate", "unknown_because")
    return _get("/dashboard/status/", *required, optional=optional)


def last_check() -> dict[str, Any]:
    """`GET /dashboard/check/`: checked_at, events, counts, differences, repaired.

    Raises: DashboardUnavailable.
    """
    return _get("/dashboard/check/", "checked_at", "events", "counts", "differences", "repaired")


def _get(path: str, *names: str, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    url = f"{settings.DASHBOARD_API_BASE_URL}{path}"
    try:
        response = requests.get(url, auth=show_service_key, timeout=TIMEOUT_SECONDS)
        response.raise_for_status()
        answer = response.json()
        return {name: answer[name] for name in names} | {
            name: answer[name] for name in optional if name in answer
        }
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise DashboardUnavailable(f"{url} does not answer: {error}") from error
