"""Tables of the overview, in the default database; each stands beside what reads and writes it."""

from overview.alerts.alert_models import AlertCheck as AlertCheck
from overview.alerts.alert_models import AlertRule as AlertRule
from overview.messages.message_models import Message as Message
from overview.messages.message_models import MessageOccasion as MessageOccasion
from overview.messages.message_models import MessageSending as MessageSending
from overview.messages.message_models import MessageWebhook as MessageWebhook
from overview.morning.last_visit_models import LastVisit as LastVisit
from overview.morning_mail.subscription_models import MorningSubscription as MorningSubscription
from overview.portfolio.portfolio_models import GroupMember as GroupMember
from overview.portfolio.portfolio_models import HotelGroup as HotelGroup
from overview.portfolio.portfolio_models import PortfolioLine as PortfolioLine
from overview.read_only_links.link_models import ReadOnlyLink as ReadOnlyLink
