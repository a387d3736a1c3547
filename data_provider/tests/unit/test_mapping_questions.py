"""`--map`: a mapping that is made by asking, and works without questions the next time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from data_provider.reservation_import.mapping import Mapping, as_toml, read_mapping
from data_provider.reservation_import.mapping_questions import ask_mapping

HEADER = "Buchungsnr;Status;Gebucht am;Anreise;Abreise;Zimmertyp;Gesamt"
LINE = "7;Fix & fertig;03/04/2026;05/06/2026;07/06/2026;DZ;1.234"


def answers(asked: list[str], told: dict[str, list[str]]) -> Callable[[str, str], str]:
    """Return an `ask` that answers questions with these words in turn, others as proposed."""

    def ask(question: str, proposed: str) -> str:
        asked.append(question)
        for word, replies in told.items():
            if word in question and replies:
                return replies.pop(0)
        return proposed

    return ask


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_text(f"{HEADER}\n{LINE}\n")
    return path


def make(export: Path, asked: list[str], told: dict[str, list[str]]) -> Mapping:
    mapping = ask_mapping(export, "export.csv", answers(asked, told))
    target = export.with_suffix(".toml")
    target.write_text(as_toml(mapping), encoding="utf-8")
    return read_mapping(target)


def test_columns_are_proposed_by_the_words_of_the_header(export: Path) -> None:
    mapping = make(export, [], {"begin with": ["day"], "decimal sign": [","]})
    assert mapping.columns == {
        "reservation_id": "Buchungsnr", "status": "Status", "booked_at": "Gebucht am",
        "arrival": "Anreise", "departure": "Abreise", "room_type": "Zimmertyp", "total": "Gesamt",
    }  # fmt: skip
    assert mapping.statuses == {"fix & fertig": "confirmed"}


def test_an_open_order_of_dates_and_decimal_sign_are_asked_and_written(export: Path) -> None:
    asked: list[str] = []
    mapping = make(export, asked, {"begin with": ["day"], "decimal sign": [","]})
    assert (mapping.date_order, mapping.decimal) == ("day", ",")
    assert any("05/06/2026" in question or "07/06/2026" in question for question in asked)


def test_what_the_file_decides_is_written_without_a_question(export: Path) -> None:
    export.write_text(f"{HEADER}\n{LINE.replace('05/06', '25/06').replace('1.234', '12,50')}\n")
    asked: list[str] = []
    mapping = make(export, asked, {})
    assert (mapping.date_order, mapping.decimal) == ("day", ",")
    assert not any("begin with" in question for question in asked)


@pytest.mark.parametrize(
    ("question", "wrong", "right"),
    [
        ("One line", "booking", "reservation"),
        ("Column of arrival", "Ankunft", "Anreise"),
        ("The hotel's number", "zero", "7"),
        ("The hotel's number", "0", "7"),
        ("The currency", "Euro", "EUR"),
        ("begin with", "dd/mm", "day"),
        ("status fix", "sold", "confirmed"),
    ],
)
def test_a_wrong_answer_is_asked_again(export: Path, question: str, wrong: str, right: str) -> None:
    told = {"begin with": ["day"], "decimal sign": [","]} | {question: [wrong, right]}
    asked: list[str] = []
    make(export, asked, told)
    assert sum(question in text for text in asked) == 2
    assert not told[question]
