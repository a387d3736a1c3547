"""`/language/`: the languages of the pages, to choose one."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.i18n import JavaScriptCatalog

from accounts.language.language_choice import is_offered, remember_in_browser, store_user_language
from common.html_pages import render_message

# Named with the version in their address; a developer's changes are seen within a minute.
SCRIPT_SECONDS = 60 if settings.DEBUG else 24 * 3600


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose_language(request: HttpRequest) -> HttpResponse:
    """Show the languages, or take the choice and return to the page before."""
    values = request.POST if request.method == "POST" else request.GET
    return_to = values.get("next", "")
    if not url_has_allowed_host_and_scheme(return_to, {request.get_host()}, request.is_secure()):
        return_to = reverse("home")
    if request.method != "POST":
        languages = [get_language_info(code) for code, _ in settings.LANGUAGES]
        context = {"languages": languages, "return_to": return_to}
        return render(request, "accounts/language.html", context)
    language = values.get("language", "")
    if not is_offered(language):
        return render_message(request, 400, parameter_errors=[("language", [_("is not offered")])])
    if request.user.is_authenticated:
        store_user_language(request.user, language)
    response = redirect(return_to)
    remember_in_browser(response, language)
    return response


@cache_control(public=True, max_age=SCRIPT_SECONDS)
@require_safe
def script_texts(request: HttpRequest, language: str) -> HttpResponseBase:
    """Return the texts of the pages' scripts in one of the languages, as a script."""
    with override(language):
        return JavaScriptCatalog.as_view()(request)
