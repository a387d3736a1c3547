"""Django signals of the pricing service.

Signals only make work start sooner: receivers must not raise, and nothing depends on a signal
being received.
"""

from django.dispatch import Signal

#: Prices changed, and a hotel's webhook may have to be told.
prices_changed = Signal()
#: A hotel's rules changed.
rules_changed = Signal()
