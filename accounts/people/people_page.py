"""The page of a hotel's people at `/people/`, and what its buttons do.

It is for those who manage the hotel. It needs no script: each button is a form, which leads back to
the page with a line that says what was done.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Invitation, Role
from accounts.people import invitations, members
from accounts.people.mail_or_link import deliver
from accounts.people.people_error import PeopleError
from accounts.people.people_forms import HotelForm, InvitationForm, InviteForm, MemberForm, RoleForm
from common import hotel_directory
from common.access_rights import Ability, Access, access_of
from common.html_pages import read_page_query, render_message
from common.mails import mail_is_sent
from common.strict_input import HotelField, QuerySerializer

LISTED_HOTELS = 500  # with more, the page has an input for the number instead of a list
TICKED_HOTELS = 20  # with more, hotels of an invitation are typed
NO_HOTEL = gettext_lazy("%(name)s manages no hotel")
LINK_KEY = "invitation_link"  # in the session, until the page has shown it once


class PeopleQuery(QuerySerializer):
    """Query parameters of the page."""

    hotel_id = HotelField(required=False)


def hotels_of_page(access: Access) -> dict[int, str]:
    """Return the hotels that the page's choice offers, by number: those the sender manages."""
    directory = hotel_directory.hotels()
    if access.manages is None:
        return directory.names(directory.with_figures(LISTED_HOTELS + 1))
    return directory.names(access.manages)


def chosen_hotel(
    request: HttpRequest, query: dict[str, Any], hotels: dict[int, str]
) -> int | HttpResponse:
    """Return the hotel of a page for managers, or the page that says why there is none."""
    access = access_of(request)
    hotel_id: int | None = query.get("hotel_id") or next(iter(hotels), None)
    if hotel_id is None and access.manages is None:
        return render(request, "accounts/no_hotels.html")
    if hotel_id is None or not access.may_manage_people(hotel_id):
        values = {"name": access.name, "hotel": hotel_id}
        manages = _("%(name)s does not manage hotel %(hotel)s") if hotel_id else NO_HOTEL
        return render_message(request, 403, forbidden=manages % values)
    return hotel_id


@never_cache
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Return the page of the hotel in the address, or of the first one."""
    query = read_page_query(request, PeopleQuery, Ability.READ_DASHBOARD, "the people of hotels")
    if isinstance(query, HttpResponse):
        return query
    return _page(request, query)


def _page(
    request: HttpRequest, query: dict[str, Any], form: InviteForm | None = None
) -> HttpResponse:
    access = access_of(request)
    hotels = hotels_of_page(access)
    hotel_id = chosen_hotel(request, query, hotels)
    if isinstance(hotel_id, HttpResponse):
        return hotel_id
    directory = hotel_directory.hotels()
    context = {
        "hotels": hotels,
        "listed_hotels": LISTED_HOTELS,
        "tickable": _tickable(access, hotel_id),
        "hotel_id": hotel_id,
        "hotel_name": directory.names([hotel_id])[hotel_id],
        "time_zone": directory.time_zone(hotel_id),
        "members": members.members_of(hotel_id),
        "invitations": invitations.open_invitations(hotel_id),
        "roles": Role,
        "form": form,
        "mail_is_sent": mail_is_sent(),
        "link": request.session.pop(LINK_KEY, None) if access.by_session else None,
    }
    return render(request, "accounts/people.html", context, status=400 if form else 200)


def _tickable(access: Access, hotel_id: int) -> dict[int, str]:
    """Return the hotels to tick for an invitation, by number; only the shown one if too many."""
    if access.manages is not None and len(access.manages) <= TICKED_HOTELS:
        return hotel_directory.hotels().names(access.manages)
    return hotel_directory.hotels().names([hotel_id])


View = Callable[[HttpRequest, dict[str, Any]], str]


def _button(form_class: type[HotelForm]) -> Callable[[View], Callable[..., HttpResponse]]:
    """Make a view of a function that does what a button says and returns what was done."""

    def decorate(act: View) -> Callable[..., HttpResponse]:
        @require_POST
        @wraps(act)
        def view(request: HttpRequest) -> HttpResponse:
            form = form_class(request.POST)
            if not form.is_valid():
                return render_message(request, 400, parameter_errors=list(form.errors.items()))
            hotel_id: int = form.cleaned_data["hotel_id"]
            if refusal := _refusal(request, hotel_id):
                return refusal
            try:
                messages.success(request, act(request, form.cleaned_data))
            except PeopleError as error:
                messages.error(request, str(error))
            return redirect(f"{reverse('people')}?hotel_id={hotel_id}")

        return view

    return decorate


def _refusal(request: HttpRequest, hotel_id: int) -> HttpResponse | None:
    """Return the page for those who may not act for a hotel: a person who manages it may."""
    access = access_of(request)
    if access.by_session and access.may_manage_people(hotel_id):
        return None
    values = {"name": access.name, "hotel": hotel_id}
    reason = _("%(name)s does not manage the people of hotel %(hotel)s") % values
    return render_message(request, 403, forbidden=reason)


@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody; a wrong form comes back with what is wrong."""
    shown = HotelForm(request.POST)
    if not shown.is_valid():
        return render_message(request, 400, parameter_errors=list(shown.errors.items()))
    hotel_id: int = shown.cleaned_data["hotel_id"]
    if refusal := _refusal(request, hotel_id):
        return refusal
    form = InviteForm(request.POST, tickable=_tickable(access_of(request), hotel_id))
    if form.is_valid():
        values = form.cleaned_data
        try:
            made = invitations.invite(
                by=request.user,
                address=values["address"],
                hotels=values["chosen"],
                role=values["role"],
            )
        except PeopleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _send(request, made))
            return redirect(f"{reverse('people')}?hotel_id={hotel_id}")
    return _page(request, {"hotel_id": hotel_id}, form)


def _send(request: HttpRequest, invitation: Invitation) -> str:
    """Send an invitation, or keep its link for the page; return what was done."""
    link = deliver(invitation, request.build_absolute_uri("/"))
    if link is None:
        return _("The invitation is on its way to %(address)s.") % {"address": invitation.address}
    request.session[LINK_KEY] = {"address": invitation.address, "link": link}
    told = {"address": invitation.address}
    return _("%(address)s is invited: pass on the link below.") % told


@_button(InvitationForm)
def resend(request: HttpRequest, values: dict[str, Any]) -> str:
    """Send an invitation again, with another link."""
    renewed = invitations.renew(
        by=request.user, hotel_id=values["hotel_id"], invitation_id=values["invitation"]
    )
    return _send(request, renewed)


@_button(InvitationForm)
def withdraw(request: HttpRequest, values: dict[str, Any]) -> str:
    """Withdraw an invitation."""
    withdrawn = invitations.withdraw(
        by=request.user, hotel_id=values["hotel_id"], invitation_id=values["invitation"]
    )
    told = {"address": withdrawn.address}
    return _("The invitation of %(address)s to this hotel is withdrawn.") % told


@_button(RoleForm)
def change_role(request: HttpRequest, values: dict[str, Any]) -> str:
    """Give a person another role."""
    role = Role(values["role"])
    user = members.change_role(
        by=request.user, hotel_id=values["hotel_id"], user_id=values["user"], role=role
    )
    return _("%(user)s now %(role)s.") % {"user": user, "role": role.label}


@_button(MemberForm)
def remove(request: HttpRequest, values: dict[str, Any]) -> str:
    """Take the hotel from a person."""
    user = members.remove(by=request.user, hotel_id=values["hotel_id"], user_id=values["user"])
    return _("%(user)s has no access to this hotel any more.") % {"user": user}
