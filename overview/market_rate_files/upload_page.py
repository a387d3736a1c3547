"""`/market/upload/`: competitors' rates from a rate shopper's file, uploaded in the browser.

The file is read at once, and the page says what became of its lines. It is not kept. Columns are
found by the header's words; a file with other words is imported with a mapping on the server.
"""

import tempfile
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from common.access_rights import Ability
from common.html_pages import read_page_query
from common.strict_input import HotelField, QuerySerializer
from dashboard_service.hotel_profiles import get_profile
from data_provider.csv_loading.rejects_file import RejectsOptions
from data_provider.reservation_import.mapping import MappingError
from data_provider.reservation_import.table_lines import UnreadableFile
from overview.market_rate_files.rate_file import RateFileOptions, RateFileResult, import_rates
from overview.market_rate_files.rate_mapping import FIELD_NAMES, KNOWN_WORDS, REQUIRED

MAX_FILE_BYTES: Final = 2_000_000  # about 20,000 lines; the server's memory handler takes more
MOST_LINES: Final = 20_000
MAX_NAME_CHARACTERS: Final = 100


class UploadQuery(QuerySerializer):
    """Query parameters of the page."""

    hotel_id = HotelField()


@csrf_exempt  # checked by `_page`: to check it here would read the form before its file may be
def market_upload(request: HttpRequest) -> HttpResponse:
    """Return the page; a POST imports its file."""
    if request.method == "POST":
        request.upload_handlers = [MemoryFileUploadHandler(request)]
    return _page(request)


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_protect
def _page(request: HttpRequest) -> HttpResponse:
    query = read_page_query(
        request, UploadQuery, Ability.WRITE_EVENTS, "competitors' rates of hotels", "write"
    )
    if isinstance(query, HttpResponse):
        return query
    hotel_id = query["hotel_id"]
    context: dict[str, Any] = {
        "hotel_id": hotel_id,
        "profile": get_profile(hotel_id),
        "megabytes": MAX_FILE_BYTES // 1_000_000,
        "known_words": [
            (FIELD_NAMES[name], ", ".join(words), name in REQUIRED)
            for name, words in KNOWN_WORDS.items()
        ],
    }
    if request.method == "POST":
        context |= _import(request, hotel_id, context["profile"].counted_time_zone)
    status = 400 if context.get("problem") else 200
    return render(request, "overview/market_upload.html", context, status=status)


def _import(request: HttpRequest, hotel_id: int, zone: str) -> dict[str, Any]:
    """Return what the page says of a file. Raises: django.db.Error."""
    uploaded = request.FILES.get("file")
    if uploaded is None or uploaded.size is None or uploaded.size > MAX_FILE_BYTES:
        limit = {"count": MAX_FILE_BYTES // 1_000_000}
        return {"problem": _("Choose a CSV or Excel file of at most %(count)d MB first.") % limit}
    name = Path(uploaded.name or "file").name[-MAX_NAME_CHARACTERS:]
    result = RateFileResult(name)
    with tempfile.TemporaryDirectory(prefix="market-rates-") as folder:
        # Only the ending of the sender's name says something about the file.
        path = Path(folder, "rates.xlsx" if name.lower().endswith(".xlsx") else "rates.csv")
        path.write_bytes(uploaded.read())
        options = RateFileOptions(
            hotel_id=hotel_id,
            seen_at=timezone.now(),
            zone=ZoneInfo(zone),
            rejects=RejectsOptions(folder=Path(folder)),  # the page shows the first of them
            most_lines=MOST_LINES,
            ask=_refuse_open,
        )
        try:
            import_rates(path, name, options, result)
        except (UnreadableFile, MappingError) as error:
            return {"problem": str(error), "result": result if result.lines else None}
    return {"result": result}


def _refuse_open(question: str, choices: tuple[str, ...]) -> str:
    """Refuse a file that leaves open how it is meant: nobody is asked while it is uploaded.

    Raises: MappingError.
    """
    if "day" in choices:
        raise MappingError(
            _(
                "The file leaves open whether its dates begin with the day or the month: write "
                "them like 2027-05-31."
            )
        )
    raise MappingError(
        _(
            "The file leaves open which is the decimal sign of its rates: write them with two "
            "decimals."
        )
    )
