"""Values in vendors' JSON: texts that must be there; moments in ISO 8601, UTC without an offset."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from connections.adapters.adapter import OddAnswer


def moment_of(text: str) -> datetime:
    """Return a moment. Raises: ValueError, TypeError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def utc_text(moment: datetime) -> str:
    """Return a moment like `2026-01-31T12:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def webhook_field(body: bytes, name: str) -> Sequence[str]:
    """Return the property that a webhook names in a field; nothing where it names none."""
    try:
        return [str(orjson.loads(body)[name])]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ()


def required_text(row: Mapping[str, Any], name: str) -> str:
    """Return a text of an object. Raises: OddAnswer."""
    if not isinstance(row, Mapping) or not isinstance(row.get(name), str):
        raise OddAnswer(f"an answer lacks {name}")
    return str(row[name])
