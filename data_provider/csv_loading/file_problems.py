"""What can be wrong with a file as a whole, or with one of its rows, in words for its sender."""

from django.utils.translation import gettext as _

from common.number_and_date_texts import number_text
from common.translatable_text import Text
from data_provider.csv_loading.decompression import UnpacksWithoutEnd
from data_provider.field_errors import reason_of


def not_opened(file: str, error: OSError) -> Text:
    values = {"file": file, "reason": str(error.strerror)}
    return Text("%(file)s cannot be opened: %(reason)s", values)


def not_read(file: str, error: Exception) -> Text:
    return Text("%(file)s cannot be read: %(reason)s", {"file": file, "reason": reason_of(error)})


def not_read_further(file: str, line: int, damage: Exception) -> Text:
    """Return why a file is not read further than a line."""
    values = {"file": file, "line": line, "reason": reason_of(damage)}
    if isinstance(damage, UnpacksWithoutEnd):
        return Text("%(file)s is not read further than line %(line)d: %(reason)s", values)
    return Text("%(file)s is damaged after line %(line)d: %(reason)s", values)


def line_too_long(most: int) -> str:
    return _("the line is longer than %(most)s characters") % {"most": number_text(most)}


def quote_never_closed() -> str:
    return _("a quote is opened and never closed")


def quote_swallows(line: int) -> str:
    return _(
        "a quote is opened here and would swallow line %(line)d, which is an event: quote the "
        "value or double the quote"
    ) % {"line": line}


def too_many_fields(number: int, named: int) -> str:
    return _("has %(number)d fields, the header names %(named)d: quote a value with commas") % {
        "number": number,
        "named": named,
    }


def missing_fields(number: int, named: int) -> str:
    """Return what is said in addition of a line that is not valid and has too few fields."""
    return _("(the line has %(number)d of %(named)d fields)") % {"number": number, "named": named}
