"""No query string makes an admin list a 500, on SQLite and on PostgreSQL."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings as django_settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Model, QuerySet
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# Outside of a transaction, which an error of the database would spoil for the next request.
pytestmark = pytest.mark.django_db(transaction=True, databases=list(django_settings.DATABASES))

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
EVENTS = "admin:data_provider_event_changelist"
ALLOWED = {200, 302, 400, 404}

LOOKUPS = (
    "", "exact", "iexact", "contains", "icontains", "in", "gt", "gte", "lt", "lte", "startswith",
    "endswith", "range", "isnull", "regex", "iregex", "date", "year", "iso_year", "month", "day",
    "week", "week_day", "quarter", "time", "hour", "minute", "year__gte", "year__in", "date__year",
    "date__gte", "hour__lt", "id", "pk", "no_such_lookup", "_", "key__0", "contained_by", "len",
)  # fmt: skip
VALUES = (
    "", "0", "1", "-1", "9999", "10000", "2147483648", "99999999999999999999", "9" * 400, "1e999",
    "nan", "Infinity", "x", "\0", "1\0", "\ud800", "é", "[", "(", "*", "\\", "%", "'", '"', "{}",
    "null", "True", "None", "2024-02-30", "2024-02-29", "0000-00-00", "0001-01-01",
    "9999-12-31T23:59:59+14:00",
    "0001-01-01T00:00:00+14:00", "1,2", "1,99999999999999999999", ",", ",".join(["1"] * 2_000),
    "3f2b8c1e-0d4a-4b6e-9a51-0123456789ab", "-1.-2.999999999999", "999999999999", "\u0661",
)  # fmt: skip
FAILING_LOOKUPS = (
    ("__year", "0"), ("__year__in", "99999"), ("__in", "9" * 20), ("", "1\0"), ("__regex", "("),
    ("__contained_by", ""), ("__gte", "x"), ("__date", "0000-00-00"), ("__isnull", "x"),
    ("__range", "0"),
)  # fmt: skip
OWN_PARAMETERS = ("o", "p", "e", "q", "all", "_facets", "_popup", "_to_field", "ot", "hotel", "\0")


def list_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def queries_for(model: type[Model]) -> st.SearchStrategy[dict[str, str]]:
    fields = [field.name for field in model._meta.get_fields()] + ["pk", "no_such_field"]
    lookups = st.builds(
        lambda field, lookup: f"{field}__{lookup}" if lookup else field,
        st.sampled_from(fields),
        st.sampled_from(LOOKUPS),
    )
    names = st.one_of(lookups, lookups, st.sampled_from(OWN_PARAMETERS), st.text(max_size=8))
    values = st.one_of(st.sampled_from(VALUES), st.sampled_from(VALUES), st.text(max_size=20))
    return st.dictionaries(names, values, min_size=1, max_size=3)


def value_for(field: Any) -> Any:
    match field:
        case models.DateTimeField():
            return datetime(2024, 3, 1, 10, tzinfo=UTC)
        case models.DateField():
            return date(2024, 3, 1)
        case models.UUIDField():
            return uuid.UUID(int=1)
        case models.JSONField():
            return {"a": 1}
        case models.GenericIPAddressField():
            return "127.0.0.1"
        case models.BooleanField():
            return False
        case models.CharField() | models.TextField():
            return field.choices[0][0] if field.choices else "a"
        case _:
            return 1


@pytest.fixture
def staff() -> Iterator[Client]:
    """A superuser's client; every list has a row, because some lookups fail on rows only."""
    client = Client(raise_request_exception=False)
    user = get_user_model().objects.create_superuser("admin", password=None)
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    for model in MODELS:
        relations = any(f.is_relation and not f.auto_created for f in model._meta.get_fields())
        if not relations and not QuerySet(model).exists():
            fields = [f for f in model._meta.concrete_fields if f.get_default() is None]
            row = {f.attname: value_for(f) for f in fields}
            QuerySet.bulk_create(QuerySet(model), [model(**row)])
    yield client


def assert_answered(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code in ALLOWED, (address, response.status_code)
    if response.status_code == 302:  # to the list without filters, or Django's "?e=1"
        assert response["Location"] in (path := address.partition("?")[0], f"{path}?e=1")


def test_no_query_string_makes_a_list_a_500(staff: Client) -> None:
    for model in MODELS:
        assert staff.get(list_of(model)).status_code == 200
    lists = st.sampled_from(MODELS)
    addressed = lists.flatmap(lambda model: st.tuples(st.just(model), queries_for(model)))

    @settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], database=None)
    @given(addressed)
    def check(request: tuple[type[Model], dict[str, str]]) -> None:
        model, query = request
        address = f"{list_of(model)}?{urlencode(query, errors='surrogatepass')}"
        assert_answered(staff, address)

    check()


def test_no_lookup_of_any_kind_of_field_makes_a_list_a_500(staff: Client) -> None:
    """Each kind of field once; a random query string seldom meets a lookup that fails."""
    kinds: dict[type, tuple[type[Model], str]] = {}
    for model in MODELS:
        for field in model._meta.concrete_fields:
            kinds.setdefault(type(field), (model, field.name))
    assert len(kinds) > 10
    for model, name in kinds.values():
        for lookup, value in FAILING_LOOKUPS:
            assert_answered(staff, f"{list_of(model)}?{urlencode({name + lookup: value})}")


def test_odd_filters_of_the_ledger(staff: Client) -> None:
    for query in (
        "timestamp__year=0", "timestamp__year=99999", "id__in=99999999999999999999",
        "night_of_stay__gte=x", "hotel_id=99999999999999999999", "hotel_id=1%00",
        "hotel=99999999999999999999", "hotel=%D9%A1", "room_reservation_id__regex=(",
        "id__regex=(", "o=999999999999", "o=-1.x", "p=-1", "p=99999999999999999999", "p=x", "e=1",
        "_facets", "_facets=1", "all=", "q=%00", "q=hotel:0", "q=hotel:9999999999", "%00=1",
        "%ff=%ff", "id__exact=%E0%A4", "_popup=1&_to_field=x", f"id__in={','.join(['1'] * 9_000)}",
    ):  # fmt: skip
        assert_answered(staff, f"{reverse(EVENTS)}?{query}")


def test_a_refused_filter_is_said_on_the_list_that_follows(
    staff: Client, caplog: pytest.LogCaptureFixture
) -> None:
    address = reverse(EVENTS)
    page = staff.get(f"{address}?timestamp__year=0", follow=True)
    assert page.redirect_chain == [(address, 302)]
    assert "timestamp__year" in page.content.decode()
    [line] = [record for record in caplog.records if record.name == "common.admin_filters"]
    assert "timestamp__year" in line.getMessage()
    assert line.exc_info is None


def test_an_error_without_a_filter_is_not_hidden(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> str:
        raise ValueError("a bug")

    monkeypatch.setattr("data_provider.admin.EventAdmin.night", broken)
    assert staff.get(reverse(EVENTS)).status_code == 500


def test_odd_keys_of_a_row_are_not_found(staff: Client) -> None:
    for model in MODELS:
        for key in ("0", "99999999999999999999", "é_00"):
            for page in ("change", "history"):
                response = staff.get(f"{list_of(model)}{quote(key)}/{page}/")
                assert response.status_code in {302, 403, 404}, (model, page, key)
