"""The catalogs' upkeep, on a small app of its own: what is found, kept, dropped and faulty."""

import io
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import pytest

from common.translation_catalogs import (
    faults,
    languages,
    mo_bytes,
    po_text,
    script_texts,
    server_texts,
    updated_catalogs,
)

PYTHON = """
from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy, ngettext, gettext_noop
LATER = gettext_lazy("Later, %(name)s")
LONG = _(
    "Two parts "
    "of one"
)
def told(n, name):
    _(name)  # no constant
    _(f"formatted {name}")
    print("Not marked", _("Now"), translation.gettext("By its module"))
    Text("Stored %(n)d", {"n": n}), plural("%(n)s night", "%(n)s nights", n, {})
    return ngettext("%(n)d room", "%(n)d rooms", n) + gettext_noop("no-op")
"""
TEMPLATE = """{% load i18n %}<p title="{% translate "A title" %}">{% translate "30 % off" %} not marked</p>
{% if x %}{% blocktranslate trimmed with hotel=name %}
  Hotel <b>{{ hotel }}</b> is closed.
{% endblocktranslate %}{% endif %}
{% for n in list %}{% blocktranslate count number=n %}{{ number }} bed{% plural %}{{ number }} beds{% endblocktranslate %}{% endfor %}
{% translate variable %}{% block a %}{% translate "In a block" as b %}{% endblock %}{% comment %}{% translate "Commented out" %}{% endcomment %}"""
SCRIPT = """import { gettext, ngettext } from "../common/translations.js";
const one = gettext("In a script, %(name)s", { name });
const many = `${ngettext("%(count)s hour", "%(count)s hours", count)} and ${gettext("inside of text")}`;
// gettext("in a comment")
const other = "not marked", computed = gettext(other);"""


@pytest.fixture
def app(settings: Any, tmp_path: Path) -> str:
    """An app of one Python file, one template and one script."""
    files = {
        "small/told.py": PYTHON,
        "small/tests/test_told.py": '_("Of a test")',
        "small/migrations/0001.py": '_("Of a migration")',
        "templates/small/page.html": TEMPLATE,
        "templates/small/mail.txt": '{% load i18n %}{% translate "A mail" %}',
        "static/small/page.js": SCRIPT,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    settings.BASE_DIR = tmp_path
    return "small"


def write(app: str, translate: dict[str, Any]) -> None:
    """Write an app's catalogs, with these translations in all languages."""
    for path, catalog in updated_catalogs(app):
        for message in catalog:
            key = message.id if isinstance(message.id, str) else message.id[0]
            if key and key in translate:
                message.string = translate[key]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po_text(catalog))


def complete(app: str) -> None:
    """Translate everything by itself."""
    for path, catalog in updated_catalogs(app):
        for message in catalog:
            if isinstance(message.id, str):
                message.string = message.id
            else:
                forms = (message.id[0], *[message.id[1]] * (catalog.num_plurals - 1))
                message.string = forms
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po_text(catalog))


def found_faults(app: str) -> set[tuple[str, str]]:
    return {
        (fault.message, fault.reason)
        for path, catalog in updated_catalogs(app)
        for fault in faults(path, catalog)
    }


def test_every_mark_in_python_and_templates_is_found(app: str) -> None:
    assert server_texts(app) == {
        "Later, %(name)s", "Two parts of one", "Now", "By its module", "Stored %(n)d", "no-op",
        ("%(n)s night", "%(n)s nights"), ("%(n)d room", "%(n)d rooms"),
        "A title", "30 %% off", "Hotel <b>%(hotel)s</b> is closed.",
        ("%(number)s bed", "%(number)s beds"), "In a block", "A mail",
    }  # fmt: skip


def test_every_mark_in_scripts_is_found(app: str) -> None:
    assert script_texts(app) == {
        "In a script, %(name)s", ("%(count)s hour", "%(count)s hours"), "inside of text",
    }  # fmt: skip


def test_each_language_has_a_catalog_of_each_kind(app: str) -> None:
    paths = [path.relative_to(path.parents[3]).as_posix() for path, _ in updated_catalogs(app)]
    assert languages() == ["de", "fr", "it", "es"]
    assert paths == [
        f"locale/{language}/LC_MESSAGES/{name}.po"
        for name in ("django", "djangojs")
        for language in languages()
    ]


def test_an_app_without_scripts_has_no_catalog_of_them(app: str, settings: Any) -> None:
    (settings.BASE_DIR / "static/small/page.js").unlink()
    assert {path.name for path, _ in updated_catalogs(app)} == {"django.po"}


def test_translations_are_kept_and_those_of_texts_that_are_gone_are_dropped(
    app: str, settings: Any
) -> None:
    write(app, {"Now": "Jetzt", "A mail": "Eine Mail", "%(n)d room": ("a", "b")})
    (settings.BASE_DIR / "templates/small/mail.txt").unlink()
    (settings.BASE_DIR / "small/more.py").write_text('_("New here")')
    _, catalog = next(updated_catalogs(app))
    strings = {message.id: message.string for message in catalog}
    assert strings["Now"] == "Jetzt"
    assert strings["%(n)d room", "%(n)d rooms"] == ("a", "b")
    assert "A mail" not in strings
    assert strings["New here"] == ""


def test_a_plural_that_is_another_is_to_be_translated_anew(app: str, settings: Any) -> None:
    write(app, {"%(n)d room": ("Zimmer", "Zimmer")})
    file = settings.BASE_DIR / "small/told.py"
    file.write_text(PYTHON.replace('"%(n)d rooms"', '"%(n)d chambers"'))
    assert ("%(n)d room", "is not translated") in found_faults(app)


def test_the_files_are_complete_and_the_same_whenever_they_are_made(app: str) -> None:
    complete(app)
    for path, catalog in updated_catalogs(app):
        assert path.read_bytes() == po_text(catalog)
        read = GNUTranslations(io.BytesIO(mo_bytes(catalog)))
        message: Any
        for message in catalog:
            if isinstance(message.id, str):
                assert read.gettext(message.id) == message.string
            else:
                one, more = message.id
                assert read.ngettext(one, more, 1) == message.string[0]
                assert read.ngettext(one, more, 7) == message.string[-1]
    assert found_faults(app) == set()


@pytest.mark.parametrize(
    ("message", "string", "reason"),
    [
        ("Now", "", "is not translated"),
        ("%(n)d room", ("%(n)d Zimmer", ""), "is not translated"),
        ("Later, %(name)s", "Später", "has other placeholders in its translation"),
        ("Later, %(name)s", "Später, %(nam)s", "has other placeholders in its translation"),
        ("Now", "Jetzt, %(name)s", "has other placeholders in its translation"),
        ("%(n)d room", ("ein", "%(m)d", "%(m)d"), "has other placeholders in its translation"),
    ],
)
def test_faults(app: str, message: str, string: Any, reason: str) -> None:
    complete(app)
    write(app, {message: string})
    assert found_faults(app) == {(message, reason)}


def test_one_form_of_a_plural_may_leave_the_number_out(app: str) -> None:
    complete(app)
    write(app, {"%(n)d room": ("ein Zimmer", "%(n)d Zimmer", "%(n)d Zimmer")})
    assert found_faults(app) == set()
