"""CSV responses are opened in spreadsheet programs: no text of theirs is run as a formula."""

from typing import Any, ClassVar

from common.renderers_and_parsers import CsvRenderer


class View:
    csv_columns: ClassVar[list[str]] = ["name", "net"]


def test_text_is_no_formula_and_numbers_stay_numbers() -> None:
    rows: list[dict[str, Any]] = [{"name": "=HYPERLINK(1)", "net": -3}, {"name": "-3", "net": None}]
    assert CsvRenderer().render(rows, None, {"view": View()}) == (
        "name,net\n'=HYPERLINK(1),-3\n-3,\n"
    )
