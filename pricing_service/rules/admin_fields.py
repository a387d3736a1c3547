"""Form fields of the admin for lists of numbers: a field for each month or weekday, lines of pairs.

Nobody has to write JSON. The model's validators check what the fields return.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pricing_service.validators import HIGHEST_FACTOR, LOWEST_FACTOR

MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun",
               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # fmt: skip
WEEKDAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class NamedNumbersWidget(forms.MultiWidget):
    """A number input for each name, with its name before it."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        limits = {"step": "any", "min": LOWEST_FACTOR, "max": HIGHEST_FACTOR}
        look = {"class": "vIntegerField"}  # of the admin: narrow
        super().__init__(
            [forms.NumberInput(limits | look | {"aria-label": name}) for name in names]
        )

    def decompress(self, value: Any) -> list[Any]:
        return value if isinstance(value, list) else [None] * len(self.names)

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        values = value if isinstance(value, list) else []
        values = [*values, *[None] * len(self.names)]  # a list of an older version may be shorter
        inputs = (
            (word, widget.render(f"{name}_{n}", values[n], {"id": f"id_{name}_{n}"}, renderer))
            for n, (word, widget) in enumerate(zip(self.names, self.widgets, strict=True))
        )
        return format_html(
            "<div>{}</div>", format_html_join(" ", "<span>{}&nbsp;{}</span>", inputs)
        )


class FactorsField(forms.MultiValueField):
    """A factor for each name; its value is the list of them."""

    def __init__(self, names: tuple[str, ...], **options: Any) -> None:
        super().__init__(
            [forms.FloatField() for _ in names], widget=NamedNumbersWidget(names), **options
        )

    def compress(self, data_list: list[float]) -> list[float]:
        return data_list


class LeadFactorsField(forms.CharField):
    """Pairs of days before arrival and a factor, one pair a line: `14 0.95`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea({"rows": 4, "cols": 20}), **options)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{days} {factor:g}" for days, factor in value)

    def to_python(self, value: Any) -> Any:
        """Raises: ValidationError naming the first line that is no pair of numbers."""
        pairs = []
        for number, line in enumerate((super().to_python(value) or "").splitlines(), 1):
            if not line.strip():
                continue
            try:
                days, factor = line.split()
                pairs.append([int(days), float(factor)])
            except ValueError as error:
                reason = f"line {number}: write the days before and a factor, like 14 0.95"
                raise ValidationError(reason) from error
        return pairs

    def has_changed(self, initial: Any, data: Any) -> bool:
        shown: str = self.prepare_value(initial or [])
        return shown.split() != (data or "").split()


class WeekdaysField(forms.TypedMultipleChoiceField):
    """Weekdays as boxes to tick; its value is the list of their numbers, 0 for Monday."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=list(enumerate(WEEKDAY_NAMES)), coerce=int, required=False,
            widget=forms.CheckboxSelectMultiple, empty_value=[], **options,
        )  # fmt: skip
