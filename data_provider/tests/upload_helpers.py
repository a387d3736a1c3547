"""What the tests of uploads share: files, sending them, choosing, loading, and recording."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from data_provider.event_queue.queue_recorder import QueueRun
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.file_upload.upload_loading import finish_recorded, load_next
from data_provider.file_upload.upload_model import FileUpload
from data_provider.file_upload.upload_storage import content_path

HOTEL = 1
HEADER = "Booking no;Hotel;Guest;State;Created;Check-in;Nights;Category;Total;Currency\n"
GUEST = "Ada Lovelace"


def line(number: int, state: str = "Confirmed", hotel: int = HOTEL, nights: str = "2") -> str:
    """Return a line of a reservation; arrival on a day after the twelfth."""
    day = f"{13 + number % 15}/05/2026"
    return (
        f"R-{number};{hotel};{GUEST};{state};{number % 28 + 1:02}/01/2026 10:00;{day};{nights};"
        "DZ;200,50;EUR\n"
    )


def reservations(count: int = 8, **columns: Any) -> bytes:
    return (HEADER + "".join(line(number, **columns) for number in range(count))).encode()


def events(count: int = 5, hotel: int = HOTEL) -> bytes:
    header = "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id\n"
    row = "{},1,2024-03-01 10:00:00,2024-05-{:02},3f2b8c1e-0d4a-4b6e-9a51-00000000000{}\n"
    return (header + "".join(row.format(hotel, n, n) for n in range(1, count + 1))).encode()


def send(
    client: Client, content: bytes, name: str = "export.csv", hotel: int = HOTEL, **fields: Any
) -> Any:
    """Send a file in the form of the page; return the answer."""
    file = SimpleUploadedFile(name, content)
    return client.post("/upload/", {"hotel_id": hotel, "file": file, **fields})


def sent(
    client: Client, content: bytes, name: str = "export.csv", hotel: int = HOTEL
) -> FileUpload:
    """Send a file that is taken; return its upload."""
    answer = send(client, content, name, hotel)
    assert answer.status_code == 303, answer.content.decode()
    return FileUpload.objects.get(pk=answer.headers["Location"].strip("/").rsplit("/", 1)[-1])


def send_part(client: Client, parts: str, start: int, content: bytes) -> Any:
    """Send a part of a file to its address, as the page's script does."""
    return client.post(f"{parts}?start={start}", content, content_type="application/octet-stream")


def page_of(client: Client, upload: FileUpload) -> str:
    """Return the HTML of an upload's page."""
    answer = client.get(f"/upload/{upload.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, upload: FileUpload, act: str = "load", **choice: str) -> Any:
    """Press a button of the upload's page."""
    return client.post(f"/upload/{upload.pk}/", {"act": act, **choice})


def load(queue: EventQueue) -> None:
    """Do what the workers do until nothing is left."""
    while load_next(queue) is not None:
        pass
    record(queue)
    finish_recorded(queue)


def record(queue: EventQueue) -> None:
    QueueRun(queue).record_until(time.monotonic() + 30)


def stored_files() -> list[Path]:
    """Return all files of uploads that are stored now."""
    return [path for path in (Path(settings.DATA_DIR) / "uploads").rglob("*") if path.is_file()]


def is_stored(upload: FileUpload) -> bool:
    return content_path(upload).exists()
