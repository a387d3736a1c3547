"""Competitors' rates from files: by command and by upload; columns, spellings, what is rejected."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from common.access_rights import Ability, Access
from pricing_service.market_rates.rate_models import CompetitorRate
from tests.untranslated_texts import marked_language, untranslated

DATABASES = ["default", "data_provider", "dashboard_service", "pricing_service"]
pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
HOTEL = 7

PLAIN = """Hotel name,Arrival,Room type,Price,Currency,Shop date
Hotel Post,2027-07-04,Double,119.00,EUR,2026-11-01 06:00
Hotel Krone,2027-07-04,,sold out,,2026-11-01 06:00
"""


@pytest.fixture(autouse=True)
def open_system(settings: Any, tmp_path: Path) -> None:
    settings.API_AUTH = "open"
    settings.DATA_DIR = tmp_path


def load(path: Path, *arguments: str) -> str:
    out = io.StringIO()
    call_command("import_market_rates", str(path), "--hotel", str(HOTEL), *arguments, stdout=out)
    return out.getvalue()


def write(tmp_path: Path, text: str, name: str = "rates.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def stored() -> list[tuple[Any, ...]]:
    rows = CompetitorRate.objects.order_by("night", "competitor", "seen_at")
    return [
        (
            r.competitor,
            f"{r.night:%m-%d}",
            r.rate and str(r.rate),
            r.currency,
            f"{r.seen_at:%d %H:%M}",
        )
        for r in rows
    ]


def test_a_file_is_read_by_its_header_and_again_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN)
    assert "2 lines, 2 rates" in load(path)
    first = stored()
    assert first == [
        ("Hotel Krone", "07-04", None, "", "01 06:00"),
        ("Hotel Post", "07-04", "119.00", "EUR", "01 06:00"),
    ]
    assert "0 new, 2 known" in load(path)
    assert stored() == first
    assert {row.hotel_id for row in CompetitorRate.objects.all()} == {HOTEL}


def test_a_dry_run_stores_nothing(tmp_path: Path) -> None:
    assert "dry run" in load(write(tmp_path, PLAIN), "--dry-run")
    assert stored() == []


def test_wrong_lines_are_rejected_with_line_and_reason(tmp_path: Path) -> None:
    text = PLAIN + (
        "Hotel Post,2027-02-30,Double,119.00,EUR,2026-11-01 06:00\n"
        "\n"
        ",2027-07-05,Double,,EUR,2026-11-01 06:00\n"
        "Hotel Post,2027-07-05,Double,119.00,,2026-11-01 06:00\n"
        "Hotel Post,2027-07-05,Double,0,EUR,2199-11-01 06:00\n"
    )
    report = load(write(tmp_path, text))
    assert "7 lines, 2 rates, 4 lines rejected, 1 blank" in report
    [rejects] = (tmp_path / "rejects").glob("*.csv")
    rows = list(csv.DictReader(rejects.open()))
    assert [row["line"] for row in rows] == ["4", "6", "7", "8"]
    assert "night is no real date" in rows[0]["reason"]
    assert "rate is empty" in rows[1]["reason"]
    assert "competitor is required" in rows[1]["reason"]
    assert "currency is required with a rate" in rows[2]["reason"]
    assert "rate must be more than 0" in rows[3]["reason"]
    assert "seen_at lies in the future" in rows[3]["reason"]


@pytest.mark.parametrize("seen", ["9999-12-31T23:59:00-05:00", "0001-01-01 00:10"])
def test_times_at_the_ends_of_all_times_are_rejected(tmp_path: Path, seen: str) -> None:
    text = PLAIN + f"Hotel Post,2027-07-05,Double,119.00,EUR,{seen}\n"
    assert "2 rates, 1 lines rejected" in load(write(tmp_path, text), "--timezone", "Asia/Tokyo")


def test_other_countries_spellings_and_time_zones(tmp_path: Path) -> None:
    text = (
        "Wettbewerber;Anreise;Preis;Währung;Timestamp\n"
        "Post;31.07.2027;1.119,50 €;;01.11.2026 06:00\n"
        "Krone;04.07.2027;99,00;EUR;01.11.2026 06:00\n"
        "Adler;05.07.2027;ausgebucht;;01.11.2026 06:00\n"
    )
    load(write(tmp_path, text), "--timezone", "Europe/Berlin")
    assert stored() == [
        ("Krone", "07-04", "99.00", "EUR", "01 05:00"),
        ("Adler", "07-05", None, "", "01 05:00"),
        ("Post", "07-31", "1119.50", "EUR", "01 05:00"),
    ]


def test_what_a_file_leaves_open_is_asked_for_and_not_guessed(tmp_path: Path) -> None:
    text = PLAIN.replace("2027-07-04", "04/07/2027")
    with pytest.raises(CommandError, match="--date-order"):
        load(write(tmp_path, text))
    load(write(tmp_path, text), "--date-order", "month")
    assert {night for _, night, *_ in stored()} == {"04-07"}


def test_a_mapping_with_a_column_for_each_competitor(tmp_path: Path) -> None:
    mapping = tmp_path / "shopper.toml"
    mapping.write_text(
        'currency = "EUR"\nsold_out = ["LOS"]\ncompetitor_columns = ["Post", "Krone"]\n'
        '[columns]\nnight = "Day"\n'
    )
    text = "Day,Own,Post,Krone\n2027-07-04,100,119,LOS\n2027-07-05,100,n.a.,\n2027-07-06,1,121.5,\n"
    arguments = ("--mapping", str(mapping), "--seen-at", "2026-11-01T06:00:00Z")
    assert "3 lines, 3 rates, 1 lines rejected" in load(write(tmp_path, text), *arguments)
    assert [row[:3] for row in stored()] == [
        ("Krone", "07-04", None),
        ("Post", "07-04", "119.00"),
        ("Post", "07-06", "121.50"),
    ]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Hotel name,Price,Shop date", "no column is known as night"),
        ("Hotel name,Arrival,Price", "--seen-at"),
        ("Hotel name,Arrival,Arrival,Price,Shop date", "twice"),
        ("", "empty"),
    ],
)
def test_files_without_the_needed_columns(tmp_path: Path, header: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        load(write(tmp_path, f"{header}\na,b,c,d,e\n"))


@pytest.mark.parametrize(
    "toml",
    ["x = 1", "[columns]\nfoo = 'a'", "decimal = 'x'", "columns = 1", "sold_out = 'a'", "currency = 'X'",
     "competitor_columns = ['A']\n[columns]\nrate = 'B'", "=",
     "competitor_columns = [" + "'A'," * 101 + "]"],
)  # fmt: skip
def test_mappings_that_are_wrong(tmp_path: Path, toml: str) -> None:
    (tmp_path / "m.toml").write_text(toml)
    with pytest.raises(CommandError, match=r"m\.toml"):
        load(write(tmp_path, PLAIN), "--mapping", str(tmp_path / "m.toml"))


def upload(client: Client, content: bytes, status: int = 200, name: str = "rates.csv") -> str:
    file = SimpleUploadedFile(name, content)
    response = client.post(f"/market/upload/?hotel_id={HOTEL}", {"file": file})
    assert response.status_code == status, response.content
    return response.content.decode()


def test_an_upload_stores_and_says_what_became_of_the_lines(client: Client) -> None:
    text = PLAIN + "Hotel Post,<b>,Double,119.00,EUR,2026-11-01 06:00\n"
    html = upload(client, text.encode())
    assert "night is no date" in html
    assert "<b>" not in html.split("<main")[1]
    assert len(stored()) == 2


def test_an_excel_file_without_times_is_seen_now(client: Client) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Property", "Date", "Rate", "Currency"])  # type: ignore[union-attr]
    book.active.append(["Post", date(2027, 7, 4), 119.5, "EUR"])  # type: ignore[union-attr]
    content = io.BytesIO()
    book.save(content)
    upload(client, content.getvalue(), name="rates.xlsx")
    [row] = CompetitorRate.objects.all()
    assert str(row.rate) == "119.50"
    assert abs((row.seen_at - datetime.now(UTC)).total_seconds()) < 60


def test_uploads_that_cannot_be_read(client: Client) -> None:
    assert "Choose a CSV or Excel file" in upload(client, b"x" * 2_000_001, 400)
    assert "no column is known" in upload(client, b"a,b\n1,2\n", 400)
    upload(client, b"", 400)
    upload(client, b"PK\x03\x04broken", 400, "rates.xlsx")
    upload(client, b"\xff\xfe\0", 400)
    many = "Property,Date,Rate\n" + "A,2027-07-04,sold out\n" * 20_001
    assert "more than 20,000 lines" in upload(client, many.encode(), 400)
    assert stored() == []
    assert client.post(f"/market/upload/?hotel_id={HOTEL}").status_code == 400


def test_uploads_need_the_token_of_the_form_and_the_right(monkeypatch: pytest.MonkeyPatch) -> None:
    access = Access(
        "mia", "user 1", frozenset({Ability.WRITE_EVENTS}), frozenset({HOTEL}), is_known=True
    )
    monkeypatch.setattr("accounts.middleware.access_of_sender", lambda request: access)
    client = Client(enforce_csrf_checks=True)
    file = SimpleUploadedFile("rates.csv", PLAIN.encode())
    assert client.post(f"/market/upload/?hotel_id={HOTEL}", {"file": file}).status_code == 403
    assert client.get(f"/market/upload/?hotel_id={HOTEL}").status_code == 200
    assert client.get("/market/upload/?hotel_id=8").status_code == 403
    assert stored() == []


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (PLAIN + "Post,2027-02-30,,x,,2199-11-01 06:00\n,2027-07-05,,,EUR,\n", 200),
        ("Hotel name,Price\nA,1\n", 400),
        ("Property,Date,Rate\nA,04/07/2027,1\n", 400),
        ("Property,Date,Rate\nA,2027-07-04,1.234\n", 400),
        ("Property,Date,Rate,Rate\nA,2027-07-04,1,1\n", 400),
    ],
)
def test_no_text_of_the_page_is_left_in_english(client: Client, content: str, status: int) -> None:
    with marked_language():
        html = upload(client, content.encode(), status)
    assert untranslated(html, f"Hotel {HOTEL}", "rates.csv") == []


def test_what_a_file_leaves_open_is_said_without_options_of_a_command(client: Client) -> None:
    html = upload(client, b"Property,Date,Rate\nA,04/07/2027,sold out\n", 400)
    assert "whether its dates begin with the day or the month" in html
    html = upload(client, b"Property,Date,Rate,Currency\nA,2027-07-04,1.234,EUR\n", 400)
    assert "which is the decimal sign" in html
