"""The people of a hotel: shown to its managers, changed and removed by them, at once."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.hotel_roles import roles_of
from accounts.models import AuditEntry, HotelAccess, Invitation, Role
from accounts.people import members
from accounts.people.people_error import PeopleError
from accounts.tests.integration.conftest import create_key, get, log_in, make_user

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]


@pytest.fixture
def mia() -> Any:
    return make_user("mia", manages="1")


@pytest.fixture
def tom() -> Any:
    return make_user("tom", decides="1,2")


def page(user: Any, hotel: int = 1) -> Any:
    return log_in(user).get(f"/people/?hotel_id={hotel}")


def post(by: Any, act: str, user: Any, hotel: int = 1, **fields: str) -> Any:
    data = {"hotel_id": hotel, "user": user.pk, **fields}
    return log_in(by).post(f"/people/{act}/", data, follow=True)


def test_the_page_shows_the_hotel_s_people_only(mia: Any, tom: Any) -> None:
    make_user("eva", manages="11")  # has the digit
    html = page(mia).content.decode()
    assert f'id="user-{tom.pk}"' in html
    assert f'id="user-{mia.pk}"' in html
    assert "eva" not in html


def test_a_hotel_with_many_people_takes_few_queries(
    mia: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        make_user(f"user {number}", sees="1")
    client = log_in(mia)
    client.get("/people/?hotel_id=1")
    with django_assert_max_num_queries(25):
        client.get("/people/?hotel_id=1")


@pytest.mark.parametrize("path", ["/people/?hotel_id=1", "/people/audit/?hotel_id=1"])
@pytest.mark.parametrize("rights", [{"decides": "1"}, {"sees": "1"}, {"manages": "2"}, {}])
def test_others_see_neither_people_nor_log(path: str, rights: Any, mia: Any) -> None:
    response = log_in(make_user("ada", **rights)).get(path)
    assert response.status_code == 403
    assert f"user-{mia.pk}" not in response.content.decode()


@pytest.mark.parametrize("path", ["/people/", "/people/audit/"])
def test_keys_and_strangers_do_not_either(path: str) -> None:
    key = create_key("pms", "--all-hotels", "--may", "read_dashboard", "--may", "change_hotels")
    assert get(key, f"{path}?hotel_id=1").status_code == 403
    assert Client().get(path).headers["Location"] == f"/login/?next={path}"


@pytest.mark.parametrize("query", ["hotel=1", "hotel_id=x", "hotel_id=1&hotel_id=2", "hotel_id="])
def test_a_wrong_address_is_refused(mia: Any, query: str) -> None:
    for path in ("/people/", "/people/audit/"):
        assert log_in(mia).get(f"{path}?{query}").status_code == 400


def test_a_role_is_changed_and_takes_effect_in_the_running_session(mia: Any, tom: Any) -> None:
    session = log_in(tom)
    body = {"base_price": 90}
    path = "/prices/hotels/1/"
    assert session.patch(path, body, content_type="application/json").status_code == 200
    response = post(mia, "role", tom, role="see")
    assert "tom now sees figures and prices." in response.content.decode()
    assert session.patch(path, body, content_type="application/json").status_code == 403
    assert session.get("/dashboard/?hotel_id=1").status_code == 200
    assert roles_of(tom) == {1: Role.SEE, 2: Role.DECIDE}


def test_a_removed_member_s_session_loses_access_at_once(mia: Any, tom: Any) -> None:
    session = log_in(tom)
    assert session.get("/?hotel_id=1").status_code == 200
    post(mia, "remove", tom)
    for path in ("/?hotel_id=1", "/pricing/?hotel_id=1", "/dashboard/?hotel_id=1"):
        assert session.get(path).status_code == 403, path
    assert session.get("/dashboard/?hotel_id=2").status_code == 200
    details = AuditEntry.objects.filter(act="removed").values_list("who", "hotel_id", "details")
    assert list(details) == [("mia", 1, "tom (decide)")]


@pytest.mark.parametrize("act", ["role", "remove"])
@pytest.mark.parametrize("rights", [{"decides": "1"}, {"sees": "1"}, {"manages": "2"}])
def test_nobody_but_its_managers_changes_a_hotel_s_people(mia: Any, act: str, rights: Any) -> None:
    by = make_user("ada", **rights)
    for user in (mia, by):
        fields = {"hotel_id": 1, "user": user.pk, "role": "manage"}
        assert log_in(by).post(f"/people/{act}/", fields).status_code == 403
    assert roles_of(mia) == {1: Role.MANAGE}
    assert Role.MANAGE not in {roles_of(by).get(1)}


@pytest.mark.parametrize("act", ["role", "remove"])
def test_a_manager_touches_nobody_of_another_hotel(mia: Any, act: str) -> None:
    other = make_user("eva", decides="2")
    assert post(mia, act, other, hotel=2, role="see").status_code == 403
    html = post(mia, act, other, hotel=1, role="manage").content.decode()
    assert "not one of the hotel&#x27;s people" in html
    assert roles_of(other) == {2: Role.DECIDE}


@pytest.mark.parametrize("act", ["role", "remove"])
def test_nobody_changes_their_own_role_so_that_a_manager_stays(mia: Any, act: str) -> None:
    assert "Nobody changes their own role" in post(mia, act, mia, role="see").content.decode()
    assert roles_of(mia) == {1: Role.MANAGE}


def test_a_manager_who_was_removed_meanwhile_removes_nobody(mia: Any) -> None:
    """Two managers remove each other: the second one is no manager any more."""
    eva = make_user("eva", manages="1")
    members.remove(by=mia, hotel_id=1, user_id=eva.pk)
    with pytest.raises(PeopleError, match="do not manage"):
        members.remove(by=eva, hotel_id=1, user_id=mia.pk)
    assert roles_of(mia) == {1: Role.MANAGE}


@pytest.mark.parametrize(
    "fields", [{"user": "x"}, {"user": ""}, {"role": "owner"}, {"role": ""}, {"hotel_id": "0"}]
)
def test_wrong_fields_change_nothing(mia: Any, tom: Any, fields: Any) -> None:
    data = {"hotel_id": 1, "user": tom.pk, "role": "manage", **fields}
    assert log_in(mia).post("/people/role/", data).status_code == 400
    assert roles_of(tom) == {1: Role.DECIDE, 2: Role.DECIDE}


@pytest.mark.parametrize("act", ["invite", "resend", "withdraw", "role", "remove"])
def test_only_a_post_acts(mia: Any, act: str) -> None:
    assert log_in(mia).get(f"/people/{act}/?hotel_id=1").status_code == 405


def test_a_permission_of_the_operator_is_said(mia: Any) -> None:
    ada = make_user("ada", sees="1")
    ada.user_permissions.add(Permission.objects.get(codename="change_nightprice"))
    assert "the operator of this system permits it" in page(mia).content.decode()


def test_a_superuser_manages_every_hotel(tom: Any) -> None:
    root = get_user_model().objects.create_superuser("root")
    post(root, "role", tom, role="manage")
    assert roles_of(tom)[1] == Role.MANAGE
    assert log_in(root).get("/people/").status_code == 200, "no hotels yet"


def test_in_an_open_system_nobody_is_invited(settings: Any, tom: Any) -> None:
    settings.API_AUTH = "open"
    html = Client().get("/people/?hotel_id=1").content.decode()
    assert "Nobody is logged in" in html
    assert Client().post("/people/remove/", {"hotel_id": 1, "user": tom.pk}).status_code == 403
    assert roles_of(tom)


def test_the_header_leads_managers_to_their_people(mia: Any, tom: Any) -> None:
    assert 'href="/people?hotel_id=1">People' in page(mia).content.decode()
    assert ">People</a>" not in log_in(tom).get("/?hotel_id=1").content.decode()


def test_roles_given_in_the_admin_are_logged_and_come_from_superusers_only(tom: Any) -> None:
    staff = get_user_model().objects.create_user("sam", is_staff=True)
    for model in ("user", "hotelaccess"):
        staff.user_permissions.add(*Permission.objects.filter(content_type__model=model))
    stored = HotelAccess.objects.get(user=tom)
    fields = {
        "username": "tom", "is_active": "on", "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00", "hotel_access-TOTAL_FORMS": "1",
        "hotel_access-INITIAL_FORMS": "1", "hotel_access-0-id": stored.pk,
        "hotel_access-0-user": tom.pk, "hotel_access-0-hotels": "1, 2",
        "hotel_access-0-decides": "1", "hotel_access-0-manages": "2",
    }  # fmt: skip
    path = f"/admin/auth/user/{tom.pk}/change/"
    log_in(staff).post(path, fields)
    assert roles_of(tom) == {1: Role.DECIDE, 2: Role.DECIDE}
    root = get_user_model().objects.create_superuser("root")
    log_in(root).post(path, fields)
    assert roles_of(tom) == {1: Role.DECIDE, 2: Role.MANAGE}
    logged = AuditEntry.objects.filter(act="assigned").values_list("who", "hotel_id")
    assert list(logged) == [("root", 2)]


def test_an_invitation_that_another_site_posts_is_refused(mia: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = log_in(mia).cookies
    fields = {"hotel_id": 1, "address": "lea@hotel.test", "role": "see", "hotels": [1]}
    assert client.post("/people/invite/", fields).status_code == 403
    assert not Invitation.objects.exists()
