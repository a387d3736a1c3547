"""What the data provider announces to whoever listens in the same process.

Announcements are a courtesy: a receiver must not raise, and no promise depends on one arriving.
"""

from django.dispatch import Signal

#: Valid rows of a file were put into the queue.
events_queued = Signal()
#: New events were committed to the ledger.
events_recorded = Signal()
