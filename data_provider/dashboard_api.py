"""What the data provider asks of the dashboard service, over HTTP: how far its figures are."""

from typing import Any

import requests
from django.conf import settings

TIMEOUT_SECONDS = 5


class DashboardUnavailable(Exception):
    """The dashboard service does not answer; the message names the address."""


def status() -> dict[str, Any]:
    """`GET /dashboard/status/`. Raises: DashboardUnavailable."""
    url = f"{settings.DASHBOARD_API_BASE_URL}/dashboard/status/"
    try:
        response = requests.get(url, timeout=TIMEOUT_SECONDS)
        response.raise_for_status()
        answer = response.json()
        int(answer["position"])
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise DashboardUnavailable(f"{url} does not answer: {error}") from error
    return dict(answer)
