"""URLs of logins and of the user's own password."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import re_path

from accounts.own_account.password_page import PasswordPage

urlpatterns = [
    re_path(
        r"^login/?$",
        LoginView.as_view(template_name="accounts/login.html", redirect_authenticated_user=True),
        name="login",
    ),
    re_path(r"^logout/?$", LogoutView.as_view(), name="logout"),
    re_path(r"^password/?$", PasswordPage.as_view(), name="password"),
]
