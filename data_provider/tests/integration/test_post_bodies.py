"""POST /events/: compressed bodies, and bodies that hold no event, which say what to send."""

import gzip
import json
import resource
import zlib
from typing import Any

import pytest
from django.test import Client

from data_provider.models import Event
from data_provider.tests.integration.test_post_events import EVENT

JSON_BODY = json.dumps(EVENT).encode()
GZIP_BODY = gzip.compress(JSON_BODY, mtime=0)  # the names of tests contain it
MIB = 1024 * 1024
# Every path with a JSON body: event, profile, pricing rules, preview, decision.
JSON_PATHS = [
    ("POST", "/events/"),
    ("PATCH", "/dashboard/hotels/1/"),
    ("PATCH", "/prices/hotels/1/"),
    ("POST", "/prices/hotels/1/preview/"),
    ("POST", "/prices/decisions/"),
]

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["data_provider", "dashboard_service", "pricing_service"]),
]


def send(
    client: Client,
    body: bytes,
    encoding: str | None = None,
    *,
    method: str = "POST",
    path: str = "/events/",
    content_type: str = "application/json",
) -> Any:
    headers = {"content-encoding": encoding} if encoding is not None else {}
    return client.generic(method, path, body, content_type=content_type, headers=headers)


class TestContentEncoding:
    @pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", " gzip "])
    def test_gzip_is_decoded(self, client: Client, encoding: str) -> None:
        answer = send(client, GZIP_BODY, encoding)
        assert answer.status_code == 201, answer.content
        assert answer.json() == {"id": Event.objects.get().pk, **EVENT}

    def test_several_members_are_one_body(self, client: Client) -> None:
        body = gzip.compress(JSON_BODY[:20]) + gzip.compress(b"") + gzip.compress(JSON_BODY[20:])
        assert send(client, body, "gzip").status_code == 201

    @pytest.mark.parametrize("encoding", ["identity", ""])
    def test_no_encoding_is_no_encoding(self, client: Client, encoding: str) -> None:
        assert send(client, JSON_BODY, encoding).status_code == 201

    @pytest.mark.parametrize(("method", "path"), JSON_PATHS)
    @pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "compress"])
    def test_others_are_refused_by_name(
        self, client: Client, method: str, path: str, encoding: str
    ) -> None:
        answer = send(client, b"{}", encoding, method=method, path=path)
        assert answer.status_code == 415
        assert encoding in answer.json()["detail"]
        assert "gzip" in answer.json()["detail"]
        assert answer["Accept-Encoding"] == "gzip"

    @pytest.mark.parametrize(("method", "path"), JSON_PATHS)
    def test_the_limit_is_that_of_the_decoded_body(
        self, client: Client, method: str, path: str
    ) -> None:
        bomb = gzip.compress(b" " * (9 * MIB))
        answer = send(client, bomb, "gzip", method=method, path=path)
        assert answer.status_code == 413
        assert "8,388,608" in answer.json()["detail"]

    def test_a_bomb_is_not_unpacked(self, client: Client) -> None:
        packer = zlib.compressobj(wbits=31)
        bomb = b"".join(packer.compress(b" " * MIB) for _ in range(512)) + packer.flush()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert send(client, bomb, "gzip").status_code == 413
        grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown_kib < 64 * 1024

    def test_members_without_end_are_refused_soon(self, client: Client) -> None:
        answer = send(client, gzip.compress(b"") * 100_000 + GZIP_BODY, "gzip")
        assert answer.status_code == 400
        assert "members" in answer.json()["detail"]

    @pytest.mark.parametrize(
        "body",
        [
            GZIP_BODY[:-1],
            GZIP_BODY[:15],
            JSON_BODY,
            GZIP_BODY + b"junk",
            GZIP_BODY[:-8] + b"\0" * 8,
        ],
    )
    def test_damaged_gzip_is_a_400(self, client: Client, body: bytes) -> None:
        answer = send(client, body, "gzip")
        assert answer.status_code == 400
        assert "gzip" in answer.json()["detail"]
        assert not Event.objects.exists()


def detail(answer: Any, status: int = 400) -> str:
    """Return the message of an answer that says what to send."""
    assert answer.status_code == status, answer.content
    assert list(answer.json()) == ["detail"]
    text: str = answer.json()["detail"]
    assert text.count("is required") == 0
    assert '"hotel_id": 1' in text, "the message has a short example"
    assert not Event.objects.exists()
    return text


class TestBodiesWithoutEvent:
    @pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
    def test_no_body(self, client: Client, content_type: str) -> None:
        assert "empty" in detail(send(client, b"", content_type=content_type))

    def test_blanks(self, client: Client) -> None:
        assert "empty" in detail(send(client, b" \r\n "))

    @pytest.mark.parametrize("name", ["events", "data", "items"])
    def test_an_array_in_an_object(self, client: Client, name: str) -> None:
        text = detail(send(client, json.dumps({name: [EVENT]}).encode()))
        assert f"leave out {{'{name}': …}} around it" in text

    def test_an_event_in_an_object(self, client: Client) -> None:
        text = detail(send(client, json.dumps({"event": EVENT}).encode()))
        assert "leave out {'event': …} around it" in text

    @pytest.mark.parametrize("body", [b"{}", b'{"hotel": 1, "night": "2025-07-04"}'])
    def test_an_object_without_any_field_of_an_event(self, client: Client, body: bytes) -> None:
        assert "no field of an event" in detail(send(client, body))

    def test_json_in_a_json_string(self, client: Client) -> None:
        text = detail(send(client, json.dumps(JSON_BODY.decode()).encode()))
        assert "encoded twice" in text

    @pytest.mark.parametrize(
        ("body", "kind"),
        [(b'"x"', "a string"), (b"7", "a number"), (b"null", "null"), (b"true", "true or false")],
    )
    def test_other_json(self, client: Client, body: bytes, kind: str) -> None:
        assert f"the body is {kind}" in detail(send(client, body))

    def test_one_event_a_line(self, client: Client) -> None:
        text = detail(send(client, JSON_BODY + b"\n" + JSON_BODY + b"\n"))
        assert "one event a line" in text

    def test_text_that_is_no_json(self, client: Client) -> None:
        assert "no JSON" in detail(send(client, b"hotel_id=1&status=1"))

    @pytest.mark.parametrize(
        "content_type",
        ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/csv", ""],
    )
    def test_another_content_type(self, client: Client, content_type: str) -> None:
        text = detail(send(client, JSON_BODY, content_type=content_type), 415)
        assert "Content-Type: application/json" in text

    def test_one_event_a_line_by_content_type(self, client: Client) -> None:
        text = detail(send(client, JSON_BODY, content_type="application/x-ndjson"), 415)
        assert "Content-Type: application/json" in text

    def test_a_field_that_is_missing_is_still_named(self, client: Client) -> None:
        answer = send(client, json.dumps({"hotel_id": 1}).encode())
        assert answer.status_code == 400
        assert sorted(answer.json()) == sorted(set(EVENT) - {"hotel_id"})
