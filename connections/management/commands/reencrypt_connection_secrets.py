"""`manage.py reencrypt_connection_secrets`: the last step of replacing a key of CONNECTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connections.models import Connection
from connections.secret_encryption import SecretsUnreadable, reencrypt


class Command(BaseCommand):
    help = (
        "Encrypt the secrets of all connections with the first key of CONNECTION_KEYS; after that "
        "the other keys are not needed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        changed = 0
        for connection in Connection.objects.exclude(secrets=""):
            try:
                fresh = reencrypt(connection.secrets)
            except SecretsUnreadable as error:
                raise CommandError(f"{connection}: {error}") from error
            # A worker may have renewed them meanwhile: those are encrypted with the first key.
            changed += Connection.objects.filter(
                pk=connection.pk, secrets=connection.secrets
            ).update(secrets=fresh)
        self.stdout.write(f"encrypted anew: {changed}")
