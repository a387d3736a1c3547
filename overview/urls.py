"""URLs of the overview: the home page, and the pages that it leads to."""

from django.urls import URLPattern, path, re_path

from overview.alerts import alerts_page
from overview.budget import budget_page
from overview.first_steps.first_steps_page import first_steps
from overview.home_page import home
from overview.hotel_settings.settings_page import hotel_settings
from overview.market_rate_files.upload_page import market_upload
from overview.messages import inbox_page, unsubscribe_page
from overview.morning import decision_form, page_views
from overview.portfolio import group_page, portfolio_page
from overview.read_only_links import link_pages, shared_report

urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    re_path(r"^morning/?$", page_views.morning, name="morning"),
    re_path(r"^morning/decide/?$", decision_form.decide, name="morning-decide"),
    re_path(r"^budget/?$", budget_page.budget, name="budget"),
    re_path(r"^budget/upload/?$", budget_page.upload, name="budget-upload"),
    re_path(r"^market/upload/?$", market_upload, name="market-upload"),
    re_path(r"^hotels/?$", portfolio_page.portfolio, name="portfolio"),
    re_path(r"^hotels/groups/?$", group_page.groups, name="hotel-groups"),
    re_path(r"^first-steps/?$", first_steps, name="first-steps"),
    re_path(r"^settings/?$", hotel_settings, name="hotel-settings"),
    re_path(r"^dashboard/links/?$", link_pages.links_page, name="read-only-links"),
    re_path(r"^dashboard/links/revoke/?$", link_pages.revoke_page, name="revoke-read-only-link"),
    re_path(r"^shared/report/?$", shared_report.shared_report, name="shared-report"),
    re_path(r"^shared/table/?$", shared_report.shared_table, name="shared-table"),
    re_path(r"^inbox/?$", inbox_page.inbox, name="inbox"),
    re_path(r"^inbox/read/?$", inbox_page.mark_read, name="inbox-read"),
    re_path(r"^alerts/?$", alerts_page.alerts, name="alerts"),
    re_path(
        r"^unsubscribe/(?P<token>[\w:-]{1,200})/?$",
        unsubscribe_page.unsubscribe,
        name="unsubscribe",
    ),
]
