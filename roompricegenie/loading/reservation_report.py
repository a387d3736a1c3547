"""The last lines of `import_reservations`: what became of every line of every file."""

from collections.abc import Iterator, Mapping, Sequence

from data_provider.reservation_import.file_import import ImportResult


def report_lines(
    results: Sequence[ImportResult], reports: Mapping[str, Mapping[str, int]], is_dry_run: bool
) -> Iterator[str]:
    """Yield the report.

    Args:
        reports: what the workers did, by load; empty where nobody waited for them.
    """
    verb = "valid" if is_dry_run else "queued"
    for result in results:
        if result.mapping is not None:
            yield (
                f"{result.name}: read as {result.mapping.name}, as of {result.exported_at} UTC "
                f"where it names no time of a change"
            )
        yield (
            f"{result.name}: {result.lines:,} lines = {result.header:,} header + "
            f"{result.imported:,} imported + {result.rejected:,} rejected + {result.blank:,} blank"
            + (f" + {result.inner:,} inside quotes" if result.inner else "")
            + (f" + {result.unsent:,} not imported" if result.unsent else "")
        )
        if result.unknown and result.mapping is not None and result.mapping.line != "reservation":
            yield (
                f"{result.name}: {result.unknown:,} of the rejected lines may belong to a "
                "reservation that was imported without them: mend them and import them with its "
                "other lines"
            )
        cancelled = f", {result.missing:,} of them missing and cancelled" if result.missing else ""
        yield (
            f"{result.name}: {result.reservations:,} reservations with {result.room_nights:,} "
            f"room-nights {verb}{cancelled}"
        )
        if result.rejects_path is not None:
            yield f"{result.name}: rejected lines with their reasons are in {result.rejects_path}"
        if report := reports.get(result.load):
            count = {name: f"{report.get(name, 0):,}" for name in _COUNTS}
            yield (
                f"{result.name}: {count['reservations_changed']} reservations changed the ledger, "
                f"{count['reservations_unchanged']} did not, {count['reservations_outdated']} are "
                f"older than known; appended: {count['bookings']} bookings, "
                f"{count['cancellations']} cancellations, {count['changes']} changes"
            )


_COUNTS = (
    "reservations_changed", "reservations_unchanged", "reservations_outdated", "bookings",
    "cancellations", "changes",
)  # fmt: skip
