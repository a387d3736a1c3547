"""Groups of hotels: who sees and changes which, and what is refused."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from common.access_rights import Ability, Access
from dashboard_service.models import HotelFigures
from overview.models import GroupMember, HotelGroup
from overview.portfolio.hotel_groups import (
    InvalidGroup,
    delete_group,
    save_group,
    visible_groups,
)

pytestmark = pytest.mark.django_db(databases=["default", "dashboard_service", "pricing_service"])


def access(*hotels: int, may_change: bool = True) -> Access:
    abilities = {Ability.READ_DASHBOARD} | ({Ability.CHANGE_HOTELS} if may_change else set())
    return Access("mia", "user 1", frozenset(abilities), frozenset(hotels), is_known=True)


def test_it_works() -> None:
    made = save_group(access(1, 2, 3), None, "  Berge  und Seen ", {1, 2})
    assert (made.name, made.hotels) == ("Berge und Seen", frozenset({1, 2}))
    save_group(access(1, 2, 3), made.number, "Seen", {2, 3})
    [group] = visible_groups(access(1, 2, 3))
    assert (group.name, group.hotels, group.may_change) == ("Seen", frozenset({2, 3}), True)
    delete_group(access(2, 3), made.number)
    assert not GroupMember.objects.exists()


def test_a_user_sees_own_hotels_of_a_group_only_and_may_not_change_it() -> None:
    made = save_group(access(1, 2), None, "Berge", {1, 2})
    [group] = visible_groups(access(2, 9))
    assert (group.hotels, group.may_change) == (frozenset({2}), False)
    assert visible_groups(access(9)) == []
    with pytest.raises(InvalidGroup, match="may not change the group “Berge”"):
        save_group(access(2, 9), made.number, "Mine", {2})
    with pytest.raises(InvalidGroup, match="no such group"):
        delete_group(access(9), made.number)
    assert GroupMember.objects.count() == 2


def test_a_name_that_only_others_use_is_free() -> None:
    """Else one would learn that others have a group of that name."""
    save_group(access(1), None, "Berge", {1})
    save_group(access(2), None, "Berge", {2})
    with pytest.raises(InvalidGroup, match="“Berge” already"):
        save_group(access(2), None, "Berge", {2})


@pytest.mark.parametrize(
    ("who", "name", "hotels", "reason"),
    [
        (access(1), "", {1}, "a name"),
        (access(1), "x" * 61, {1}, "61 characters"),
        (access(1), "Berge", set(), "Choose"),
        (access(1), "Berge", {1, 2}, "not yours"),
        (access(1, may_change=False), "Berge", {1}, "may not change hotels"),
    ],
)
def test_what_is_refused_changes_nothing(
    who: Access, name: str, hotels: set[int], reason: str
) -> None:
    with pytest.raises(InvalidGroup, match=reason):
        save_group(who, None, name, hotels)
    assert not HotelGroup.objects.exists()


class TestPage:
    @pytest.fixture(autouse=True)
    def hotels(self) -> None:
        for number in (1, 2):
            HotelFigures.objects.create(hotel_id=number, changed_at=timezone.now())

    def post(self, client: Client, **form: Any) -> Any:
        return client.post("/hotels/groups/", form)

    def test_a_group_is_made_renamed_and_deleted_by_forms(self, client: Client) -> None:
        answer = self.post(client, name="Berge", hotel=["1", "2"])
        group = HotelGroup.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, f"/hotels?group={group.pk}")
        page = client.get(f"/hotels/groups/?group={group.pk}").content.decode()
        assert page.count(" checked>") == 2
        self.post(client, name="Seen", hotel="2", group=str(group.pk))
        assert visible_groups(access(1, 2))[0].hotels == {2}
        self.post(client, delete="1", group=str(group.pk))
        assert not HotelGroup.objects.exists()

    def test_a_wrong_form_says_why_and_keeps_what_was_typed(self, client: Client) -> None:
        answer = self.post(client, name="", hotel="2")
        page = answer.content.decode()
        assert answer.status_code == 400
        assert "Give the group a name." in page
        assert 'value="2" checked>' in page
        for hotel in ("x", "99999999999", "-1"):
            assert self.post(client, name="B", hotel=hotel, group="x").status_code in (302, 400)
