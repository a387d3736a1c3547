from django.urls import re_path

from pricing_service import views
from pricing_service.decisions import decision_preview_views, undo_views
from pricing_service.delivered import delivered_views
from pricing_service.delivery import webhook_views
from pricing_service.event_calendars import calendar_page
from pricing_service.group_quotes import quote_views
from pricing_service.market_rates import rate_views
from pricing_service.month_forecast import month_views
from pricing_service.notes import note_views
from pricing_service.table_downloads import table_views
from pricing_service.web_page import events_as_icalendar, group_quote_page, page_views

HOTEL = r"^prices/hotels/(?P<hotel_id>[^/]+)"

urlpatterns = [
    re_path(r"^pricing/?$", page_views.pricing, name="pricing"),
    re_path(r"^pricing/group-quote/?$", group_quote_page.group_quote, name="group-quote"),
    re_path(
        r"^pricing/events\.ics/?$", events_as_icalendar.events_calendar, name="pricing-events-ics"
    ),
    re_path(r"^pricing/event-calendars/?$", calendar_page.event_calendars, name="event-calendars"),
    re_path(r"^pricing/table/?$", table_views.pricing_table, name="pricing-table"),
    re_path(r"^prices/?$", views.PricesView.as_view(), name="prices"),
    re_path(r"^prices/night/?$", views.NightView.as_view(), name="prices-night"),
    re_path(r"^prices/decisions/?$", views.DecisionsView.as_view(), name="prices-decisions"),
    re_path(
        r"^prices/decisions/preview/?$",
        decision_preview_views.DecisionPreviewView.as_view(),
        name="prices-decisions-preview",
    ),
    re_path(
        r"^prices/delivered/?$", delivered_views.DeliveredView.as_view(), name="prices-delivered"
    ),
    re_path(r"^prices/undo/?$", undo_views.UndoView.as_view(), name="prices-undo"),
    re_path(
        r"^prices/group-quote/?$", quote_views.GroupQuoteView.as_view(), name="prices-group-quote"
    ),
    re_path(r"^prices/forecast/?$", month_views.ForecastView.as_view(), name="prices-forecast"),
    re_path(r"^prices/notes/?$", note_views.NotesView.as_view(), name="prices-notes"),
    re_path(r"^market/rates/?$", rate_views.RatesView.as_view(), name="market-rates"),
    re_path(rf"{HOTEL}/?$", views.RulesView.as_view(), name="prices-rules"),
    re_path(rf"{HOTEL}/preview/?$", views.PreviewView.as_view(), name="prices-preview"),
    re_path(rf"{HOTEL}/proposal/?$", views.ProposalView.as_view(), name="prices-proposal"),
    re_path(rf"{HOTEL}/send-all/?$", webhook_views.SendAllView.as_view(), name="prices-send-all"),
    re_path(
        rf"{HOTEL}/webhook-secret/?$",
        webhook_views.WebhookSecretView.as_view(),
        name="prices-webhook-secret",
    ),
]
