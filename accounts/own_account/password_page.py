"""The page on which a user, staff or not, changes their own password.

A guess of the old password counts as a failed login: so many of one user from one address lock both
logins and this page, because a borrowed session must not be a way to find out the password.
"""

from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from accounts import audit_log
from accounts.audit_entry_model import Act
from accounts.own_account.login_sessions import end_sessions


class OwnPasswordForm(PasswordChangeForm):
    """Asks for the old password as a login does, so that django-axes counts what is wrong."""

    def __init__(self, *args: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        self.request = request

    @sensitive_variables("old_password")
    def clean_old_password(self) -> str:
        old_password: str = self.cleaned_data["old_password"]
        name = self.user.get_username()
        if authenticate(self.request, username=name, password=old_password) != self.user:
            self.add_error("old_password", self.error_messages["password_incorrect"])
        return old_password


class PasswordPage(PasswordChangeView):
    """`/password/`"""

    form_class = OwnPasswordForm
    template_name = "accounts/password.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context, is_changed="changed" in self.request.GET)

    def get_success_url(self) -> str:
        return reverse("password") + "?changed"

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        end_sessions(self.request.user, but=self.request.session.session_key)
        audit_log.own_act(Act.PASSWORD_CHANGED, self.request.user, self.request)
        return response
