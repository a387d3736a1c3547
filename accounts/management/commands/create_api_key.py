"""`manage.py create_api_key`: make a key; it is shown once."""

import os
from argparse import ArgumentParser
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts import audit_log
from accounts.models import ApiKey
from common.access_rights import Ability

LAST_YEAR = 2199
SERVICE_NAME = "RoomPriceGenie's own services"


class Command(BaseCommand):
    help = (
        "Make an API key and show it, once. Example: create_api_key booking-system --hotels 1,2 "
        "--may write_events"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="what it is for, like the program that uses it")
        parser.add_argument("--hotels", default="", help="the hotels' numbers, like 1,2,17")
        parser.add_argument("--all-hotels", action="store_true")
        parser.add_argument(
            "--may",
            action="append",
            default=[],
            choices=[ability.value for ability in Ability],
            help="what it may do; give it several times for several",
        )
        parser.add_argument("--until", help="the last day on which it works, like 2027-12-31")
        parser.add_argument(
            "--service",
            action="store_true",
            help="the key with which the services ask each other, into SERVICE_API_KEY_FILE; "
            "does nothing when there is a valid one",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["service"]:
            self._make_service_key()
            return
        if not options["name"]:
            raise CommandError("give the key a name: create_api_key NAME --hotels 1 --may …")
        key, shown = self._make(
            name=options["name"],
            all_hotels=options["all_hotels"],
            hotels=options["hotels"],
            expiry_date=_end_of(options["until"]),
            **{ability: ability in options["may"] for ability in map(str, Ability)},
        )
        self.stderr.write(
            f"The key {key.name!r}, shown this once; send it as `Authorization: Bearer …`:"
        )
        self.stdout.write(shown)

    def _make(self, **fields: Any) -> tuple[ApiKey, str]:
        key = ApiKey(**fields)
        try:
            key.full_clean(exclude=["id", "prefix", "hashed_key"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        by = f"{audit_log.operator()} (create_api_key)"
        shown = ApiKey.objects.assign_key(key)
        key.save()
        audit_log.key_created(key, by)
        return key, shown

    def _make_service_key(self) -> None:
        file = Path(settings.SERVICE_API_KEY_FILE)
        # Only readable for the owner, and whole or not there: a worker may read it at any time.
        draft = file.with_suffix(".draft")
        try:
            if file.is_file() and self._is_enough(file.read_text(errors="replace").strip()):
                self.stdout.write(f"the services' key is there already: {file}")
                return
            if file.is_dir():
                raise IsADirectoryError("a folder is there")
            draft.unlink(missing_ok=True)
            opened = os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w")
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error}") from error
        with opened:
            _, shown = self._make(
                name=SERVICE_NAME, all_hotels=True, read_events=True, read_dashboard=True
            )
            opened.write(shown + "\n")
        draft.rename(file)
        self.stdout.write(f"the services' key: {file}")

    def _is_enough(self, shown: str) -> bool:
        """Does this key let the services read everything?"""
        if not ApiKey.objects.is_valid(shown):
            return False
        access = cast(ApiKey, ApiKey.objects.get_from_key(shown)).access()
        needed = {Ability.READ_EVENTS, Ability.READ_DASHBOARD}
        return access.hotels is None and needed <= access.abilities


def _end_of(day: str | None) -> datetime | None:
    """The moment after a day. Raises: CommandError when it is none, or over."""
    if day is None:
        return None
    try:
        found = parse_date(day)
    except ValueError:
        found = None
    if found is None or found.year > LAST_YEAR:
        raise CommandError(f"--until {day}: give a date like 2027-12-31")
    end = timezone.make_aware(datetime.combine(found, time.min)) + timedelta(days=1)
    if end <= timezone.now():
        raise CommandError(f"--until {day}: that day is over")
    return end
