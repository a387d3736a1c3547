"""`manage.py backup`: copies all databases into a folder while the system runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from roompricegenie.backups.create_backup import back_up
from roompricegenie.backups.database_copy import BackupError
from roompricegenie.management.byte_progress import ByteProgress


class Command(BaseCommand):
    help = (
        "Copy all databases, while the system runs, into a new folder named by the UTC time. The "
        "backup contains password hashes and keys: protect it like the databases, and store it on "
        "another disk."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder", nargs="?", type=Path, help="the folder of backups; default DATA_DIR/backups"
        )
        parser.add_argument(
            "--keep", type=int, metavar="N", help="remove all but the newest N backups in it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        keep: int | None = options["keep"]
        if keep is not None and keep < 1:
            raise CommandError(f"--keep {keep}: give 1 or more")
        folder = (options["folder"] or Path(settings.DATA_DIR) / "backups").absolute()
        try:
            with ByteProgress() as progress:
                backup = back_up(folder, keep, progress)
        except BackupError as error:
            raise CommandError(str(error)) from error
        for name, copy in backup.copies.items():
            counted = ", ".join(f"{n:,} {what.replace('_', ' ')}" for what, n in copy.holds.items())
            self.stdout.write(f"{name}: {counted} ({copy.bytes:,} bytes)")
        self.stdout.write(str(backup.folder))
