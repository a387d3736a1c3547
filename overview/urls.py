from django.urls import re_path

from overview.budget import budget_page
from overview.portfolio import group_page, portfolio_page

urlpatterns = [
    re_path(r"^budget/?$", budget_page.budget, name="budget"),
    re_path(r"^budget/upload/?$", budget_page.upload, name="budget-upload"),
    re_path(r"^hotels/?$", portfolio_page.portfolio, name="portfolio"),
    re_path(r"^hotels/groups/?$", group_page.groups, name="hotel-groups"),
]
