"""The pages of uploads: what is taken, what is refused, who may see what, and the preview."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client

from data_provider.event_queue.queue_stream import EventQueue
from data_provider.file_upload import part_views
from data_provider.file_upload.excel_sample import write_excel_sample
from data_provider.file_upload.upload_model import FileUpload, UploadState
from data_provider.file_upload.upload_storage import OPEN_UPLOADS, StorageFailed, content_path
from data_provider.models import Event
from data_provider.reservation_import.table_lines import TableFile
from data_provider.tests import upload_helpers as helpers
from data_provider.tests.upload_helpers import (
    HEADER,
    events,
    line,
    load,
    page_of,
    press,
    reservations,
    send,
    send_part,
    sent,
)

DATABASES = ["default", "data_provider"]
pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    settings.API_AUTH = "open"
    return tmp_path


# --- the preview ---


def test_five_reservations_are_shown_as_they_would_be_understood(client: Client) -> None:
    upload = sent(client, reservations(8) + helpers.line(50, nights="many").encode())
    page = page_of(client, upload)
    assert page.count('<th scope="row"><bdi>R-') == 5
    assert "Line 10: Nights is no number of nights" in page
    assert "100.25" in page
    assert helpers.GUEST not in page.replace("<option", "")
    assert Event.objects.count() == 0


def test_a_changed_mapping_renews_the_preview(client: Client) -> None:
    upload = sent(client, reservations(3))
    assert "Per night" in page_of(client, upload)
    press(client, upload, "preview", **{"column.total": "", "column.room_type": ""})
    page = page_of(client, upload)
    assert "100.25" not in page
    assert "<bdi>DZ</bdi>" not in page


def test_an_open_order_of_dates_is_said_in_words_and_can_be_changed(client: Client) -> None:
    text = HEADER + "R-1;1;x;Confirmed;01/02/2026;03/04/2026;1;DZ;100;EUR\n"
    upload = sent(client, text.encode())
    page = page_of(client, upload)
    assert "Dates can be read in two ways" in page
    for day in ("2026-04-03", "2026-03-04"):
        assert f'<bdi>03/04/2026</bdi> is understood as <time datetime="{day}"' in page
    assert "<td>2026-04-03</td>" in page
    press(client, upload, "preview", date_order="month")
    assert "<td>2026-03-04</td>" in page_of(client, upload)


def test_an_unknown_word_of_the_status_has_to_be_told_before_loading(client: Client) -> None:
    upload = sent(client, reservations(3, state="Fix"))
    answer = press(client, upload)
    assert answer.status_code == 400
    assert "what each word of the status means" in answer.content.decode()
    assert press(client, upload, **{"status.0": "confirmed"}).status_code == 303
    upload.refresh_from_db()
    assert upload.state == UploadState.WAITING


def test_a_missing_column_is_named_and_nothing_is_loaded(client: Client, queue: EventQueue) -> None:
    upload = sent(client, b"Booking no;State;Check-in\n1;ok;2026-05-01\n")
    answer = press(client, upload)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "choose: Booked on, Departure" in page
    load(queue)
    assert Event.objects.count() == 0


@pytest.mark.parametrize(
    "choice",
    [
        {"column.arrival": "99"},
        {"column.arrival": "x"},
        {"line": "week"},
        {"date_order": "year"},
        {"currency": "EURO"},
        {"time_zone": "Mars/Olympus"},
    ],
)
def test_what_the_form_cannot_send_is_refused_and_changes_nothing(
    client: Client, choice: dict[str, str]
) -> None:
    upload = sent(client, reservations(3))
    assert press(client, upload, "preview", **choice).status_code == 400
    upload.refresh_from_db()
    assert (upload.mapping, upload.time_zone) == ({}, "UTC")


# --- what is taken ---


def excel(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_excel_is_read(client: Client, queue: EventQueue) -> None:
    cells = [text.strip().split(";") for text in (HEADER, line(1), line(2))]
    upload = sent(client, excel(*cells), "export.xlsx")
    press(client, upload)
    load(queue)
    assert Event.objects.count() == 4


def test_the_copy_of_an_excel_file_s_first_rows_reads_as_the_file_does(tmp_path: Path) -> None:
    cells: list[list[Any]] = [
        ["Booking no", "=Status", "Booked on", "Rate"],
        [7, "=1+1", datetime(2026, 5, 1, 10, 30), 12.5],
        [],
        ["R-2", "a\tb", date(2026, 5, 2), None],
    ]
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for place, row in enumerate(cells, start=1):
        for column, value in enumerate(row, start=1):
            written = sheet.cell(place, column, value)
            if isinstance(value, str):
                written.data_type = "s"  # also where it looks like a formula
    source, copy = tmp_path / "source", tmp_path / "copy"
    book.save(source)
    write_excel_sample(source, copy, "export.xlsx", 100)
    tables = []
    for path in (source, copy):
        with TableFile(path, "export.xlsx") as table:
            rows = [(row.line, [cell for cell in row.cells if cell]) for row in table.rows()]
            tables.append((table.header, rows))
    assert tables[0] == tables[1]
    assert len(tables[0][1]) == 3


def bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/sharedStrings.xml", b" " * 70_000_000)
    return content.getvalue()


WRONG: dict[str, tuple[bytes, str]] = {
    "an old Excel file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ".xls"),
    "UTF-16": ("a;b;c\n1;2;3\n".encode("utf-16"), "UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "no t"),
    "a letter": (b"%PDF-1.7 and more\nof it\n", "has to name the columns"),
    "a broken archive": (b"PK\x03\x04" + b"x" * 100, "cannot be read"),
    "a bomb": (bomb(), "unpacks to"),
    "too many columns": (";".join(map(str, range(300))).encode() + b"\n", "300 columns"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_named_deleted_and_changes_nothing(client: Client, kind: str) -> None:
    content, reason = WRONG[kind]
    upload = sent(client, content)
    page = page_of(client, upload)
    assert "The file was not loaded" in page
    assert reason in page
    assert str(content_path(upload)) not in page
    assert helpers.stored_files() == []
    assert press(client, upload).status_code == 303
    upload.refresh_from_db()
    assert upload.state == UploadState.FAILED


def test_an_empty_file_and_a_form_without_one_are_refused(client: Client) -> None:
    for answer in (send(client, b""), client.post("/upload/", {"hotel_id": 1})):
        assert answer.status_code == 400
        assert "Nothing was uploaded" in answer.content.decode()
    assert not FileUpload.objects.exists()


@pytest.mark.parametrize("hotel", ["0", "-1", "x", "", "99999999999"])
def test_a_wrong_hotel_is_refused(client: Client, hotel: str) -> None:
    answer = send(client, events(1), hotel=hotel)  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert not FileUpload.objects.exists()


def test_a_file_over_the_limit_is_refused_before_it_is_sent(client: Client, settings: Any) -> None:
    settings.UPLOAD_MAX_MB = 1
    told = {"hotel_id": 1, "file_name": "a.csv", "size": 1024 * 1024 + 1}
    answer = client.post("/upload/begin/", told)
    assert answer.status_code == 400
    assert "larger than 1 MB" in answer.json()["detail"]


def test_of_many_files_that_nobody_loads_the_oldest_are_deleted(client: Client) -> None:
    uploads = [sent(client, events(1)) for _ in range(OPEN_UPLOADS + 2)]
    kept = set(FileUpload.objects.values_list("pk", flat=True))
    assert kept == {upload.pk for upload in uploads[2:]}
    assert len(helpers.stored_files()) == OPEN_UPLOADS


# --- in parts ---


def begin(client: Client, content: bytes) -> str:
    told = {"hotel_id": 1, "file_name": "big.csv", "size": len(content)}
    answer = client.post("/upload/begin/", told)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["parts"])


def test_parts_in_any_repetition_make_the_file(client: Client) -> None:
    content = reservations(20)
    parts = begin(client, content)
    assert send_part(client, parts, 0, content[:100]).json() == {"received": 100}
    assert send_part(client, parts, 0, content[:100]).json() == {"received": 100}
    answer = send_part(client, parts, 200, content[200:])
    assert (answer.status_code, answer.json()["received"]) == (409, 100)
    assert send_part(client, parts, 50, content[50:150]).json() == {"received": 150}
    [upload] = FileUpload.objects.all()
    assert "The file is not complete" in page_of(client, upload)
    assert press(client, upload).status_code == 303
    assert send_part(client, parts, 150, content[150:]).json() == {"received": len(content)}
    assert content_path(upload).read_bytes() == content
    assert "R-1" in page_of(client, upload)
    assert send_part(client, parts, 0, b"other").status_code == 409
    assert content_path(upload).read_bytes() == content


def test_more_than_was_told_is_refused(client: Client) -> None:
    parts = begin(client, b"x" * 100)
    assert send_part(client, parts, 0, b"x" * 101).status_code == 409


@pytest.mark.parametrize("query", ["", "?start=", "?start=x", "?start=-1", "?begin=0"])
def test_a_part_with_a_wrong_address_is_refused(client: Client, query: str) -> None:
    parts = begin(client, b"x" * 100)
    answer = client.post(f"{parts}{query}", b"x", content_type="application/octet-stream")
    assert answer.status_code == 400


def test_a_full_disk_is_said(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> int:
        raise StorageFailed("the file cannot be stored: No space left on device")

    parts = begin(client, b"x" * 100)
    monkeypatch.setattr(part_views, "store_part", full)
    answer = send_part(client, parts, 0, b"x")
    assert (answer.status_code, "No space left" in answer.json()["detail"]) == (507, True)


def test_an_upload_that_is_not_there_is_a_404(client: Client) -> None:
    unknown = "3f2b8c1e-0d4a-4b6e-9a51-000000000000"
    assert client.get(f"/upload/{unknown}/").status_code == 404
    assert client.get("/upload/7/").status_code == 404
    assert send_part(client, f"/upload/{unknown}/parts/", 0, b"x").status_code == 404
