"""The pages of a forgotten password: `/password/forgotten/` and the one behind the mailed link."""

from typing import Any

from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import audit_log
from accounts.audit_entry_model import Act
from accounts.own_account.login_sessions import end_sessions
from accounts.own_account.password_reset import ForgottenForm, queue_links
from accounts.tasks import send_password_links
from common.mails import mail_is_sent

UNAVAILABLE = _("mails cannot be sent at the moment: try again in some minutes")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for the address; send a link to it if it has a login, and say the same if not."""
    context = {"mail_is_sent": mail_is_sent(), "is_asked": "sent" in request.GET}
    if request.method != "POST" or not context["mail_is_sent"]:
        return render(request, "accounts/password_forgotten.html", context)
    form = ForgottenForm(request.POST)
    if not form.is_valid():
        return render(
            request, "accounts/password_forgotten.html", {**context, "form": form}, status=400
        )
    base_url = request.build_absolute_uri("/")
    if not queue_links(send_password_links, form.cleaned_data["address"], base_url):
        return render(
            request,
            "accounts/password_forgotten.html",
            {**context, "refusal": UNAVAILABLE},
            status=503,
        )
    return redirect(f"{reverse('password-forgotten')}?sent")


class NewPasswordPage(PasswordResetConfirmView):
    """`/password/new/<uid>/<token>/`: the session keeps the token, and the address loses it."""

    template_name = "accounts/password_new.html"
    reset_url_token = "set"  # noqa: S105  # what stands in its place

    def get_success_url(self) -> str:
        return f"{reverse('login')}?reset"

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        end_sessions(form.user)
        audit_log.own_act(Act.PASSWORD_RESET, form.user, self.request)
        return response
