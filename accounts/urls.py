from django.contrib.auth.views import LoginView, LogoutView
from django.urls import re_path

urlpatterns = [
    re_path(
        r"^login/?$",
        LoginView.as_view(template_name="accounts/login.html", redirect_authenticated_user=True),
        name="login",
    ),
    re_path(r"^logout/?$", LogoutView.as_view(), name="logout"),
]
