"""POST /events/: an event is stored once; an invalid body is refused as a whole."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from data_provider.models import AppendOnlyError, Event

EVENT: dict[str, Any] = {
    "hotel_id": 5,
    "event_timestamp": "2024-03-01T10:00:00Z",
    "status": 1,
    "room_reservation_id": "3f2b8c1e-0d4a-4b6e-9a51-000000000001",
    "night_of_stay": "2024-05-01",
}


def post(client: Client, body: Any, path: str = "/events/") -> Any:
    return client.post(path, body, content_type="application/json")


@pytest.mark.django_db(databases=["data_provider"])
class TestPost:
    def test_it_works(self, client: Client) -> None:
        answer = post(client, EVENT)
        assert answer.status_code == 201
        assert answer.json() == {"id": Event.objects.get().pk, **EVENT}

    def test_without_trailing_slash(self, client: Client) -> None:
        assert post(client, EVENT, "/events").status_code == 201

    def test_the_same_event_again_returns_the_stored_one(self, client: Client) -> None:
        first = post(client, EVENT)
        again = post(
            client,
            {
                **EVENT,
                "event_timestamp": "2024-03-01T12:00:00+02:00",
                "room_reservation_id": EVENT["room_reservation_id"].upper(),
            },
        )
        assert (again.status_code, again.json()) == (200, first.json())

    def test_an_array_returns_counts(self, client: Client) -> None:
        other = {**EVENT, "status": 2}
        first = post(client, [EVENT, other, EVENT])
        again = post(client, [EVENT, other])
        assert (first.status_code, first.json()) == (201, {"created": 2, "duplicates": 1})
        assert (again.status_code, again.json()) == (200, {"created": 0, "duplicates": 2})

    def test_one_bad_event_refuses_the_whole_array_by_index(self, client: Client) -> None:
        answer = post(client, [EVENT, {**EVENT, "status": 4}, 7])
        assert answer.status_code == 400
        assert set(answer.json()) == {"1", "2"}
        assert "status" in answer.json()["1"]
        assert Event.objects.count() == 0

    @pytest.mark.one_database
    def test_more_than_the_largest_batch_is_refused(self, client: Client) -> None:
        assert post(client, [EVENT] * 10_001).status_code == 400

    @pytest.mark.one_database
    @pytest.mark.parametrize("field", sorted(EVENT))
    @pytest.mark.parametrize(
        "value", [None, "", "x", [], {}, True, 1.5, -1, 0, 2**40, "\x00", "2024-02-30", "é" * 300]
    )
    def test_a_bad_value_names_its_field(self, client: Client, field: str, value: Any) -> None:
        answer = post(client, {**EVENT, field: value})
        assert answer.status_code == 400
        assert list(answer.json()) == [field]
        assert Event.objects.count() == 0

    @pytest.mark.one_database
    @pytest.mark.parametrize("body", ["", "{", "null", "7", '"x"', "NaN", b"\xff", "[" * 5000])
    def test_a_body_that_is_no_event_is_refused(self, client: Client, body: Any) -> None:
        answer = client.generic("POST", "/events/", body, content_type="application/json")
        assert answer.status_code == 400

    @pytest.mark.one_database
    def test_other_content_types_are_unsupported(self, client: Client) -> None:
        assert client.post("/events/", EVENT).status_code == 415

    @pytest.mark.one_database
    def test_a_body_beyond_the_limit_is_too_large(self, client: Client) -> None:
        body = b'"' + b"x" * (8 * 1024 * 1024) + b'"'
        answer = client.generic("POST", "/events/", body, content_type="application/json")
        assert answer.status_code == 413

    @pytest.mark.one_database
    def test_other_methods_are_not_allowed(self, client: Client) -> None:
        for method in ("PUT", "PATCH", "DELETE"):
            assert client.generic(method, "/events/").status_code == 405

    def test_the_ledger_is_append_only(self, client: Client) -> None:
        post(client, EVENT)
        event = Event.objects.get()
        for change in (
            event.save,
            event.delete,
            Event.objects.all().delete,
            lambda: Event.objects.update(hotel_id=1),
            lambda: Event.objects.create(hotel_id=1),
        ):
            with pytest.raises(AppendOnlyError):
                change()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


class TestAnyBody(TestCase):
    databases = {"data_provider"}

    @given(
        st.fixed_dictionaries({}, optional={name: JSON | st.just(EVENT[name]) for name in EVENT})
    )
    def test_no_body_makes_a_server_error(self, body: dict[str, Any]) -> None:
        assert post(self.client, body).status_code in (200, 201, 400)

    @given(
        st.datetimes(timezones=st.timezones()),
        st.dates(),
        st.uuids(),
        st.integers(-10, 2**32),
        st.integers(0, 4),
    )
    @example(datetime(2026, 5, 1, tzinfo=UTC), date(2026, 6, 1), uuid.UUID(int=7), 1, 3)
    @example(datetime(2026, 5, 1, tzinfo=UTC), date(2026, 6, 1), uuid.UUID(int=7), 1, 4)
    def test_accepted_exactly_when_every_field_is_in_bounds(
        self, moment: Any, night: Any, reservation: uuid.UUID, hotel: int, status: int
    ) -> None:
        body = {
            "hotel_id": hotel,
            "event_timestamp": moment.isoformat(),
            "status": status,
            "room_reservation_id": str(reservation),
            "night_of_stay": str(night),
        }
        plausible = 1901 <= moment.year <= 2198 and 1900 <= night.year <= 2199
        right = plausible and 1 <= hotel <= 2_147_483_647 and 1 <= status <= 3
        answer = post(self.client, body)
        if right and moment.utcoffset().seconds % 60 == 0:
            assert answer.status_code in (200, 201)
        elif not 1899 <= moment.year <= 2200 or not 1900 <= night.year <= 2199 or status in (0, 4):
            assert answer.status_code == 400
