"""The budget page at `/budget/`: a hotel's year by month, typed, uploaded, or proposed.

A file, or last year with some percent more, fills in the table's fields; nothing is saved before
Save is pressed. What is wrong is said at its field, and changes nothing. The page needs no script.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework import serializers

from common.access_rights import Ability, Access, access_of
from common.currencies import currency_decimals
from common.html_pages import (
    read_page_query,
    render_message,
    without_empty,
)
from common.number_and_date_texts import date_text
from common.strict_input import HotelField, QuerySerializer, WholeNumberField
from common.value_limits import MAX_YEAR, MIN_YEAR
from dashboard_service.budgets.monthly_budgets import save_budgets
from dashboard_service.figures.future_events import current_day
from dashboard_service.hotel_profiles import get_profile
from overview.budget.budget_file import MAX_FILE_BYTES, UnreadableBudget, read_budget_file
from overview.budget.budget_form import Texts, field_texts, read_form
from overview.budget.budget_months import BudgetYear
from overview.hotel_choice import chosen_hotel, hotel_context

LEAST_PERCENT, MOST_PERCENT = Decimal(-90), Decimal(300)
LABELS: Final = {
    "room_nights": gettext_lazy("Room-nights planned for %(month)s"),
    "revenue": gettext_lazy("Revenue planned for %(month)s"),
}
YEARS_BESIDE: Final = 2  # before and after the running one, to choose from


class BudgetQuery(QuerySerializer):
    """Query parameters of the page; the page has defaults for hotel and year."""

    hotel_id = HotelField(required=False)
    year = WholeNumberField(required=False, min_value=MIN_YEAR + 1, max_value=MAX_YEAR)
    percent = serializers.CharField(required=False, max_length=10)
    saved = serializers.ChoiceField(["1"], required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@gzip_page
def budget(request: HttpRequest) -> HttpResponse:
    """Return the page of the hotel and year in the address, or save its form."""
    without_empty(request, ("percent",))
    chosen = _chosen(request)
    if isinstance(chosen, HttpResponse):
        return chosen
    hotel_id, year, query = chosen
    if request.method == "POST":
        return _save(request, hotel_id, year)
    return _page(request, hotel_id, year, percent=query.get("percent"), saved="saved" in query)


@csrf_exempt  # checked by `_upload`: to check it here would read the form before its file may be
def upload(request: HttpRequest) -> HttpResponse:
    """Return the page with its fields filled in from a file."""
    request.upload_handlers = [MemoryFileUploadHandler(request)]
    return _upload(request)


@require_POST
@csrf_protect
@gzip_page
def _upload(request: HttpRequest) -> HttpResponse:
    chosen = _chosen(request)
    if isinstance(chosen, HttpResponse):
        return chosen
    hotel_id, year, _query = chosen
    return _read_file(request, hotel_id, year)


def _chosen(request: HttpRequest) -> tuple[int | None, int | None, dict[str, Any]] | HttpResponse:
    """Return hotel, year and all parameters of the address, or the page to send instead."""
    query = read_page_query(request, BudgetQuery, Ability.READ_DASHBOARD, "the dashboard")
    if isinstance(query, HttpResponse):
        return query
    access = access_of(request)
    hotel_id = chosen_hotel(query.get("hotel_id"), access)
    if request.method == "POST" and not _may_change(access, hotel_id):
        reason = _("%(name)s may not change this hotel, nor its budgets") % {"name": access.name}
        return render_message(request, 403, forbidden=reason)
    year = query.get("year") or (current_day(hotel_id).year if hotel_id else None)
    return hotel_id, year, query


def _may_change(access: Access, hotel_id: int | None) -> bool:
    return hotel_id is not None and access.may(Ability.CHANGE_HOTELS, hotel_id)


def _save(request: HttpRequest, hotel_id: int | None, year: int | None) -> HttpResponse:
    if hotel_id is None or year is None:
        return _page(request, hotel_id, year)
    months = _budget_year(access_of(request), hotel_id, year)
    typed = read_form(request.POST.dict(), months.currency)
    if typed.errors:
        texts = {name: request.POST.get(name, "") for name in field_texts(typed.plans, None)}
        return _render(request, months, texts=texts, errors=typed.errors)
    save_budgets(hotel_id, year, typed.plans)
    return redirect(f"{reverse('budget')}?{_address(hotel_id, year)}&saved=1")


def _read_file(request: HttpRequest, hotel_id: int | None, year: int | None) -> HttpResponse:
    if hotel_id is None or year is None:
        return _page(request, hotel_id, year)
    months = _budget_year(access_of(request), hotel_id, year)
    uploaded = request.FILES.get("file")
    if uploaded is None:
        limit = f"{MAX_FILE_BYTES // 1_000_000} MB"
        wrong = _("Choose a CSV or Excel file of at most %(limit)s first.") % {"limit": limit}
        return _render(request, months, file_errors=[wrong])
    try:
        found = read_budget_file(uploaded.read(), year, months.currency)
    except UnreadableBudget as error:
        return _render(request, months, file_errors=[str(error)])
    if found.errors:
        return _render(request, months, file_errors=found.errors)
    texts = field_texts(months.plans | found.months, months.currency)
    return _render(request, months, texts=texts, filled_from="file", filled=len(found.months))


def _page(
    request: HttpRequest,
    hotel_id: int | None,
    year: int | None,
    *,
    percent: str | None = None,
    saved: bool = False,
) -> HttpResponse:
    if hotel_id is None or year is None:
        return render(request, "overview/budget.html", {"hotel_id": None})
    months = _budget_year(access_of(request), hotel_id, year)
    if percent is None:
        return _render(request, months, saved=saved)
    change = _read_percent(percent)
    if change is None:
        return _render(request, months, percent=percent, errors={"percent": percent})
    texts = field_texts(months.proposal(change), months.currency)
    return _render(request, months, texts=texts, percent=percent, filled_from="last year")


def _budget_year(access: Access, hotel_id: int, year: int) -> BudgetYear:
    with_forecast = Ability.READ_PRICES in access.abilities
    return BudgetYear(hotel_id, year, current_day(hotel_id), with_forecast=with_forecast)


def _read_percent(text: str) -> Decimal | None:
    """Return a typed percentage, like 5, -3 or 2,5; None for another text."""
    typed = text.strip().removesuffix("%").strip().replace("\N{MINUS SIGN}", "-")
    if not re.fullmatch(r"[+-]?[0-9]{1,3}([.,][0-9]{1,2})?", typed):
        return None
    value = Decimal(typed.replace(",", "."))
    return value if LEAST_PERCENT <= value <= MOST_PERCENT else None


def _render(
    request: HttpRequest,
    months: BudgetYear,
    *,
    texts: Texts | None = None,
    errors: Texts | None = None,
    file_errors: list[str] | None = None,
    **more: Any,
) -> HttpResponse:
    access = access_of(request)
    texts = texts if texts is not None else field_texts(months.plans, months.currency)
    errors = errors or {}
    today = current_day(months.hotel_id)
    rows = [
        {
            "month": month,
            "fields": [
                {
                    "name": name,
                    "label": LABELS[kind] % {"month": date_text(month.first, "month-name")},
                    "text": texts.get(name, ""),
                    "wrong": errors.get(name, ""),
                }
                for kind in LABELS
                if (name := f"{kind}_{month.first.month}")
            ],
        }
        for month in months.months
    ]
    context = {
        **hotel_context(months.hotel_id, access),
        "profile": get_profile(months.hotel_id),
        "year": months.year,
        "years": _years(months, today),
        "months": months,
        "rows": rows,
        "totals": months.totals(),
        "currency": months.currency,
        "decimals": currency_decimals(months.currency or ""),
        "may_change": _may_change(access, months.hotel_id),
        "may_see_forecast": Ability.READ_PRICES in access.abilities,
        "address": _address(months.hotel_id, months.year),
        "errors": errors,
        "file_errors": file_errors or [],
        "least_percent": LEAST_PERCENT,
        "most_percent": MOST_PERCENT,
        **more,
    }
    status = 400 if errors or file_errors else 200
    response = render(request, "overview/budget.html", context, status=status)
    response["Cache-Control"] = "private, no-cache"
    return response


def _years(months: BudgetYear, today: date) -> list[tuple[int, str]]:
    """Return the years to choose from, each with its address."""
    beside = range(today.year - YEARS_BESIDE, today.year + YEARS_BESIDE + 1)
    years = sorted({*beside, months.year})
    return [(year, "?" + _address(months.hotel_id, year)) for year in years]


def _address(hotel_id: int, year: int) -> str:
    return urlencode({"hotel_id": hotel_id, "year": year})
