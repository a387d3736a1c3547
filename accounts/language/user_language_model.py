"""Rows of the languages that users chose."""

from django.conf import settings
from django.db import models


class UserLanguage(models.Model):
    """The language that a user chose; users without a row have not chosen."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    language = models.CharField(max_length=10, help_text="A code of settings.LANGUAGES.")

    def __str__(self) -> str:
        return f"{self.user}: {self.language}"
