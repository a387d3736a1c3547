"""What an IMAP server says of mails, as values: fields of FETCH, attachments of a structure.

The forms are those of RFC 3501 (7.4.2, 9) and, for names that are not ASCII, RFC 2231 and 2047.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import Any, Final
from urllib.parse import unquote

from django.utils.translation import gettext

from connections.adapters.adapter import OddAnswer

# Parentheses, a quoted text, the mark of a literal, or an atom, which may have [sections].
TOKEN: Final = re.compile(
    rb'\s*(?:([()])|"((?:[^"\\]|\\.)*)"|\x00(\d+)\x00|((?:[^\s()"\[\x00]|\[[^\]]*\])+))', re.DOTALL
)
LITERAL: Final = re.compile(rb"\{\d+\}$")
MAX_DEPTH: Final = 50


@dataclass(frozen=True)
class Attachment:
    """A part of a mail that has a file's name. `size` is that of the encoded text."""

    part: str
    name: str
    encoding: str
    size: int


def parse_answer(answer: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the fields of each mail of a FETCH, by name; texts as Latin-1. Raises: OddAnswer."""
    text = bytearray()
    literals: list[bytes] = []
    for item in answer:
        if isinstance(item, tuple):  # a text that ends with {n}, and the n bytes
            text += LITERAL.sub(b"\x00%d\x00" % len(literals), item[0])
            literals.append(item[1])
        elif item is not None:
            text += item + b" "
    values = _values(bytes(text), literals)
    # Each mail is its number in the folder, and a list of names and values.
    rows = [one for one in values if isinstance(one, list)]
    try:
        return [
            {_name(row[place]): row[place + 1] for place in range(0, len(row) - 1, 2)}
            for row in rows
        ]
    except AttributeError:
        raise OddAnswer(gettext("the mailbox answers in another form than documented")) from None


def _name(text: str) -> str:
    """Return the name of a field, without the place of a piece: `BODY[2]<0>` is `BODY[2]`."""
    return text.upper().partition("<")[0]


def _values(text: bytes, literals: list[bytes]) -> list[Any]:
    """Return nested lists of texts; None for NIL."""
    stack: list[list[Any]] = [[]]
    position = 0
    while match := TOKEN.match(text, position):
        position = match.end()
        bracket, quoted, literal, atom = match.groups()
        if bracket == b"(" and len(stack) < MAX_DEPTH:
            stack.append([])
        elif bracket == b")" and len(stack) > 1:
            stack[-2].append(stack.pop())
        elif bracket:
            raise OddAnswer(gettext("the mailbox answers in another form than documented"))
        elif literal:
            stack[-1].append(literals[int(literal)].decode("latin-1"))
        elif atom is not None:
            stack[-1].append(None if atom.upper() == b"NIL" else atom.decode("latin-1"))
        else:
            stack[-1].append(re.sub(rb"\\(.)", rb"\1", quoted).decode("latin-1"))
    if len(stack) != 1 or text[position:].strip():
        raise OddAnswer(gettext("the mailbox answers in another form than documented"))
    return stack[0]


def attachments(structure: Any, part: str = "") -> Iterator[Attachment]:
    """Yield the parts of a BODYSTRUCTURE that have a file's name, with their numbers."""
    if not isinstance(structure, list) or not structure:
        return
    if isinstance(structure[0], list):
        inner = [one for one in structure if isinstance(one, list) and _is_part(one)]
        for number, one in enumerate(inner, 1):
            yield from attachments(one, f"{part}.{number}" if part else str(number))
        return
    if len(structure) < 7:
        return
    name = _file_name(structure)
    size = structure[6]
    if name and isinstance(size, str) and size.isdigit():
        yield Attachment(part or "1", name, str(structure[5] or "7bit"), int(size))


def _is_part(value: list[Any]) -> bool:
    """Return whether a list is a part, not the parameters behind the parts."""
    is_single = len(value) >= 7 and isinstance(value[0], str) and isinstance(value[1], str)
    return is_single or (bool(value) and isinstance(value[0], list) and _is_part(value[0]))


def _file_name(structure: list[Any]) -> str:
    """Return the name of the disposition, else of the type; empty where there is none."""
    found = ""
    lists = [structure[2], *(one[1] for one in structure[7:] if _is_disposition(one))]
    for parameters in lists:
        pairs = parameters if isinstance(parameters, list) else []
        named = {
            str(pairs[place]).lower(): str(pairs[place + 1] or "")
            for place in range(0, len(pairs) - 1, 2)
        }
        for key in ("name", "filename", "name*", "filename*"):
            if key in named:
                found = _extended(named[key]) if key.endswith("*") else _decoded(named[key])
    printable = "".join(one for one in found if one.isprintable())
    return printable.replace("\\", "/").rsplit("/", 1)[-1][:200]


def _is_disposition(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and isinstance(value[1], list)


def _extended(text: str) -> str:
    """Return a name in the form of RFC 2231, like `utf-8''Belegung%C3%BC.csv`."""
    charset, _, rest = text.partition("'")
    try:
        return unquote(rest.partition("'")[2], encoding=charset or "utf-8", errors="replace")
    except LookupError:
        return rest.partition("'")[2]


def _decoded(text: str) -> str:
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return text
