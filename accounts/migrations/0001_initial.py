import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    models.CharField(
                        editable=False,
                        max_length=150,
                        primary_key=True,
                        serialize=False,
                        unique=True,
                    ),
                ),
                ("prefix", models.CharField(editable=False, max_length=8, unique=True)),
                ("hashed_key", models.CharField(editable=False, max_length=150)),
                ("created", models.DateTimeField(auto_now_add=True, db_index=True)),
                (
                    "name",
                    models.CharField(
                        default=None,
                        help_text="A free-form name for the API key. Need not be unique. 50 characters max.",
                        max_length=50,
                    ),
                ),
                (
                    "revoked",
                    models.BooleanField(
                        blank=True,
                        default=False,
                        help_text="If the API key is revoked, clients cannot use it anymore. (This cannot be undone.)",
                    ),
                ),
                (
                    "expiry_date",
                    models.DateTimeField(
                        blank=True,
                        help_text="Once API key expires, clients cannot use it anymore.",
                        null=True,
                        verbose_name="Expires",
                    ),
                ),
                ("all_hotels", models.BooleanField(default=False)),
                (
                    "hotels",
                    models.TextField(
                        blank=True,
                        help_text="Numbers like 1, 2, 17.",
                        validators=[accounts.models.validate_hotel_numbers],
                    ),
                ),
                ("write_events", models.BooleanField(default=False, help_text="POST /events/")),
                (
                    "read_events",
                    models.BooleanField(default=False, help_text="GET /events/ and the feed"),
                ),
                (
                    "read_dashboard",
                    models.BooleanField(default=False, help_text="GET /dashboard/ and its like"),
                ),
                (
                    "change_hotels",
                    models.BooleanField(default=False, help_text="PATCH /dashboard/hotels/<id>/"),
                ),
                ("last_used_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "API key",
                "verbose_name_plural": "API keys",
                "ordering": ("-created",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="HotelAccess",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "hotels",
                    models.TextField(
                        blank=True,
                        help_text="Numbers like 1, 2, 17.",
                        validators=[accounts.models.validate_hotel_numbers],
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hotel_access",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "hotels that the user may see",
                "verbose_name_plural": "hotels that the user may see",
            },
        ),
    ]
