from django.urls import re_path

from overview.portfolio import group_page, portfolio_page

urlpatterns = [
    re_path(r"^hotels/?$", portfolio_page.portfolio, name="portfolio"),
    re_path(r"^hotels/groups/?$", group_page.groups, name="hotel-groups"),
]
