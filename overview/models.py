"""Tables of the overview, in the default database; each stands beside what reads and writes it."""

from overview.morning.last_visit_models import LastVisit as LastVisit
from overview.portfolio.portfolio_models import GroupMember as GroupMember
from overview.portfolio.portfolio_models import HotelGroup as HotelGroup
from overview.portfolio.portfolio_models import PortfolioLine as PortfolioLine
from overview.read_only_links.link_models import ReadOnlyLink as ReadOnlyLink
