"""URLs of the overview's pages."""

from django.urls import URLPattern, re_path

from overview.read_only_links import link_pages, shared_report

urlpatterns: list[URLPattern] = [
    re_path(r"^dashboard/links/?$", link_pages.links_page, name="read-only-links"),
    re_path(r"^dashboard/links/revoke/?$", link_pages.revoke_page, name="revoke-read-only-link"),
    re_path(r"^shared/report/?$", shared_report.shared_report, name="shared-report"),
    re_path(r"^shared/table/?$", shared_report.shared_table, name="shared-table"),
]
