"""What receivers of prices were last told, and the currency in which prices were made.

Processes of the version before insert prices and deliveries without the new columns, hence the
database's own defaults.
"""

from decimal import Decimal

import django.core.validators
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pricing_service", "0008_stale_hotels"),
    ]

    operations = [
        migrations.AddField(
            model_name="nightprice",
            name="currency",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="In which the price in force was made; empty: in the hotel's.",
                max_length=3,
            ),
        ),
        migrations.AddField(
            model_name="webhookdelivery",
            name="currency",
            field=models.CharField(blank=True, db_default="", default="", max_length=3),
        ),
        migrations.CreateModel(
            name="ToldPrice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hotel_id", models.PositiveIntegerField(verbose_name="hotel")),
                ("night", models.DateField(verbose_name="night of stay")),
                (
                    "room_type",
                    models.CharField(
                        blank=True, default="", help_text="Empty: the whole house.", max_length=40
                    ),
                ),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Empty: the night is closed.",
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                    ),
                ),
                ("currency", models.CharField(blank=True, default="", max_length=3)),
                ("state", models.CharField(max_length=9)),
                ("told_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "told price",
                "ordering": ["hotel_id", "night", "room_type"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("hotel_id", "night", "room_type"), name="told_night"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookReceiver",
            fields=[
                (
                    "hotel_id",
                    models.PositiveIntegerField(
                        primary_key=True, serialize=False, verbose_name="hotel"
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(
                        help_text="Since when prices may differ from what it was told; empty: they do not.",
                        null=True,
                        verbose_name="waiting since",
                    ),
                ),
                ("changes", models.PositiveBigIntegerField(default=0)),
                ("forgotten", models.PositiveIntegerField(default=0)),
                ("address_fingerprint", models.CharField(default="", max_length=32)),
                (
                    "rules_seen_at",
                    models.DateTimeField(
                        help_text="`updated_at` of the rules that were last looked at.", null=True
                    ),
                ),
                ("next_try_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "busy_until",
                    models.DateTimeField(
                        help_text="A worker sends something; at most until.", null=True
                    ),
                ),
                (
                    "tries",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Since the last that arrived; also those that a worker did not survive.",
                    ),
                ),
                ("failing_since", models.DateTimeField(null=True)),
                ("last_try_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True, verbose_name="last arrived")),
                ("answer", models.CharField(blank=True, default="", max_length=300)),
            ],
            options={
                "verbose_name": "webhook receiver",
                "ordering": ["hotel_id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("changed_at__isnull", False)),
                        fields=["next_try_at"],
                        name="receiver_due",
                    )
                ],
            },
        ),
    ]
