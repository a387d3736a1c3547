"""`manage.py remove_second_factor NAME`: for somebody who lost both the app and the codes."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from accounts import audit_log
from accounts.audit_entry_model import Act
from accounts.hotel_roles import find_user
from accounts.own_account import second_factor


class Command(BaseCommand):
    help = "Let a user log in by password alone, who then turns the second factor on again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="name or mail address of the user")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        user = find_user(name)
        if user is None:
            raise CommandError(f"{name!r} is not the name or mail address of one user")
        if second_factor.confirmed_device(user) is None:
            raise CommandError(f"{user} has no second factor")
        second_factor.turn_off(user)
        audit_log.own_act(Act.FACTOR_OFF, user, details=f"by {audit_log.operator()}")
        self.stdout.write(f"{user} logs in by password alone now")
