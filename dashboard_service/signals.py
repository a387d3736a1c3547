"""What the dashboard service announces to whoever listens in the same process.

Announcements are a courtesy: a receiver must not raise, and no promise depends on one arriving.
"""

from django.dispatch import Signal

#: Figures changed.
figures_changed = Signal()
#: A hotel asks for another time zone.
time_zone_changed = Signal()
