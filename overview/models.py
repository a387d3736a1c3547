"""Tables of the overview, in the default database; each stands beside what reads and writes it."""

from overview.morning.last_visit_models import LastVisit as LastVisit
