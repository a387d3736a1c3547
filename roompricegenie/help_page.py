"""The help page at `/help/`: what each figure counts. It has no data: anyone may read it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.figure_help import FIGURES


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Return the page."""
    return render(request, "common/help.html", {"figures": FIGURES})
