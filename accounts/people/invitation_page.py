"""The page behind an invitation's link: accepting it with a new login, or with one's own.

The link leads to a page without it in the address, as a link in an address reaches histories and
logs; until it is accepted the visitor's session keeps it. Whoever has no valid link learns nothing:
all links that are not valid look the same.
"""

from typing import Any

from django import forms
from django.contrib.auth import login, password_validation
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.hotel_roles import find_user
from accounts.models import Invitation, Role
from accounts.people import invitations
from accounts.people.people_error import PeopleError
from common import hotel_directory

TOKEN_KEY = "invitation_token"  # noqa: S105  # in the session
BACKEND = "django.contrib.auth.backends.ModelBackend"
MAX_NAME = 150  # characters of a user's first name


class NewLoginForm(forms.Form):
    """Name and password of somebody who has no login yet."""

    name = forms.CharField(max_length=MAX_NAME)
    password = forms.CharField(max_length=128, strip=False)
    password_again = forms.CharField(max_length=128, strip=False)

    def __init__(self, *args: Any, address: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.address = address

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name.isprintable():
            raise ValidationError(_("A name has letters only."))
        return name

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        password = values.get("password", "")
        if password and password != values.get("password_again"):
            self.add_error("password_again", _("The two passwords differ."))
        if password:
            user = User(
                username=self.address, email=self.address, first_name=values.get("name", "")
            )
            try:
                password_validation.validate_password(password, user)
            except ValidationError as error:
                self.add_error("password", error)
        return values


@never_cache
@require_safe
def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """Keep a valid link's token in the session and go on to the page without it."""
    if invitations.invitation_of(token) is None:
        return _not_valid(request)
    request.session[TOKEN_KEY] = token
    return redirect("invitation")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """Show the invitation, or accept it."""
    token: str = request.session.get(TOKEN_KEY, "")
    invitation = invitations.invitation_of(token)
    if invitation is None:
        return _not_valid(request)
    user = find_user(invitation.address)
    if request.user.is_authenticated and request.user != user:
        return _page(request, invitation, is_somebody_else=True)
    if user is not None and not request.user.is_authenticated:
        return _page(request, invitation, needs_login=True)
    if request.method != "POST":
        return _page(request, invitation)
    if user is not None:
        try:
            invitations.accept_as_user(token, request.user)
        except PeopleError as error:
            return _page(request, invitation, refusal=str(error))
    else:
        form = NewLoginForm(request.POST, address=invitation.address)
        if not form.is_valid():
            return _page(request, invitation, form=form)
        name, password = form.cleaned_data["name"], form.cleaned_data["password"]
        try:
            made = invitations.accept_as_new_user(token, name=name, password=password)
        except PeopleError as error:
            return _page(request, invitation, refusal=str(error))
        login(request, made, BACKEND)
    request.session.pop(TOKEN_KEY, None)
    return redirect("home")


def _page(request: HttpRequest, invitation: Invitation, **more: Any) -> HttpResponse:
    hotels = invitations.offered(invitation)
    context = {
        "invitation": invitation,
        "role": Role(invitation.role),
        "offered": hotel_directory.hotels().names(hotels).values(),
        **more,
    }
    is_wrong = "form" in more or "refusal" in more
    return render(request, "accounts/invitation.html", context, status=400 if is_wrong else 200)


def _not_valid(request: HttpRequest) -> HttpResponse:
    request.session.pop(TOKEN_KEY, None)
    return render(request, "accounts/invitation_not_valid.html", status=410)
