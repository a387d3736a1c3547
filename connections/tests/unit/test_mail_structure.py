"""Answers of IMAP servers as values: literals, quotes, names, and what is not as documented."""

import pytest

from connections.adapters.adapter import OddAnswer
from connections.files.mail_structure import attachments, parse_answer

pytestmark = pytest.mark.unit
TEXT = b'("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 20 1)'


def names(structure: bytes, *literals: tuple[bytes, bytes]) -> list[tuple[str, str]]:
    answer = [*literals, structure]
    [fields] = parse_answer(answer)
    return [(one.part, one.name) for one in attachments(fields["BODYSTRUCTURE"])]


def csv(parameters: bytes, disposition: bytes = b"NIL") -> bytes:
    return b'("text" "csv" %s NIL NIL "base64" 400 6 NIL %s NIL NIL)' % (parameters, disposition)


def of_mail(*parts: bytes) -> bytes:
    return b'1 (UID 7 BODYSTRUCTURE (%s "mixed" ("boundary" "x") NIL NIL))' % b"".join(parts)


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (csv(b'("name" "a.csv")'), "a.csv"),
        (csv(b"NIL", b'("attachment" ("filename" "b.csv"))'), "b.csv"),
        (csv(b'("name" "a.csv")', b'("inline" ("filename" "b.csv"))'), "b.csv"),
        (csv(b"NIL", b'("attachment" ("filename" "say \\"c\\".csv"))'), 'say "c".csv'),
        (csv(b"NIL", b'("attachment" ("filename" "=?utf-8?Q?B=C3=A4der.csv?="))'), "Bäder.csv"),
        (csv(b"NIL", b'("attachment" ("filename*" "utf-8\'\'B%C3%A4der.csv"))'), "Bäder.csv"),
        (csv(b"NIL", b'("attachment" ("filename*" "no-such\'\'a.csv"))'), "a.csv"),
        (csv(b"NIL", b'("attachment" ("filename" "../../x/d.csv"))'), "d.csv"),
    ],
)
def test_names_of_attachments(part: bytes, name: str) -> None:
    assert names(of_mail(TEXT, part)) == [("2", name)]


def test_parts_have_their_numbers() -> None:
    inner = b'(%s%s "alternative" NIL NIL NIL)' % (TEXT, TEXT)
    nested = b'(%s%s "mixed" NIL NIL NIL)' % (TEXT, csv(b'("name" "in.csv")'))
    picture = b'("image" "png" ("name" "logo.png") "<id>" NIL "base64" 99 NIL NIL NIL NIL)'
    found = names(of_mail(inner, picture, nested, csv(b'("name" "out.csv")')))
    assert found == [("2", "logo.png"), ("3.2", "in.csv"), ("4", "out.csv")]


def test_a_mail_that_is_the_file() -> None:
    assert names(b"1 (UID 7 BODYSTRUCTURE %s)" % csv(b'("name" "a.csv")')) == [("1", "a.csv")]


def test_literals_stand_where_they_are_named() -> None:
    head = b'1 (UID 7 BODYSTRUCTURE ("text" "csv" ("name" {7}'
    tail = b' "x" "y") NIL NIL "base64" 400 6 NIL NIL NIL NIL))'
    [fields] = parse_answer([(head, b"a (1).c"), tail])
    assert [one.name for one in attachments(fields["BODYSTRUCTURE"])] == ["a (1).c"]
    [fields] = parse_answer([(b"3 (UID 9 BODY[2]<0> {5}", b') "(('), b")"])
    assert fields == {"UID": "9", "BODY[2]": ') "(('}


@pytest.mark.parametrize(
    "answer", [b"1 (UID 7", b"1 (UID 7))", b"(" * 60, b'1 (UID "7)', b"1 (NIL 7)", b'1 ("']
)
def test_answers_of_another_form_are_refused(answer: bytes) -> None:
    with pytest.raises(OddAnswer):
        parse_answer([answer])
