"""The scheduled check: in each round every hotel is checked once, spread over a day and workers.

A round begins a day after the one before began, with all hotels of the figures and of the ledger.
Workers take one hotel after the other, never faster than ROUND_HOURS for all of them needs, so that
the load is even; hotels that changed since their last check come first, then the one that was
checked longest ago. What a killed worker had is taken again when its claim has ended. When no hotel
waits any more, the round is saved as a CheckReport, whose numbers are the sums over its hotels.

A hotel that cannot be checked although the Data Provider answers is tried TRIES times and then
reported as not checked; it keeps no other hotel waiting. One that waits for a recount is checked
when that is done, or in the next round.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from django.db import Error, router, transaction
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When
from django.utils import timezone

from dashboard_service.counting.consistency_check import CheckResult, check_fields
from dashboard_service.counting.figure_hotels import hotels_of_figures, hotels_of_ledger
from dashboard_service.counting.hotel_check import HotelResult, check_hotel
from dashboard_service.counting.hotel_claims import Claim, claim_first, free
from dashboard_service.counting.recount import rebuild_hotel
from dashboard_service.data_provider_client import LedgerRestored, Provider, ProviderError
from dashboard_service.models import CheckReport, CheckRound, HotelCheck, HotelFigures

logger = logging.getLogger(__name__)

PERIOD = timedelta(hours=24)  # from the beginning of a round to that of the next
ROUND_HOURS = 20  # in which a round takes its hotels; the rest is for what was delayed
TRIES = 5
RETRY_SECONDS = 600  # between tries, and looks whether a recount is done
BATCH_ROWS = 1_000


def check_due(provider: Provider, keep_going: Callable[[], bool] = lambda: True) -> CheckResult:
    """Check the hotels that are due by now, and end the round when it is complete.

    Args:
        keep_going: asked before each hotel.
    Returns: what was found in the hotels that this call checked.
    Raises: ProviderError when the Data Provider is away, or the ledger was restored.
    """
    result = CheckResult()
    round_ = _present_round(provider)
    if round_ is None:
        return result
    while keep_going() and _is_behind(round_):
        claim = _claim_next(round_)
        if claim is None:
            break
        try:
            _check_claimed(provider, claim, round_, result)
        except BaseException:
            with suppress(Error):
                claim.put_back()
            raise
        round_.refresh_from_db()
    _end_if_complete(round_)
    return result


def count_due() -> int:
    """Return how many hotels are due by now that no worker has yet."""
    round_ = CheckRound.objects.filter(is_open=True, is_listed=True).first()
    if round_ is None or not _is_behind(round_):
        return 0
    return min(_due(round_), free(_waiting(round_)).count())


def _present_round(provider: Provider) -> CheckRound | None:
    """Return the open round with its hotels listed, a new one if it is time; else None."""
    round_, _ = CheckRound.objects.get_or_create(pk=CheckRound.ONLY)
    if not round_.is_open:
        if round_.begun_at is not None and _age(round_) < PERIOD:
            return None
        if not HotelFigures.objects.exists() and not next(provider.hotels(), []):
            return None  # nothing to check yet
        _rows_of(round_).filter(is_open=False).update(
            number=F("number") + 1, is_open=True, is_listed=False, begun_at=timezone.now(),
            hotels=0, checked=0, events=0, counts=0, differences=0, repaired_hotels=0,
            unchecked_hotels=0,
        )  # fmt: skip
        round_.refresh_from_db()
    if not round_.is_listed:
        _list_hotels(provider, round_)
        round_.refresh_from_db()
    return round_


def _rows_of(round_: CheckRound) -> "QuerySet[CheckRound]":
    """Return the round's row, nothing when another round has begun."""
    return CheckRound.objects.filter(pk=CheckRound.ONLY, number=round_.number)


def _list_hotels(provider: Provider, round_: CheckRound) -> None:
    """Let every hotel wait in the round. Done again after a kill, or twice, it changes nothing."""
    hotels = sorted(hotels_of_ledger(provider) | hotels_of_figures())
    with transaction.atomic(using=router.db_for_write(CheckRound)):
        listed = CheckRound.objects.select_for_update().get(pk=CheckRound.ONLY)
        if listed.number != round_.number or listed.is_listed:
            return
        HotelCheck.objects.bulk_create(
            [HotelCheck(hotel_id=hotel) for hotel in hotels],
            ignore_conflicts=True,
            batch_size=BATCH_ROWS,
        )
        for start in range(0, len(hotels), BATCH_ROWS):
            HotelCheck.objects.filter(pk__in=hotels[start : start + BATCH_ROWS]).update(
                round=round_.number, is_waiting=True, failures=0, claim="", claimed_until=None
            )
        # Hotels that are nowhere any more, with what the last round left of them.
        HotelCheck.objects.exclude(round=round_.number).delete()
        _rows_of(round_).update(is_listed=True, hotels=len(hotels))


