"""What the pricing service announces to whoever listens in the same process.

Announcements are a courtesy: a receiver must not raise, and no promise depends on one arriving.
"""

from django.dispatch import Signal

#: Prices changed, or somebody waits for them to be delivered.
prices_changed = Signal()
#: A hotel's rules changed.
rules_changed = Signal()
