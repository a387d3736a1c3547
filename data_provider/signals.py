"""Signals that the data provider sends within the process.

They only save waiting time: no promise depends on a signal, and a receiver must not raise.
"""

from django.dispatch import Signal

#: Events were added to the queue, or a worker's run ended with events left in it.
events_queued = Signal()
#: New events were committed to the ledger.
events_recorded = Signal()
#: An uploaded file waits to be loaded.
upload_waiting = Signal()
