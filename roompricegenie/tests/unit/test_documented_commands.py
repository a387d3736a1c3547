"""Each `manage.py` command line in the documentation is one that the command itself accepts."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, get_commands, load_command_class
from django.core.management.base import BaseCommand

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = [
    ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").glob("*.md")), ROOT / "docker" / "prometheus" / "alerts.yml",
]  # fmt: skip


def command_lines(text: str) -> Iterator[str]:
    """Yield what follows `manage.py`, in code blocks and in code between backticks."""
    for block in re.findall(r"^ {4}.*(?:\\\n.*)*", text, re.MULTILINE):
        _, found, rest = block.replace("\\\n", " ").partition("manage.py ")
        if found:
            yield rest
    for code in re.findall(r"`([^`]+)`", text):
        _, found, rest = " ".join(code.split()).partition("manage.py ")
        if found:
            yield rest


def words_of(line: str) -> list[str]:
    """Return the command and its arguments, without comment, redirection or next command."""
    words = shlex.split(line, comments=True)
    ends = (n for n, word in enumerate(words) if word in ("&&", "||", "|", ";", "<", ">", "&"))
    return [word.rstrip(";)") for word in words[: next(ends, len(words))]]


def documented() -> list[tuple[str, str]]:
    return sorted({(p.name, line) for p in DOCUMENTS for line in command_lines(p.read_text())})


def parse(words: list[str]) -> None:
    """Raises: CommandError, KeyError for a command that does not exist."""
    name, *arguments = words
    app = get_commands()[name]
    command = app if isinstance(app, BaseCommand) else load_command_class(app, name)
    command.create_parser("manage.py", name).parse_args(arguments)


def test_there_are_command_lines() -> None:
    assert len(documented()) > 20


@pytest.mark.parametrize(("document", "line"), documented())
def test_command_line_is_accepted(document: str, line: str) -> None:
    parse(words_of(line))


@pytest.mark.parametrize(
    "line", ["dead_letters --resend", "dead_letters --again all", "no_such_command", "backup a b"]
)
def test_a_wrong_command_line_is_found(line: str) -> None:
    with pytest.raises((CommandError, KeyError)):
        parse(words_of(line))
