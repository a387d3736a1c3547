"""Beat's scheduler. The schedule is all in code (celery.py), so no file can be damaged.

The only state is the modification time of an empty file, `beat-alive` under DATA_DIR: beat was
alive then. It serves as health check, and at the next start as the time of the last runs. So a run
whose minute passed while beat was down (the daily check on a machine that is off at night) is made
up for at the start; one that was sent shortly before an end may be sent twice, which is harmless:
every task may run at any time, any number of times. Without the file the last runs were just now.

When tasks cannot be sent, one line says why, and one that it is over; Celery would log two
tracebacks for each task.
"""

import logging
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from django.conf import settings

from common.outage_log import OutageLog
from common.redis_errors import describe_redis_error

logger = logging.getLogger(__name__)

ALIVE_FILE = "beat-alive"
_outage = OutageLog(logger, "no task is sent")


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

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Send a task that is due; when that fails, it is sent at its next time."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except Exception as error:  # whatever happens, the schedule goes on
            _outage.failed(f"a scheduled task cannot be sent: {describe_redis_error(error)}")
        else:
            _outage.is_over()
            logger.debug("sent %s", entry.task)

    @property
    def _path(self) -> Path:
        return Path(settings.DATA_DIR) / ALIVE_FILE
