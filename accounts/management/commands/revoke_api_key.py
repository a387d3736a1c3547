"""`manage.py revoke_api_key`: revoke a key at once; `--list` prints all keys."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import audit_log
from accounts.api_keys import revoke_key
from accounts.models import ApiKey


class Command(BaseCommand):
    help = "Revoke a key by its prefix (the part before the dot), for ever. --list prints all keys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("prefix", nargs="?")
        parser.add_argument("--list", action="store_true", help="print every key")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for key in ApiKey.objects.order_by("created"):
                self.stdout.write(_format_key(key))
            return
        if not options["prefix"]:
            raise CommandError("give a key's prefix, or --list")
        selected = ApiKey.objects.filter(prefix=options["prefix"].partition(".")[0]).first()
        if selected is None:
            raise CommandError(f"no key begins with {options['prefix']!r}; --list shows them")
        if selected.revoked:
            self.stdout.write(f"{selected.prefix} ({selected.name}) was revoked before")
            return
        revoke_key(selected, by=f"{audit_log.operator()} (revoke_api_key)")
        self.stdout.write(f"{selected.prefix} ({selected.name}) is revoked")


def _format_key(key: ApiKey) -> str:
    state = "revoked" if key.revoked else "expired" if key.has_expired else "valid"
    hotels = "all hotels" if key.all_hotels else f"hotels {key.hotels}"
    used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
    may = ", ".join(sorted(key.abilities))
    return f"{key.prefix}  {state}  {key.name}: {hotels}; {may}; used {used}"
