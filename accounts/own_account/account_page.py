"""The page of one's own login at `/account/`: sessions, second factor, recovery codes.

Whatever changes how a person logs in needs their password again, which counts as a login does: a
borrowed session must not be a way to lock its owner out.
"""

from base64 import b32encode
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit_log
from accounts.audit_entry_model import Act
from accounts.own_account import login_sessions, second_factor
from common.html_pages import render_message

WRONG_PASSWORD = _("That is not your password.")
WRONG_CODE = _(
    "That code is not right. Take the one that the app shows now; after several wrong ones wait "
    "a minute."
)
OTHERS = "others"  # in place of a session's number


class PasswordForm(forms.Form):
    """The password, asked again."""

    password = forms.CharField(max_length=4096, strip=False)


class EnrolForm(PasswordForm):
    """The first code of an authenticator app."""

    code = forms.CharField(max_length=20)


def _has_right_password(request: HttpRequest, password: str) -> bool:
    name = request.user.get_username()
    return authenticate(request, username=name, password=password) == request.user


@never_cache
@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Return the page."""
    context = {
        "sessions": login_sessions.sessions_of(request.user),
        "session_key": request.session.session_key,
        "device": second_factor.confirmed_device(request.user),
        "codes_left": second_factor.recovery_codes_left(request.user),
    }
    return render(request, "accounts/account.html", context)


@require_POST
@login_required
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End one of the user's sessions, or all but this one."""
    which = request.POST.get("session", "")
    if which == OTHERS:
        number = login_sessions.end_sessions(request.user, but=request.session.session_key)
        audit_log.own_act(Act.SESSIONS_ENDED, request.user, request, "all others")
        messages.success(
            request, _("All your other logins have ended.") if number else _("No other.")
        )
        return redirect("account")
    if not (which.isascii() and which.isdigit() and len(which) < 19):
        return render_message(request, 400, parameter_errors=[("session", [_("is no number")])])
    if login_sessions.end_session(request.user, int(which)):
        audit_log.own_act(Act.SESSIONS_ENDED, request.user, request, "one")
        messages.success(request, _("That login has ended."))
    else:
        messages.error(request, _("That login had ended already."))
    return redirect("account")


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Show the QR code; turn the second factor on with the app's first code."""
    if second_factor.confirmed_device(request.user) is not None:
        return redirect("account")
    if request.method != "POST":
        return _enrol_page(request)
    form = EnrolForm(request.POST)
    if not form.is_valid():
        return _enrol_page(request, _("Give the code that the app shows, and your password."))
    if not _has_right_password(request, form.cleaned_data["password"]):
        return _enrol_page(request, WRONG_PASSWORD)
    codes = second_factor.confirm(request.user, form.cleaned_data["code"])
    if codes is None:
        return _enrol_page(request, WRONG_CODE)
    # The other sessions began without the second factor.
    login_sessions.end_sessions(request.user, but=request.session.session_key)
    audit_log.own_act(Act.FACTOR_ON, request.user, request)
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "is_new": True})


def _enrol_page(request: HttpRequest, wrong: Any = "") -> HttpResponse:
    device = second_factor.device_to_enrol(request.user)
    picture = segno.make(device.config_url, error="m", micro=False).svg_inline(
        scale=4, border=4, svgclass="qr", lineclass=None, omitsize=True
    )
    secret = b32encode(device.bin_key).decode().rstrip("=")
    context = {
        "picture": mark_safe(picture),  # noqa: S308  # made of squares, not of text
        "secret": [secret[start : start + 4] for start in range(0, len(secret), 4)],
        "wrong": wrong,
    }
    return render(request, "accounts/second_factor.html", context, status=400 if wrong else 200)


@sensitive_post_parameters()
@require_POST
@login_required
def turn_off(request: HttpRequest) -> HttpResponse:
    """Turn the second factor off."""
    if _is_confirmed(request):
        second_factor.turn_off(request.user)
        audit_log.own_act(Act.FACTOR_OFF, request.user, request)
        messages.success(request, _("The second factor is off."))
    return redirect("account")


@sensitive_post_parameters()
@never_cache
@require_POST
@login_required
def renew_codes(request: HttpRequest) -> HttpResponse:
    """Replace the recovery codes and show the new ones, once."""
    if second_factor.confirmed_device(request.user) is None or not _is_confirmed(request):
        return redirect("account")
    codes = second_factor.make_recovery_codes(request.user)
    audit_log.own_act(Act.RECOVERY_RENEWED, request.user, request)
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


def _is_confirmed(request: HttpRequest) -> bool:
    """Return whether the form has the user's password; else the next page says that it is wrong."""
    form: Any = PasswordForm(request.POST)
    if form.is_valid() and _has_right_password(request, form.cleaned_data["password"]):
        return True
    messages.error(request, WRONG_PASSWORD)
    return False
