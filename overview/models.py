"""The tables of this app; each is defined in the folder that uses it."""

from overview.portfolio.portfolio_models import GroupMember as GroupMember
from overview.portfolio.portfolio_models import HotelGroup as HotelGroup
from overview.portfolio.portfolio_models import PortfolioLine as PortfolioLine
