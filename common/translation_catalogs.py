"""Catalogs of translations: finding the texts of an app, keeping its files in order.

Each app has its texts in `locale/LANGUAGE/LC_MESSAGES`: `django.po` of its Python files and
templates, `djangojs.po` of its scripts, and beside them the compiled files that Django reads. An
app's templates and scripts lie in `templates/NAME` and `static/NAME`, by ROOMS.

Made with Babel, and Django's own parser of templates: GNU gettext's programs, which Django's
`makemessages` calls, are on few machines.
"""

import ast
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.template import Engine
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

# Folders of templates and scripts whose app has another name.
ROOMS: Final = {
    "data_provider": ("upload",),
    "dashboard_service": ("dashboard",),
    "pricing_service": ("pricing",),
}
APPS: Final = (
    "common", "accounts", "data_provider", "dashboard_service", "pricing_service", "overview",
    "connections", "roompricegenie",
)  # fmt: skip
TEMPLATES, SCRIPTS = "django", "djangojs"
# How texts are marked in Python: the positions of message and plural among the arguments.
PYTHON_MARKS: Final = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "Text"), 1),
    **dict.fromkeys(("ngettext", "ngettext_lazy", "plural"), 2),
}
SCRIPT_MARKS: Final = {"gettext": None, "ngettext": (1, 2)}
PLACEHOLDER: Final = re.compile(r"%\((\w+)\)[-+ 0-9.,]*[sdfr]|%%")
# The compiled files are the same whenever they are made.
NO_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)

MessageId = str | tuple[str, str]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a message of a catalog."""

    path: Path
    message: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message[:70]!r} {self.reason}"


def languages() -> list[str]:
    """Return the languages into which texts are translated: all but English."""
    return [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def updated_catalogs(app: str) -> Iterator[tuple[Path, Catalog]]:
    """Yield each catalog file of an app with the texts that the app has now.

    Translations are kept, and those whose text is gone are dropped.
    """
    for domain, found in ((TEMPLATES, server_texts(app)), (SCRIPTS, script_texts(app))):
        for language in languages():
            path = _path(app, language, domain)
            catalog = _new_catalog(language)
            known = _read(path, language) if path.exists() else catalog
            for message_id in sorted(found, key=_first):
                earlier = known.get(_first(message_id))
                string = earlier.string if earlier and earlier.id == message_id else ""
                catalog.add(message_id, string or ("" if isinstance(message_id, str) else ("", "")))
            if found:
                yield path, catalog


def po_text(catalog: Catalog) -> bytes:
    """Return a catalog as the text of its .po file."""
    language, plurals = str(catalog.locale), catalog.plural_forms
    head = (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n'
        f'"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: {plurals};\\n"\n\n'
    )
    body = io.BytesIO()
    write_po(body, catalog, omit_header=True, no_location=True, width=0)
    return head.encode() + body.getvalue().lstrip()


def mo_bytes(catalog: Catalog) -> bytes:
    """Return a catalog as the compiled file that Django reads."""
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    return compiled.getvalue()


def faults(path: Path, catalog: Catalog) -> Iterator[Fault]:
    """Yield the messages of a catalog that are not translated, or with other placeholders."""
    for message in catalog:
        if not message.id:
            continue
        forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
        if not all(forms) or len(forms) < (1 if isinstance(message.id, str) else 2):
            yield Fault(path, _first(message.id), "is not translated")
            continue
        wanted = _placeholders(message)
        if any(not set(PLACEHOLDER.findall(form)) <= wanted for form in forms) or (
            isinstance(message.id, str) and set(PLACEHOLDER.findall(forms[0])) != wanted
        ):
            yield Fault(path, _first(message.id), "has other placeholders in its translation")


def server_texts(app: str) -> set[MessageId]:
    """Return the messages of an app's Python files and templates."""
    found: set[MessageId] = set()
    for file in sorted((settings.BASE_DIR / app).rglob("*.py")):
        if not {"tests", "migrations"} & set(file.parts):
            found |= set(_python_texts(file))
    for room in _rooms(app):
        for file in sorted((settings.BASE_DIR / "templates" / room).rglob("*")):
            if file.suffix in (".html", ".txt"):
                found |= set(_template_texts(file))
    return found


def script_texts(app: str) -> set[MessageId]:
    """Return the messages of an app's scripts."""
    found: set[MessageId] = set()
    for room in _rooms(app):
        for file in sorted((settings.BASE_DIR / "static" / room).rglob("*.js")):
            with file.open("rb") as script:
                options = {"parse_template_string": "True"}
                rows = extract("javascript", script, SCRIPT_MARKS, (), options)
                for _, message, _, _ in rows:
                    found.add(message if isinstance(message, str) else tuple(message))  # type: ignore[arg-type]
    return found


def _python_texts(file: Path) -> Iterator[MessageId]:
    for node in ast.walk(ast.parse(file.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        needed = PYTHON_MARKS.get(name, 0)
        texts = [
            part.value
            for part in node.args[:needed]
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        ]
        if needed and len(texts) == needed and all(texts):
            yield texts[0] if needed == 1 else (texts[0], texts[1])


def _template_texts(file: Path) -> Iterator[MessageId]:
    template = Engine.get_default().from_string(file.read_text())
    node: Any
    for node in template.nodelist.get_nodes_by_type(TranslateNode):
        literal = getattr(node.filter_expression.var, "literal", None)
        if isinstance(literal, str):
            yield literal.replace("%", "%%")
    for node in template.nodelist.get_nodes_by_type(BlockTranslateNode):
        singular, _ = node.render_token_list(node.singular)
        if not node.plural:
            yield singular
            continue
        plural, _ = node.render_token_list(node.plural)
        yield (singular, plural)


def _rooms(app: str) -> tuple[str, ...]:
    return ROOMS.get(app, (app,))


def _path(app: str, language: str, domain: str) -> Path:
    return Path(settings.BASE_DIR) / app / "locale" / language / "LC_MESSAGES" / f"{domain}.po"


def _new_catalog(language: str) -> Catalog:
    return Catalog(locale=language, charset="utf-8", creation_date=NO_TIME, revision_date=NO_TIME)


def _read(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def _first(message_id: Any) -> str:
    return str(message_id if isinstance(message_id, str) else message_id[0])


def _placeholders(message: Message) -> set[str]:
    ids = (message.id,) if isinstance(message.id, str) else message.id
    return {name for text in ids for name in PLACEHOLDER.findall(text)}
