"""URLs of logins, of one's own login, of a hotel's people and of invitations."""

from django.conf import settings
from django.contrib.auth.views import LogoutView
from django.urls import re_path

from accounts.language.language_page import choose_language, script_texts
from accounts.own_account import account_page, login_page, password_reset_page
from accounts.own_account.password_page import PasswordPage
from accounts.people import audit_page, invitation_page, people_page

LANGUAGES = [code for code, _ in settings.LANGUAGES]

urlpatterns = [
    re_path(r"^login/?$", login_page.LoginPage.as_view(), name="login"),
    re_path(r"^login/code/?$", login_page.login_code, name="login-code"),
    re_path(r"^logout/?$", LogoutView.as_view(), name="logout"),
    re_path(r"^password/?$", PasswordPage.as_view(), name="password"),
    re_path(r"^password/forgotten/?$", password_reset_page.forgotten, name="password-forgotten"),
    re_path(
        r"^password/new/(?P<uidb64>[^/]+)/(?P<token>[^/]+)/?$",
        password_reset_page.NewPasswordPage.as_view(),
        name="password-new",
    ),
    re_path(r"^account/?$", account_page.account, name="account"),
    re_path(r"^account/sessions/?$", account_page.end_sessions, name="account-sessions"),
    re_path(r"^account/second-factor/?$", account_page.enrol, name="second-factor"),
    re_path(r"^account/second-factor/off/?$", account_page.turn_off, name="second-factor-off"),
    re_path(r"^account/recovery-codes/?$", account_page.renew_codes, name="recovery-codes"),
    re_path(r"^language/?$", choose_language, name="language"),
    re_path(
        rf"^language/(?P<language>{'|'.join(LANGUAGES)})/texts\.js$",
        script_texts,
        name="script-texts",
    ),
    re_path(r"^people/?$", people_page.people, name="people"),
    re_path(r"^people/invite/?$", people_page.invite, name="people-invite"),
    re_path(r"^people/resend/?$", people_page.resend, name="people-resend"),
    re_path(r"^people/withdraw/?$", people_page.withdraw, name="people-withdraw"),
    re_path(r"^people/role/?$", people_page.change_role, name="people-role"),
    re_path(r"^people/remove/?$", people_page.remove, name="people-remove"),
    re_path(r"^people/audit/?$", audit_page.audit, name="people-audit"),
    re_path(r"^invitation/?$", invitation_page.accept, name="invitation"),
    re_path(
        r"^invitation/(?P<token>[^/]+)/?$", invitation_page.follow_link, name="invitation-link"
    ),
]
