"""Answers that say by an ETag what they are made of, so that asking again costs next to nothing."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils.cache import get_conditional_response


def fingerprint(*folders: Path) -> str:
    """Of what is written in folders: after an upgrade the same figures may be told otherwise."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix in {".py", ".html", ".css", ".js"}:
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def tagged(
    request: Any,
    parts: tuple[Any, ...],
    answer: Callable[[], Any],
    again: Callable[[], tuple[Any, ...]] | None = None,
) -> Any:
    """304 when the asker has what the parts stand for, else the answer with its ETag.

    Args:
        parts: what the answer depends on beside its address; read before the answer is made, so
            that an answer is never older than its tag.
        again: gives the parts as they are at another time, at next to no cost and without holding
            the request; an answer that has it may be kept in memory (see common.response_cache).
    """
    tag = hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
    response: Any = get_conditional_response(request, etag=f'"{tag}"') or answer()
    response["ETag"] = f'"{tag}"'
    if again is not None:
        response.made_of = (parts, again)
    response["Cache-Control"] = "private, no-cache"  # keep it, and ask each time
    return response
