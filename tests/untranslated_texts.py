"""What of a page was not translated: its texts outside of the marks of a made-up language.

`marked_language` puts every text that goes through gettext between ⟦ and ⟧. What then stands
outside, and is no data, would be English on a German page.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.utils import translation
from django.utils.safestring import SafeData, mark_safe

# Data, code, and what is written in the reader's language by the formats of numbers and dates; so
# has any element with translate="no".
DATA_ELEMENTS = {"script", "style", "bdi", "code", "data", "time", "svg", "textarea"}
# Attributes that people read or hear.
TEXT_ATTRIBUTES = ("title", "aria-label", "placeholder", "alt", "aria-description", "data-label")
VOID = {"meta", "link", "img", "input", "br", "hr", "wbr", "source", "col"}
WORD = re.compile(r"[A-Za-z]{2,}")
# The names of things, currencies, files, and the words that are the same in every language.
NAMES = re.compile(
    r"RoomPriceGenie|ADR|RevPAR|Swagger|Redoc|Excel|CSV|iCal|UTC|REST|JSON|PDF|[A-Z]{3}\b|https?://\S*"
)


@contextmanager
def marked_language() -> Iterator[None]:
    """Put all texts that go through gettext between ⟦ and ⟧."""

    backend: Any = translation._trans  # type: ignore[attr-defined]  # what Django's functions call

    def one(message: str) -> str:
        return _like(message, f"⟦{message}⟧")

    def counted(one_form: str, more: str, number: int) -> str:
        form = one_form if number == 1 else more
        return _like(form, f"⟦{form}⟧")

    def contextual(_: str, message: str) -> str:
        return one(message)

    with (
        patch.object(backend, "gettext", one),
        patch.object(backend, "ngettext", counted),
        patch.object(backend, "pgettext", contextual),
    ):
        yield


def untranslated(html: str, *data: str) -> list[str]:
    """Return the texts of a page, made in `marked_language`, that stand outside of the marks.

    Args:
        data: texts of the page that are data: names of hotels, of people.
    """
    texts = _Texts()
    texts.feed(html)
    found = []
    for text in texts.found:
        rest = _outside_of_marks(text)
        for name in data:
            rest = rest.replace(name, "")
        if WORD.search(NAMES.sub("", rest)):
            found.append(" ".join(text.split())[:160])
    return found


def _like(message: str, text: str) -> str:
    return mark_safe(text) if isinstance(message, SafeData) else text


def _outside_of_marks(text: str) -> str:
    depth, outside = 0, []
    for letter in text:
        depth += {"⟦": 1, "⟧": -1}.get(letter, 0)
        if depth == 0:
            outside.append(letter)
    return "".join(outside)


class _Texts(HTMLParser):
    """The texts of a page: of each element that has text of its own, and of attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []  # with whether it has data
        self._pending: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if not self._is_data():
            self.found += [values[name] or "" for name in TEXT_ATTRIBUTES if name in values]
            if tag == "input" and values.get("type") in ("submit", "button", "reset"):
                self.found.append(values.get("value") or "")
        if tag not in VOID:
            self._open.append((tag, tag in DATA_ELEMENTS or values.get("translate") == "no"))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag in ("p", "li", "td", "th", "section", "div", "h1", "h2", "body", "html"):
            self._flush()

    def handle_data(self, data: str) -> None:
        # A marked text may hold elements: it is put together before it is judged.
        if not self._is_data():
            self._pending.append(data)
            if _is_closed("".join(self._pending)):
                self._flush()
        elif any("⟦" in part for part in self._pending):
            self._pending.append(" ")

    def _flush(self) -> None:
        self.found.append("".join(self._pending))
        self._pending.clear()

    def _is_data(self) -> bool:
        return any(has_data for _, has_data in self._open)


def _is_closed(text: str) -> bool:
    return text.count("⟦") == text.count("⟧")


def page_texts_left(client: Any, path: str, *data: str) -> list[str]:
    """Return what of a page is not translated, in another language than English.

    Raises:
        AssertionError: the page is not there.
    """
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"  # stored texts are rendered then
    with marked_language():
        response = client.get(path)
    del client.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert response.status_code == 200, (path, response.status_code)
    return untranslated(response.content.decode(), *data)
