"""Sentences of prices as they are stored, and as they are shown.

A row has a sentence in English, as it always had, and beside it what the sentence says apart from
the words (`common.translatable_text`), so that it is shown in the reader's language. In English the
stored sentence is shown. It is shown in every language where there is nothing beside it: in rows of
earlier versions, and where a person wrote the sentence. So it is where a process of the version
before has replaced the sentence alone, during an upgrade: what is stored beside it carries a
checksum of its sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from common.number_and_date_texts import is_english
from common.translatable_text import Text, from_json, render_all


def in_english(texts: Sequence[Text]) -> str:
    """Return sentences in English, whatever the active language is."""
    return " ".join(text.in_english() for text in texts)


def to_store(sentence: str, texts: Sequence[Text]) -> dict[str, Any]:
    """Return what is stored beside a sentence; empty for one without texts.

    Args:
        sentence: what `in_english` returns of the texts.
    """
    if not texts:
        return {}
    return {"checksum": _checksum(sentence), "texts": [text.to_json() for text in texts]}


def shown(row: Any, field: str) -> str:
    """Return a row's stored sentence in the reader's language.

    In English the texts beside it are not read: lists of rows leave them in the database.

    Args:
        field: of the sentence; its texts are in the field of that name with `_texts`.
    """
    sentence: str = getattr(row, field)
    texts = [] if is_english() else stored_texts(sentence, getattr(row, f"{field}_texts"))
    return render_all(texts) if texts else sentence


def stored_texts(sentence: str, stored: Any) -> list[Text]:
    """Return the texts that are stored beside a sentence; none where they are not its own."""
    if not stored or stored["checksum"] != _checksum(sentence):
        return []
    return [from_json(text) for text in stored["texts"]]


def _checksum(sentence: str) -> int:
    return crc32(sentence.encode())
