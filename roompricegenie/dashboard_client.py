"""HTTP client of the dashboard service: how far its figures are, its last check, time zones."""

from typing import Any

import requests
from django.conf import settings

from common.service_key import authenticate_request

TIMEOUT_SECONDS = 5


class DashboardUnavailable(Exception):
    """The dashboard service does not answer; the message names the URL."""


def fetch_status() -> dict[str, Any]:
    """`GET /dashboard/status/`: position, events_behind, seconds_behind, updated_at.

    Where it applies also events_behind_is_estimate, unknown_because, or shares.

    Raises: DashboardUnavailable.
    """
    required = ("position", "events_behind", "seconds_behind", "updated_at")
    optional = ("events_behind_is_estimate", "unknown_because", "shares")
    return _get("/dashboard/status/", *required, optional=optional)


def fetch_last_check() -> dict[str, Any]:
    """`GET /dashboard/check/`: checked_at, events, counts, differences, repaired.

    From a present version also hotels, unchecked_hotels, and how far the round is that goes on.

    Raises: DashboardUnavailable.
    """
    required = ("checked_at", "events", "counts", "differences", "repaired")
    optional = (
        "begun_at", "hotels", "repaired_hotels", "unchecked_hotels", "round_begun_at",
        "round_hotels", "round_checked",
    )  # fmt: skip
    return _get("/dashboard/check/", *required, optional=optional)


def fetch_time_zone(hotel_id: int) -> str:
    """`GET /dashboard/hotels/<hotel_id>/`: the name of the time zone of a hotel's profile.

    Raises: DashboardUnavailable.
    """
    return str(_get(f"/dashboard/hotels/{hotel_id}/", "time_zone")["time_zone"])


def _get(path: str, *names: str, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the named fields of a response; one without a required field is an error."""
    url = f"{settings.DASHBOARD_API_BASE_URL}{path}"
    try:
        response = requests.get(url, auth=authenticate_request, timeout=TIMEOUT_SECONDS)
        response.raise_for_status()
        content = response.json()
        return {name: content[name] for name in names} | {
            name: content[name] for name in optional if name in content
        }
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise DashboardUnavailable(f"{url} does not answer: {error}") from error
