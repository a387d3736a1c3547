"""Forms of the page of a hotel's people: what is typed there, read and checked."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Role, parse_hotel_numbers
from accounts.people.invitation_model import MAX_ADDRESS
from common.value_limits import MAX_HOTEL_ID

MAX_HOTELS_OF_INVITATION = 100
# What may stand in a log's line and a user's name; quoted parts of addresses may not.
_PLAIN_ADDRESS = re.compile(r"[^\s\"\\<>,;]+@[^\s\"\\<>,;]+")


def plain_address(text: str) -> str:
    """Return a mail address in small letters. Raises: ValidationError."""
    if not _PLAIN_ADDRESS.fullmatch(text) or not text.isprintable():
        raise ValidationError(_("Give a mail address like mia@hotel.example."))
    return text.lower()


class HotelForm(forms.Form):
    """What every form of the page has: the hotel that the page shows."""

    hotel_id = forms.IntegerField(min_value=1, max_value=MAX_HOTEL_ID)


class InviteForm(HotelForm):
    """An invitation. Hotels are ticked, or typed as numbers where there are too many to tick."""

    address = forms.EmailField(max_length=MAX_ADDRESS)
    role = forms.ChoiceField(choices=Role)
    hotels = forms.TypedMultipleChoiceField(coerce=int, required=False)
    hotel_numbers = forms.CharField(required=False, max_length=1_200)

    def __init__(self, *args: Any, tickable: dict[int, str], **options: Any) -> None:
        super().__init__(*args, **options)
        chosen: Any = self.fields["hotels"]
        chosen.choices = list(tickable.items())

    def clean_address(self) -> str:
        return plain_address(self.cleaned_data["address"])

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        try:
            numbers = parse_hotel_numbers(values.get("hotel_numbers", ""))
        except ValidationError as error:
            self.add_error("hotel_numbers", error)
            return values
        values["chosen"] = numbers | frozenset(values.get("hotels", ()))
        if not self.errors and not values["chosen"]:
            self.add_error("hotels", _("Choose at least one hotel."))
        if len(values["chosen"]) > MAX_HOTELS_OF_INVITATION:
            told = _("Choose at most %(number)d hotels.") % {"number": MAX_HOTELS_OF_INVITATION}
            self.add_error("hotels", told)
        return values


class InvitationForm(HotelForm):
    """Which invitation a button is about."""

    invitation = forms.IntegerField(min_value=1, max_value=2**62)


class MemberForm(HotelForm):
    """Which person a button is about."""

    user = forms.IntegerField(min_value=1, max_value=2**31 - 1)


class RoleForm(MemberForm):
    """Another role of a person."""

    role = forms.ChoiceField(choices=Role)
