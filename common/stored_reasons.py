"""Reasons that are stored or sent as English sentences, in the reader's language when shown.

A worker notes why something failed, and a REST answer says it in English; people of several
languages read it later. `register` tells the sentences of an app with their values as named
placeholders ("%(path)s answered %(status)s"), and `in_words` finds which of them a text is. A text
that no app has told is shown as it is. It costs nothing to be stored, and rows of earlier versions
are translated, too.
"""

import re
from typing import Final

from django.utils.translation import gettext, ngettext

PLACEHOLDER: Final = re.compile(r"%\((\w+)\)[sd]")
LONGEST: Final = 1_000  # characters; no reason is stored that is longer

_sentences: set[str] = set()
_patterns: dict[str, re.Pattern[str]] = {}
_counted: dict[str, tuple[str, str]] = {}  # both forms, by each of them


def register(*messages: str) -> None:
    """Tell sentences, in English, as the catalogs have them (marked with `gettext_noop`)."""
    for message in messages:
        if PLACEHOLDER.search(message) is None:
            _sentences.add(message)
        else:
            _patterns[message] = re.compile(_expression(message), re.DOTALL)
    # Of two that fit, the one with more words of its own says more.
    for message in sorted(_patterns, key=lambda message: -len(PLACEHOLDER.sub("", message))):
        _patterns[message] = _patterns.pop(message)


def register_counted(one: str, more: str) -> None:
    """Tell a sentence with the placeholder `%(count)d` in both of its forms."""
    _counted.update(dict.fromkeys((one, more), (one, more)))
    register(one, more)


def in_words(text: str) -> str:
    """Return a stored reason in the active language; what is not known of it as it is."""
    return _whole(text) or _in_parts(text)


def is_known(text: str) -> bool:
    """Return whether an app has told the sentence."""
    return text in _sentences or _fitting(text) is not None


def _whole(text: str) -> str:
    """Return a sentence in words; empty for one that is not known."""
    if not text or len(text) > LONGEST:
        return text
    if text in _sentences:
        return gettext(text)
    found = _fitting(text)
    if found is None:
        return ""
    message, told = found
    values = {
        name: int(value) if f"%({name})d" in message else in_words(value)
        for name, value in told.items()
    }
    if message in _counted:
        return ngettext(*_counted[message], int(values["count"])) % values
    return gettext(message) % values


def _in_parts(text: str) -> str:
    """Return sentences that are joined by semicolons, each perhaps after another and a colon."""
    told = []
    for part in text.split("; "):
        place, colon, reason = part.partition(": ")
        whole = _whole(part)
        if colon and not whole:
            whole = f"{_whole(place) or place}: {_whole(reason) or reason}"
        told.append(whole or part)
    return "; ".join(told)


def _fitting(text: str) -> tuple[str, dict[str, str]] | None:
    for message, pattern in _patterns.items():
        if match := pattern.fullmatch(text):
            return message, match.groupdict()
    return None


def _expression(message: str) -> str:
    expression, end = "", 0
    for place in PLACEHOLDER.finditer(message):
        expression += re.escape(message[end : place.start()])
        form = "[0-9]+" if place[0].endswith("d") else ".+?"
        if place.start() == 0:  # what stands before a colon is another part
            form = "(?:(?!: ).)+?"
        expression += f"(?P<{place[1]}>{form})"
        end = place.end()
    return expression + re.escape(message[end:])
