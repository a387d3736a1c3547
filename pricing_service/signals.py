"""Django signals of the pricing service.

Signals only make work start sooner: receivers must not raise, and nothing depends on a signal
being received.
"""

from django.dispatch import Signal

#: Prices changed, so that webhook deliveries may be waiting.
prices_changed = Signal()
#: A hotel's rules changed.
rules_changed = Signal()
#: More hotels are due to be priced than the worker that says so can price at once.
hotels_waiting = Signal()
