"""`manage.py restore`: restores databases from a backup while the system is stopped."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from roompricegenie.backups.backup_folder import load_backup
from roompricegenie.backups.database_copy import BackupError
from roompricegenie.backups.databases import QUERIES
from roompricegenie.backups.restore_backup import restore
from roompricegenie.management.byte_progress import ByteProgress

NEXT_STEPS = """
Next steps:
  manage.py migrate_all               migrates an older backup to this version
  manage.py create_api_key --service  creates the services' own key where it is missing
  start the system; if the ledger or the dashboard was restored, the dashboard recounts by itself
  within a minute (at once: manage.py rebuild_dashboard)
  manage.py check_dashboard           verifies the figures, while the system runs"""


class Command(BaseCommand):
    help = (
        "Replace the present databases by those of a backup. Stop web, workers and beat first. A "
        "restore that fails leaves the database as it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path, help="a folder that `manage.py backup` made")
        parser.add_argument(
            "--only",
            nargs="+",
            default=[],
            metavar="NAME",
            help=f"restore these databases only, of {', '.join(QUERIES)}",
        )
        parser.add_argument("--yes", action="store_true", help="replace without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            backup = load_backup(options["backup"].absolute())
            with ByteProgress() as progress:

                def confirm(losses: list[str]) -> bool:
                    progress.pause()
                    self.stderr.write(f"Replaced by the backup of {backup.made_at}:")
                    for loss in losses:
                        self.stderr.write(f"  {loss}")
                    return options["yes"] or self._ask_for_yes()

                restored = restore(backup, options["only"], confirm, progress)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"restored, as of {backup.made_at}: {', '.join(restored)}")
        if any(backup.copies[name].kind == "sqlite" for name in restored):
            self.stdout.write(
                "the former files are kept as NAME.before-restore: delete them once you have "
                "checked the result"
            )
        self.stdout.write(NEXT_STEPS)

    @staticmethod
    def _ask_for_yes() -> bool:
        if not sys.stdin.isatty():
            raise CommandError("nothing was replaced: there is no terminal to ask, so say --yes")
        return input("Type yes to replace: ").strip() == "yes"
