"""The pages of uploads in the reader's language, and reasons that several people read."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from data_provider.event_queue.queue_stream import EventQueue
from data_provider.file_upload.upload_model import FileUpload, UploadState
from data_provider.file_upload.upload_storage import content_path
from data_provider.tests import upload_helpers as helpers
from data_provider.tests.upload_helpers import HEADER, events, load, press, reservations, send, sent
from tests.untranslated_texts import marked_language, page_texts_left, untranslated

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["default", "data_provider"]),
]
GERMAN = {"accept-language": "de-AT,de;q=0.9"}
WRONG_LINE = helpers.line(99, nights="many").encode()
OPEN_SPELLINGS = (HEADER + "R-1;1;x;Fix;01/02/2026;03/04/2026;1;DZ;1.234;\n").encode()


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    settings.API_AUTH = "open"
    return tmp_path


def without_choices(html: str) -> str:
    """Return a page without the options that are data: the file's columns, the time zones."""
    lines = html.replace("</option>", "</option>\n").splitlines()
    return "\n".join(line for line in lines if 'translate="no"' not in line)


def left(answer: Any) -> list[str]:
    """Return what of an answer that was made in the marked language is not translated."""
    return untranslated(without_choices(answer.content.decode()), *DATA)


DATA = ("Nights", "R-99")  # words of the file


@pytest.mark.parametrize(
    ("content", "choice"),
    [
        (reservations(3) + WRONG_LINE, {}),
        (reservations(3), {"column.arrival": "99", "line": "week", "currency": "EURO"}),
        (reservations(3, state="Fix"), {"act": "load"}),
        (OPEN_SPELLINGS, {}),
        (b"Booking no;State;Check-in\n1;ok;2026-05-01\n", {"act": "load"}),
        (events(3), {}),
        (events(3) + b"1,9,yesterday,2024-05-01,x\n", {}),
    ],
    ids=["rejects", "errors", "a word", "two ways", "missing", "events", "a wrong event"],
)
def test_every_text_of_the_check_is_translated(
    client: Client, content: bytes, choice: dict[str, str]
) -> None:
    upload = sent(client, content)
    address = f"/upload/{upload.pk}/"
    with marked_language():
        answer = press(client, upload, **{"act": "preview", **choice}) if choice else None
        if answer is None or answer.status_code == 303:
            answer = client.get(address)
    assert left(answer) == []


def test_every_text_of_the_first_page_is_translated(client: Client) -> None:
    sent(client, reservations(3))
    assert page_texts_left(client, "/upload/?hotel_id=1", "export.csv") == []
    with marked_language():
        answer = client.post("/upload/", {"hotel_id": 1})
    assert answer.status_code == 400
    assert left(answer) == []


def test_every_text_while_and_after_loading_is_translated(
    client: Client, queue: EventQueue
) -> None:
    for content in (reservations(3) + WRONG_LINE, events(3)):
        upload = sent(client, content)
        address = f"/upload/{upload.pk}/"
        rows = FileUpload.objects.filter(pk=upload.pk)
        for state in (UploadState.RECEIVING, UploadState.FAILED):
            rows.update(state=state, size=upload.size + 1)  # else it would be found complete
            assert page_texts_left(client, address) == []
        rows.update(state=UploadState.CHOOSING, size=upload.size)
        press(client, upload)
        assert page_texts_left(client, address) == []
        load(queue)
        upload.refresh_from_db()
        assert upload.state == UploadState.DONE
        assert page_texts_left(client, address) == []


def test_why_a_file_was_not_loaded_is_said_in_the_language_of_who_reads_it(
    client: Client, queue: EventQueue
) -> None:
    upload = sent(client, reservations(3))
    address = f"/upload/{upload.pk}/"
    wrong = send(Client(headers={"accept-language": "fr"}), b"PK\x03\x04 broken", "export.zip")
    missing = sent(client, reservations(4))
    press(client, missing)
    content_path(missing).unlink()
    load(queue)
    for page, english, german in (
        (wrong.headers["Location"], "cannot be read", "export.zip kann nicht gelesen werden"),
        (
            f"/upload/{missing.pk}/",
            "the file is not here any more",
            "die Datei ist nicht mehr hier",
        ),
    ):
        assert english in client.get(page).content.decode()
        assert german in client.get(page, headers=GERMAN).content.decode()
        found = FileUpload.objects.get(pk=page.strip("/").rsplit("/", 1)[-1])
        assert english in found.problem
    assert "Spalten prüfen" in client.get(address, headers=GERMAN).content.decode()


def test_what_was_noted_before_notes_had_parts_is_shown_as_it_is(client: Client) -> None:
    upload = sent(client, reservations(3))
    upload.set_state(UploadState.FAILED, problem="the disk was full")
    page = client.get(f"/upload/{upload.pk}/", headers=GERMAN).content.decode()
    assert "the disk was full." in page


def test_reasons_are_german_on_the_page_and_english_in_the_file(
    client: Client, queue: EventQueue
) -> None:
    upload = sent(client, reservations(3) + WRONG_LINE)
    page = client.get(f"/upload/{upload.pk}/", headers=GERMAN).content.decode()
    assert "Zeile 5: Nights ist keine Zahl von Nächten" in page
    client.post(f"/upload/{upload.pk}/", {"act": "load"}, headers=GERMAN)
    load(queue)
    rejects = client.get(f"/upload/{upload.pk}/rejects/", headers=GERMAN)
    assert "5,Nights is no number of nights" in b"".join(rejects).decode()


def test_the_parts_of_a_file_are_refused_in_the_language(client: Client) -> None:
    answer = client.post("/upload/begin/", {"hotel_id": 1, "size": 0}, headers=GERMAN)
    assert (answer.status_code, answer.json()["detail"]) == (400, "die Datei ist leer")
