"""Signals that the dashboard service sends to receivers in the same process.

A receiver must not raise, and no promise of the service depends on a signal being received: the
scheduled tasks do the same work later.
"""

from django.dispatch import Signal

#: Figures of at least one hotel changed.
figures_changed = Signal()
#: A share of the feed (`share`, `shares`) should be followed by a run of its own, soon.
share_waiting = Signal()
#: A hotel has to be recounted: its time zone was changed, or its room-nights are followed from now.
recount_needed = Signal()
