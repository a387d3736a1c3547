"""Beat's scheduler. The schedule is all in code (celery.py), so no file can be damaged.

The only state is the modification time of an empty file, `beat-alive` under DATA_DIR: beat was
alive then. It serves as health check, and at the next start as the time of the last runs. So a run
whose minute passed while beat was down (the daily check on a machine that is off at night) is made
up for at the start; one that was sent shortly before an end may be sent twice, which is harmless:
every task may run at any time, any number of times. Without the file the last runs were just now.
"""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from celery.beat import Scheduler
from django.conf import settings

ALIVE_FILE = "beat-alive"


class InMemoryScheduler(Scheduler):
    """Runs `beat_schedule`, and stores no more than when beat was last alive."""

    sync_every = 60  # seconds

    def setup_schedule(self) -> None:
        """Load the schedule, its last runs at the time when beat was last alive."""
        super().setup_schedule()
        now = self.app.now()
        with suppress(OSError):
            alive_at = datetime.fromtimestamp(self._path.stat().st_mtime, UTC)
            for entry in self.schedule.values():
                entry.last_run_at = min(alive_at, now)  # a clock that was wrong delays nothing

    def sync(self) -> None:
        """Celery calls this at the start, every `sync_every` seconds and at the end."""
        with suppress(OSError):  # a full disk must not stop the schedule
            self._path.touch()

    @property
    def _path(self) -> Path:
        return Path(settings.DATA_DIR) / ALIVE_FILE
