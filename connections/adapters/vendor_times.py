"""Moments in vendors' JSON: ISO 8601, UTC where no offset is given."""

from datetime import UTC, datetime


def moment_of(text: str) -> datetime:
    """Return a moment. Raises: ValueError, TypeError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def utc_text(moment: datetime) -> str:
    """Return a moment like `2026-01-31T12:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
