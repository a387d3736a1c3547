"""Numbers, dates and times in templates: English text, and the exact value for the script."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.template import engines
from django.utils import translation

from common.templatetags.number_formats import date_tag, money, number, time_tag


@pytest.mark.parametrize(
    ("value", "kind", "html"),
    [
        (1234, "number", '<data value="1234" data-as="number">1,234</data>'),
        (-5, "number", '<data value="-5" data-as="number">−5</data>'),
        (5, "signed", '<data value="5" data-as="signed">+5</data>'),
        (0, "signed", '<data value="0" data-as="signed">0</data>'),
        (0.125, "percent", '<data value="0.125" data-as="percent">12.5%</data>'),
        (-0.125, "change", '<data value="-0.125" data-as="change">−12.5%</data>'),
        (1.5, "points", '<data value="1.5" data-as="points">+1.5</data>'),
        ("1234.50", "amount:2", '<data value="1234.50" data-as="amount:2">1,234.50</data>'),
        ("-1234.50", "amount:0", '<data value="-1234.50" data-as="amount:0">−1,234</data>'),
        ("0.5", "signed-amount:3", '<data value="0.5" data-as="signed-amount:3">+0.500</data>'),
        (None, "percent", "\N{EN DASH}"),
        (None, "amount:2", "\N{EN DASH}"),
    ],
)
def test_numbers(value: Any, kind: str, html: str) -> None:
    assert number(value, kind) == html


@pytest.mark.parametrize(
    ("amount", "text"), [(Decimal("1200.00"), "1,200"), (Decimal("99.5"), "99.50"), (7, "7")]
)
def test_money_has_cents_only_where_there_are_some(amount: Any, text: str) -> None:
    assert money(amount) == f'<data value="{amount}" data-as="money">{text}</data>'


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("day", "Fri 1 Mar 2024"),
        ("date", "1 Mar 2024"),
        ("short", "1 Mar"),
        ("month", "March 2024"),
        ("month-name", "March"),
        ("year", "2024"),
    ],
)
def test_dates(kind: str, text: str) -> None:
    html = f'<time datetime="2024-03-01" data-as="{kind}">{text}</time>'
    assert date_tag(date(2024, 3, 1), kind) == html


def test_a_time_is_in_the_given_zone() -> None:
    html = time_tag(datetime(2024, 3, 1, 23, 30, tzinfo=UTC), "Asia/Tokyo")
    assert 'data-zone="Asia/Tokyo"' in html
    assert ">2 Mar 2024 08:30<" in html


def test_a_time_without_a_zone_is_in_utc_and_left_to_the_browser() -> None:
    html = time_tag(datetime(2024, 3, 1, 23, 30, tzinfo=UTC))
    assert "data-zone" not in html
    assert ">1 Mar 2024 23:30<" in html


@pytest.mark.parametrize("language", [*dict(settings.LANGUAGES), "ar"])
def test_numbers_in_attributes_are_plain_in_every_language(language: str) -> None:
    """A browser does not draw `height="12,5"`."""
    template = engines["django"].from_string(
        '<rect height="{{ height }}" y="{{ y|floatformat:1 }}"/>'
    )
    with translation.override(language):
        assert template.render({"height": 12.5, "y": 3.25}) == '<rect height="12.5" y="3.3"/>'
