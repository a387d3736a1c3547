"""`manage.py create_api_key`: create an API key and print it, once."""

from argparse import ArgumentParser
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts import audit_log
from accounts.api_keys import create_key, create_service_key_file
from accounts.models import ApiKey
from common.access_rights import Ability

LAST_YEAR = 2199


class Command(BaseCommand):
    help = (
        "Create an API key and print it, once. Example: create_api_key booking-system --hotels 1,2 "
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
            help="what it may do; repeat the option for several abilities",
        )
        parser.add_argument("--until", help="the last day on which it is valid, like 2027-12-31")
        parser.add_argument(
            "--service",
            action="store_true",
            help="write the key with which the services call each other to SERVICE_API_KEY_FILE; "
            "does nothing when the file has a valid one",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        by = f"{audit_log.operator()} (create_api_key)"
        if options["service"]:
            self._create_service_key(by)
            return
        if not options["name"]:
            raise CommandError("give the key a name: create_api_key NAME --hotels 1 --may …")
        key = ApiKey(
            name=options["name"],
            all_hotels=options["all_hotels"],
            hotels=options["hotels"],
            expiry_date=_end_of(options["until"]),
            **{ability: ability in options["may"] for ability in map(str, Ability)},
        )
        try:
            key_text = create_key(key, by=by)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stderr.write(
            f"The key {key.name!r}, shown only once; send it as `Authorization: Bearer …`:"
        )
        self.stdout.write(key_text)

    def _create_service_key(self, by: str) -> None:
        file = Path(settings.SERVICE_API_KEY_FILE)
        try:
            is_new = create_service_key_file(file, by=by)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error}") from error
        if is_new:
            self.stdout.write(f"the services' key: {file}")
        else:
            self.stdout.write(f"the services' key exists already: {file}")


def _end_of(day: str | None) -> datetime | None:
    """Return the moment after a day. Raises: CommandError if it is no date, or in the past."""
    if day is None:
        return None
    try:
        parsed = parse_date(day)
    except ValueError:
        parsed = None
    if parsed is None or parsed.year > LAST_YEAR:
        raise CommandError(f"--until {day}: give a date like 2027-12-31")
    end = timezone.make_aware(datetime.combine(parsed, time.min)) + timedelta(days=1)
    if end <= timezone.now():
        raise CommandError(f"--until {day}: that day is over")
    return end
