"""The report of a load: for each file what became of its events and of each of its lines."""

from collections.abc import Iterator, Mapping, Sequence

from data_provider.csv_loading.csv_loader import LoadResult
from roompricegenie.loading.wait_for_ledger_and_dashboard import LedgerOutcome


def report_lines(
    results: Sequence[LoadResult], outcomes: Mapping[str, LedgerOutcome], verb: str
) -> Iterator[str]:
    """Yield the lines of the report, file by file; the last line of each is the sum of its lines.

    Args:
        outcomes: what the ledger did, by the load's id; empty if the load did not wait.
        verb: "queued", or "valid" in a dry run.
    """
    for result in results:
        if result.load in outcomes:
            yield f"{result.name}: {_format_outcome(result, outcomes[result.load])}"
        yield (
            f"{result.name}: {result.queued:,} events {verb}, {result.rejected:,} rejected, "
            f"{result.blank:,} blank"
        )
        if result.rejects_path:
            yield f"rejected lines with their reasons: {result.rejects_path}"
        if result.rejects_problem:
            yield result.rejects_problem
        yield f"{result.name}: {_format_sum(result, verb)}"


def _format_sum(result: LoadResult, verb: str) -> str:
    if not result.lines:
        return "not read"
    parts = [
        f"{result.lines:,} lines: {result.header:,} header",
        f"{result.queued:,} {verb}",
        f"{result.rejected:,} rejected",
        f"{result.blank:,} blank",
    ]
    if result.inner:
        parts.append(f"{result.inner:,} inside quoted values")
    if result.unsent:
        parts.append(f"{result.unsent:,} read but not {verb}")
    return ", ".join(parts)


def _format_outcome(result: LoadResult, outcome: LedgerOutcome) -> str:
    if outcome.missing is None:
        return "Redis lost the load's report; how many events were recorded is unknown"
    if outcome.found is not None:
        return (
            f"{outcome.found:,} of {result.queued:,} events are in the ledger (Redis lost the "
            f"load's report, so how many of them are new is unknown)"
        )
    text = f"{outcome.created:,} new in the ledger, {outcome.duplicates:,} known already"
    if outcome.conflicts:
        text += (
            f", {outcome.conflicts:,} of them in conflict with it: another rate, currency, room "
            f"type, channel or segment, which changes nothing (send a change, status 3)"
        )
    if outcome.has_claimed_batches:
        text += " (a worker was replaced: some new events count as known)"
    return text