def _waiting(round_: CheckRound) -> "QuerySet[HotelCheck]":
    """Return the hotels that wait in a round: changed ones first, then by their last check."""
    changed = HotelFigures.objects.filter(
        hotel_id=OuterRef("hotel_id"), changed_at__gt=OuterRef("checked_at")
    )
    is_later = Case(
        When(checked_at=None, then=Value(0)), When(Exists(changed), then=Value(0)), default=Value(1)
    )
    waiting = HotelCheck.objects.filter(round=round_.number, is_waiting=True)
    return waiting.order_by(is_later, F("checked_at").asc(nulls_first=True), "hotel_id")


def _claim_next(round_: CheckRound) -> Claim[HotelCheck] | None:
    return claim_first(_waiting(round_))


@contextmanager
def _round_locked(round_: CheckRound) -> Iterator[None]:
    """Open a transaction that locks the round before any hotel, in the order of all others."""
    with transaction.atomic(using=router.db_for_write(CheckRound)):
        _rows_of(round_).select_for_update().first()
        yield


def _age(round_: CheckRound) -> timedelta:
    return timezone.now() - round_.begun_at if round_.begun_at else timedelta()


def _is_behind(round_: CheckRound) -> bool:
    """Return whether more hotels should have been checked by now."""
    return _due(round_) > 0


def _due(round_: CheckRound) -> int:
    """Return how many hotels more should have been checked by now; the first one at once."""
    share = _age(round_).total_seconds() / 3600 / ROUND_HOURS
    by_now = min(round_.hotels, int(round_.hotels * share) + 1)
    return by_now - round_.checked - round_.unchecked_hotels


def _check_claimed(
    provider: Provider, claim: Claim[HotelCheck], round_: CheckRound, result: CheckResult
) -> None:
    """Check a hotel and repair it, and add it to the round. Raises: ProviderError."""
    hotel = claim.hotel_id
    try:
        found = check_hotel(provider, hotel, lambda _: claim.renew())
        if found is not None and found.findings.different:
            rebuild_hotel(provider, hotel, lambda _: claim.renew())
    except LedgerRestored:
        raise
    except ProviderError as error:
        provider.feed_status(0)  # raises if it is away: then it is not for this hotel
        _postpone(claim, round_, str(error), is_failure=True)
        return
    if found is None:
        _postpone(claim, round_, "it waits for a recount", is_failure=False)
        return
    if _add_to_round(claim, round_, found):
        result.hotels += 1
        result.events += found.events
        result.findings.add_all(found.findings)
        if found.findings.different:
            result.rebuilt.append(hotel)


def _add_to_round(claim: Claim[HotelCheck], round_: CheckRound, found: HotelResult) -> bool:
    """Save a hotel's result; False, and nothing is saved, when its claim had ended."""
    is_repaired = found.findings.different > 0
    with _round_locked(round_):
        fields = check_fields(found, is_repaired=is_repaired)
        if not claim.mine().update(is_waiting=False, claim="", claimed_until=None, **fields):
            return False
        _add_sums(
            round_, checked=1, events=found.events, counts=found.findings.compared,
            differences=found.findings.different, repaired_hotels=int(is_repaired),
        )  # fmt: skip
    return True


def _add_sums(round_: CheckRound, **sums: int) -> None:
    added: dict[str, Any] = {name: F(name) + number for name, number in sums.items()}
    _rows_of(round_).update(**added)


def _postpone(
    claim: Claim[HotelCheck], round_: CheckRound, reason: str, *, is_failure: bool
) -> None:
    """Have a hotel tried again later; after the last try, or a whole day, in the next round."""
    with _round_locked(round_):
        failures = claim.mine().values_list("failures", flat=True).first()
        if failures is None:
            return  # another worker has it
        failures += is_failure
        is_over = failures >= TRIES or _age(round_) >= PERIOD
        claim.put_back(RETRY_SECONDS, failures=failures, is_waiting=not is_over)
        if is_over:
            _add_sums(round_, unchecked_hotels=1)
    (logger.error if is_over else logger.info)(
        "hotel %s was not checked%s: %s",
        claim.hotel_id, " in this round" if is_over else " yet", reason,
    )  # fmt: skip


def _end_if_complete(round_: CheckRound) -> None:
    """Save the report of a round in which no hotel waits; of two workers, one does it."""
    if HotelCheck.objects.filter(round=round_.number, is_waiting=True).exists():
        return
    with transaction.atomic(using=router.db_for_write(CheckRound)):
        if not _rows_of(round_).filter(is_open=True).update(is_open=False):
            return
        round_.refresh_from_db()
        CheckReport.objects.create(
            begun_at=round_.begun_at, hotels=round_.checked, events=round_.events,
            counts=round_.counts, differences=round_.differences,
            repaired=round_.repaired_hotels > 0, repaired_hotels=round_.repaired_hotels,
            unchecked_hotels=round_.unchecked_hotels,
        )  # fmt: skip
    logger.info(
        "checked %s counts of %s hotels against %s events",
        f"{round_.counts:,}", f"{round_.checked:,}", f"{round_.events:,}",
    )  # fmt: skip
