"""Bring the catalogs of translations to what the code says now, and compile them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.translation_catalogs import APPS, faults, mo_bytes, po_text, updated_catalogs

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Find the texts of pages, scripts and messages, add the new ones to the catalogs "
        "(APP/locale/LANGUAGE/LC_MESSAGES/*.po), take away those that are gone, and compile. "
        "Translate what is empty in a catalog, and run it again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("apps", nargs="*", metavar="APP", help="by default all apps")
        parser.add_argument("--check", action="store_true", help="change nothing, fail if needed")

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = set(options["apps"]) - set(APPS)
        if unknown:
            raise CommandError(f"no app of that name: {', '.join(sorted(unknown))}")
        texts, wrong, stale = 0, [], []
        for app in options["apps"] or APPS:
            for path, catalog in updated_catalogs(app):
                texts += len(catalog)
                wrong += list(faults(path, catalog))
                for file, content in (
                    (path, po_text(catalog)),
                    (path.with_suffix(".mo"), mo_bytes(catalog)),
                ):
                    if file.exists() and file.read_bytes() == content:
                        continue
                    stale.append(file)
                    if not options["check"]:
                        file.parent.mkdir(parents=True, exist_ok=True)
                        file.write_bytes(content)
        for fault in wrong[:SHOWN]:
            self.stdout.write(str(fault))
        if len(wrong) > SHOWN:
            self.stdout.write(f"and {len(wrong) - SHOWN} more")
        if options["check"] and (wrong or stale):
            names = ", ".join(str(path) for path in stale[:3])
            raise CommandError(
                f"{len(wrong)} texts to translate"
                + (f"; not up to date: {names}" if stale else "")
                + ": run manage.py update_translations"
            )
        self.stdout.write(f"{texts} texts in the catalogs, {len(wrong)} to translate")
