"""Logging in: name or mail address and password, then the second factor of those who have one.

There is no other way to log in: the admin's own login page leads here. Between the two steps nobody
is logged in; the session remembers for some minutes whose password was right. Wrong codes count as
wrong passwords do: five lock the name for that address.
"""

import time
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_lockout_response
from django import forms
from django.contrib.auth import get_user_model, login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import audit_log
from accounts.audit_entry_model import Act
from accounts.hotel_roles import find_user
from accounts.own_account import second_factor
from common.html_pages import render_message

PENDING_KEY = "login_pending"  # in the session
PENDING_SECONDS = 600


class NameOrAddressForm(AuthenticationForm):
    """Takes a mail address in place of the name, and both in capitals or not."""

    def clean(self) -> dict[str, Any]:
        user = find_user(self.cleaned_data.get("username", ""))
        if user is not None:
            self.cleaned_data["username"] = user.get_username()
        return super().clean()


class LoginPage(LoginView):
    """`/login/`"""

    form_class = NameOrAddressForm
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context, is_reset="reset" in self.request.GET)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user: Any = form.get_user()
        if second_factor.confirmed_device(user) is None:
            return super().form_valid(form)
        self.request.session.cycle_key()
        self.request.session[PENDING_KEY] = {
            "user": user.pk,
            "backend": user.backend,
            "password": user.get_session_auth_hash(),
            "until": time.time() + PENDING_SECONDS,
            "next": self.get_success_url(),
        }
        return redirect("login-code")


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(max_length=40)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """`/login/code/`: the second step."""
    pending: dict[str, Any] = request.session.get(PENDING_KEY) or {}
    user = _pending_user(pending)
    if user is None:
        request.session.pop(PENDING_KEY, None)
        return redirect("login")
    if request.method != "POST":
        return render(request, "accounts/login_code.html")
    credentials = {"username": user.get_username()}
    if not AxesProxyHandler.is_allowed(request, credentials):
        locked: HttpResponse = get_lockout_response(request, credentials)
        return locked
    form = CodeForm(request.POST)
    code: str = form.cleaned_data["code"] if form.is_valid() else ""
    is_recovery = second_factor.looks_like_recovery_code(code)
    check = second_factor.use_recovery_code if is_recovery else second_factor.is_right_code
    if not check(user, code):
        user_login_failed.send(sender=__name__, credentials=credentials, request=request)
        return render(request, "accounts/login_code.html", {"is_wrong": True}, status=400)
    del request.session[PENDING_KEY]
    login(request, user, pending["backend"])
    if is_recovery:
        left = second_factor.recovery_codes_left(user)
        audit_log.own_act(Act.RECOVERY_USED, user, request, f"{left} left")
    return redirect(pending["next"])


def _pending_user(pending: dict[str, Any]) -> Any | None:
    """Return the user whose password was right, unless that is long ago or it has changed."""
    if not pending or time.time() > pending["until"]:
        return None
    user: Any = get_user_model()._default_manager.filter(pk=pending["user"], is_active=True).first()
    if user is None or second_factor.confirmed_device(user) is None:
        return None
    is_same = constant_time_compare(user.get_session_auth_hash(), pending["password"])
    return user if is_same else None


@never_cache
def admin_login(request: HttpRequest) -> HttpResponse:
    """`/admin/login/`: the admin's pages send everybody here whom they do not let in."""
    user: Any = request.user
    if not user.is_authenticated:
        following = request.GET.get("next", reverse("admin:index"))
        login_page = reverse("login", query={"next": following})
        return redirect(login_page)
    if user.is_active and user.is_staff:
        return redirect("admin:index")
    return render_message(request, 403, forbidden=f"{user} is not staff: the admin is for staff")
