"""A system of real processes that is stopped, restored and proved.

Its figures must equal a recount of the ledger that these functions make themselves.
"""

import subprocess
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import requests

from tests.soak.services import BIN, ROOT, Services
from tests.waiting import until

HOTEL = 7
RECOUNT = "dashboard_service.tasks.recount_what_changed"


class System:
    """One process of each kind, with backups."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.base = services.base
        self.day = 0
        del services.all["events2"], services.all["dashboard2"]

    def stop(self) -> None:
        wedged = self.services.stop()
        assert not wedged, wedged

    def start(self) -> None:
        for service in self.services.all.values():
            service.start()
        self.services.wait_until_ready()

    def manage(self, *arguments: Any) -> str:
        done = self.services.manage(*map(str, arguments))
        assert done.returncode == 0, done
        return done.stdout

    def backup(self) -> Path:
        return Path(self.manage("backup").splitlines()[-1])

    def restore(self, *arguments: Any) -> None:
        """Stop the services, restore, start the services."""
        self.stop()
        self.manage("restore", *arguments, "--yes")
        for kept in self.services.data_dir.glob("*.before-restore"):
            kept.unlink()
        self.start()

    def recount_now(self) -> None:
        """Start the recount that the schedule would start within a minute."""
        subprocess.run(
            [BIN / "celery", "-A", "roompricegenie", "call", RECOUNT],
            cwd=ROOT, env=self.services.environment, capture_output=True, check=True, timeout=60,
        )  # fmt: skip

    def post(self, events: int) -> None:
        """Post bookings of one day; each call uses another day."""
        self.day += 1
        answer = requests.post(
            f"{self.base}/events/",
            json=[
                {
                    "hotel_id": HOTEL, "status": 1, "room_reservation_id": str(uuid.uuid4()),
                    "event_timestamp": f"2024-03-{self.day:02}T10:00:00Z",
                    "night_of_stay": f"2024-05-{self.day:02}",
                }
                for _ in range(events)
            ],
            timeout=30,
        )  # fmt: skip
        assert answer.json() == {"created": events, "duplicates": 0}

    def get(self, path: str) -> Any:
        answer = requests.get(f"{self.base}{path}", timeout=30)
        answer.raise_for_status()
        return answer.json()

    def change(self, path: str, body: dict[str, Any]) -> None:
        requests.patch(f"{self.base}{path}", json=body, timeout=30).raise_for_status()

    def ledger(self) -> list[dict[str, Any]]:
        found, position, has_more = [], 0, True
        while has_more:
            page = self.get(f"/events/feed/?after={position}&limit=10000")
            found += page["events"]
            position, has_more = page["position"], page["has_more"]
        return found

    def figures(self, basis: str) -> Counter[str]:
        rows = self.get(f"/dashboard/?hotel_id={HOTEL}&period=day&basis={basis}")
        return Counter(
            {
                f"{row['year']}-{row['month']:02}-{row['day']:02}": row["gross_booking_count"]
                for row in rows
            }
        )

    def is_right(self) -> bool:
        events = self.ledger()
        return all(
            +self.figures(basis) == Counter(event[field][:10] for event in events)
            for basis, field in (("booked", "event_timestamp"), ("stay", "night_of_stay"))
        )

    def prove(self) -> None:
        """Wait until the figures are right; then the system's own check must agree."""
        until(self.is_right, "the figures equal a recount of the ledger")
        until(lambda: self.get("/dashboard/status/")["events_behind"] == 0, "all is counted")
        assert " 0 differences" in self.manage("check_dashboard")
