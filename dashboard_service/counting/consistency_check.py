"""Check hotels against a recount of the ledger now, one after the other, and repair what differs.

`manage.py check_dashboard` does it for all hotels, those of the figures and those of the ledger, in
the memory of one; the scheduled check of a day is in `check_rounds`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils import timezone

from dashboard_service.counting.check_differences import Difference, Findings, RevenueDifference
from dashboard_service.counting.figure_hotels import hotels_of_figures, hotels_of_ledger
from dashboard_service.counting.hotel_check import HotelResult, check_hotel
from dashboard_service.counting.recount import rebuild_hotel
from dashboard_service.data_provider_client import Provider
from dashboard_service.models import CheckReport, HotelCheck


@dataclass
class CheckResult:
    """Events recounted, counts compared, those that differ, and the hotels that were rebuilt.

    `differences` names the first of them only (KEPT_DIFFERENCES), `different` counts all.
    `uncompared` are the hotels that wait for a recount.
    """

    hotels: int = 0
    events: int = 0
    findings: Findings = field(default_factory=Findings)
    rebuilt: list[int] = field(default_factory=list)
    uncompared: list[int] = field(default_factory=list)

    @property
    def counts(self) -> int:
        return self.findings.compared

    @property
    def different(self) -> int:
        return self.findings.different

    @property
    def differences(self) -> list[Difference | RevenueDifference]:
        return self.findings.named


@dataclass
class CheckProgress:
    """How far a check is."""

    hotels: int  # to be checked
    checked: int = 0
    events: int = 0  # read so far


def check(
    provider: Provider,
    hotel_id: int | None = None,
    progress: Callable[[CheckProgress], None] = lambda _: None,
    *,
    repair: bool = False,
) -> CheckResult:
    """Compare every stored figure with a recount of `GET /events/`.

    A check of all hotels is saved as a CheckReport.

    Args:
        hotel_id: only this hotel; None for all.
        progress: is called while events are read.
        repair: rebuild every hotel that differs.

    Raises: ProviderError.
    """
    begun_at = timezone.now()
    if hotel_id is None:
        hotels = sorted(hotels_of_ledger(provider) | hotels_of_figures())
    else:
        hotels = [hotel_id]
    result = CheckResult()
    done = CheckProgress(len(hotels))

    def read(events: int) -> None:
        done.events += events
        progress(done)

    for hotel in hotels:
        found = check_hotel(provider, hotel, read)
        done.checked += 1
        progress(done)
        if found is None:
            result.uncompared.append(hotel)
            continue
        result.hotels += 1
        result.events += found.events
        result.findings.add_all(found.findings)
        if is_repaired := repair and found.findings.different > 0:
            rebuild_hotel(provider, hotel)
            result.rebuilt.append(hotel)
        save_check(hotel, found, is_repaired=is_repaired)
    if hotel_id is None:
        CheckReport.objects.create(
            begun_at=begun_at, hotels=result.hotels, events=result.events, counts=result.counts,
            differences=result.different, repaired=bool(result.rebuilt),
            repaired_hotels=len(result.rebuilt), unchecked_hotels=len(result.uncompared),
        )  # fmt: skip
    return result


def save_check(hotel_id: int, found: HotelResult, *, is_repaired: bool) -> None:
    """Save the result of a hotel's last check."""
    HotelCheck.objects.update_or_create(
        hotel_id=hotel_id, defaults=check_fields(found, is_repaired=is_repaired)
    )


def check_fields(found: HotelResult, *, is_repaired: bool) -> dict[str, object]:
    """Return the fields of a HotelCheck that hold a result."""
    return {
        "checked_at": timezone.now(),
        "position": found.position,
        "events": found.events,
        "counts": found.findings.compared,
        "differences": found.findings.different,
        "repaired": is_repaired,
    }
