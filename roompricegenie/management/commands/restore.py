"""`manage.py restore`: databases back from a backup; the system is stopped meanwhile."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from roompricegenie.backups import backup_and_restore
from roompricegenie.backups.database_copies import BackupError
from roompricegenie.management.byte_progress import ByteProgress

FOLLOWS = """
What follows:
  manage.py migrate_all               brings an older backup to this version
  manage.py create_api_key --service  makes the services' own key where it is missing
  start the system; the dashboard recounts by itself within a minute, if ledger or dashboard were
  restored (at once: manage.py rebuild_dashboard)
  manage.py check_dashboard           proves the figures, while the system runs"""


class Command(BaseCommand):
    help = (
        "Put the databases of a backup in the place of the present ones. Stop web, workers and "
        "beat first. What fails leaves a database as it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path, help="a folder that `manage.py backup` made")
        parser.add_argument(
            "--only",
            nargs="+",
            default=[],
            metavar="NAME",
            help=f"of {', '.join(backup_and_restore.QUERIES)}",
        )
        parser.add_argument("--yes", action="store_true", help="replace without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            backup = backup_and_restore.read(options["backup"].absolute())
            with ByteProgress() as progress:

                def agree(losses: list[str]) -> bool:
                    progress.pause()
                    self.stderr.write(f"Replaced by the backup of {backup.made_at}:")
                    for loss in losses:
                        self.stderr.write(f"  {loss}")
                    return options["yes"] or self._says_yes()

                restored = backup_and_restore.restore(backup, options["only"], agree, progress)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"restored, as of {backup.made_at}: {', '.join(restored)}")
        if any(backup.copies[name].kind == "sqlite" for name in restored):
            self.stdout.write(
                "the former files are kept as NAME.before-restore: delete them when all is well"
            )
        self.stdout.write(FOLLOWS)

    @staticmethod
    def _says_yes() -> bool:
        if not sys.stdin.isatty():
            raise CommandError("nothing was replaced: nobody can be asked here, so say --yes")
        return input("Type yes to replace: ").strip() == "yes"
