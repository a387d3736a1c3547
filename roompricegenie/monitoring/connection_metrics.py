"""Metrics of the connections to booking systems."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from connections.reading.connection_figures import read_figures


def connection_metrics() -> Iterator[Metric]:
    """Yield the metrics. Raises: django.db.Error."""
    figures = read_figures()
    states = GaugeMetricFamily(
        "rpg_connections", "Booking systems that are read, by how far they are", labels=["state"]
    )
    for state, count in figures.by_state.items():
        states.add_metric([state], count)
    failing = GaugeMetricFamily(
        "rpg_connections_failing",
        "Booking systems whose last reading failed, by the kind of failure",
        labels=["kind"],
    )
    for kind, count in figures.failing.items():
        failing.add_metric([kind], count)
    yield from (states, failing)
    plain = {
        "oldest_reading_seconds": (
            "Seconds since the last complete reading, where it is longest ago",
            figures.oldest_reading_seconds,
        ),
        "due_seconds": (
            "Seconds that a booking system has been due to be read and was not",
            figures.due_seconds,
        ),
        "not_understood": (
            "Reservations or lines of booking systems that could not be understood",
            figures.not_understood,
        ),
        "prices_unconfirmed": (
            "Prices that differ from what booking systems have confirmed",
            figures.prices_unconfirmed,
        ),
        "price_problems": (
            "Booking systems to which some price cannot be sent",
            figures.price_problems,
        ),
    }
    for name, (help_text, value) in plain.items():
        yield GaugeMetricFamily(f"rpg_connections_{name}", help_text, value)
