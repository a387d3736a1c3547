"""PricingProfile is called PricingRules from now on; no table and no column changes.

The previous version keeps serving while this migration runs, so the model is renamed in Django's
state only. Its content type and permissions are renamed in the database that holds them, so that
staff users and groups keep their permissions.
"""

from decimal import Decimal
from typing import Any

import django.core.validators
from django.db import migrations, models, router
from django.db.migrations.operations.base import Operation

import pricing_service.models
import pricing_service.validators

OLD, NEW = "pricingprofile", "pricingrules"
OLD_WORDS, NEW_WORDS = "pricing profile", "pricing rules"


class RenamePermissions(Operation):
    """Rename a model's content type and permissions.

    No RunPython and no RenameContentType: the router lets those run in the pricing database only,
    and the content types and permissions are in the default database.
    """

    reversible = True
    reduces_to_sql = False  # so that `sqlmigrate` does not run it

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, _: Any, state: Any) -> None:
        self._rename(app_label, schema_editor, state, (OLD, OLD_WORDS), (NEW, NEW_WORDS))

    def database_backwards(self, app_label: str, schema_editor: Any, _: Any, state: Any) -> None:
        self._rename(app_label, schema_editor, state, (NEW, NEW_WORDS), (OLD, OLD_WORDS))

    def describe(self) -> str:
        return f"Rename the content type and the permissions of {OLD} to {NEW}"

    @staticmethod
    def _rename(
        app_label: str,
        schema_editor: Any,
        state: Any,
        old: tuple[str, str],
        new: tuple[str, str],
    ) -> None:
        alias = schema_editor.connection.alias
        content_types = state.apps.get_model("contenttypes", "ContentType")
        permissions = state.apps.get_model("auth", "Permission")
        if not router.allow_migrate_model(alias, permissions):
            return
        types = content_types.objects.using(alias).filter(app_label=app_label)
        if types.filter(model=new[0]).exists():
            return
        for permission in permissions.objects.using(alias).filter(
            content_type__app_label=app_label, content_type__model=old[0]
        ):
            permission.codename = permission.codename.replace(old[0], new[0])
            permission.name = permission.name.replace(old[1], new[1])
            permission.save(using=alias)
        types.filter(model=old[0]).update(model=new[0])


class Migration(migrations.Migration):
    dependencies = [
        ("pricing_service", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterModelTable("PricingProfile", "pricing_service_pricingprofile"),
                migrations.RenameModel("PricingProfile", "PricingRules"),
                # Only texts changed from here on: help texts and the model's verbose name.
                migrations.AlterModelOptions(
                    name="pricingrules",
                    options={
                        "ordering": ["hotel_id"],
                        "verbose_name": "pricing rules",
                        "verbose_name_plural": "pricing rules",
                    },
                ),
                migrations.AlterField(
                    model_name="nightprice",
                    name="expected_on_the_books",
                    field=models.FloatField(
                        help_text="Room-nights on the books that lead to the target occupancy."
                    ),
                ),
                migrations.AlterField(
                    model_name="nightprice",
                    name="price",
                    field=models.DecimalField(
                        decimal_places=2,
                        help_text="The price in force.",
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                    ),
                ),
                migrations.AlterField(
                    model_name="pricingrules",
                    name="aggressiveness",
                    field=models.PositiveSmallIntegerField(
                        default=3,
                        help_text="How strongly prices follow demand, 1 to 5.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                    ),
                ),
                migrations.AlterField(
                    model_name="pricingrules",
                    name="base_price",
                    field=models.DecimalField(
                        decimal_places=2,
                        help_text="The price of a room on an ordinary night with usual demand.",
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                    ),
                ),
                migrations.AlterField(
                    model_name="pricingrules",
                    name="booking_window_days",
                    field=models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Days before arrival by which half of the guests have booked; empty: learned from the hotel's history.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                        verbose_name="median booking window",
                    ),
                ),
                migrations.AlterField(
                    model_name="pricingrules",
                    name="changes_per_day",
                    field=models.PositiveSmallIntegerField(
                        default=3,
                        help_text="Limit of the number of a night's automatic changes in one day.",
                        validators=[django.core.validators.MaxValueValidator(24)],
                    ),
                ),
                migrations.AlterField(
                    model_name="pricingrules",
                    name="largest_change_percent",
                    field=models.PositiveSmallIntegerField(
                        default=15,
                        help_text="Limit of one automatic change.",
                        validators=[django.core.validators.MaxValueValidator(100)],
                    ),
                ),
                migrations.AlterField(
                    model_name="pricingrules",
                    name="largest_day_percent",
                    field=models.PositiveSmallIntegerField(
                        default=30,
                        help_text="Limit of the sum of a night's automatic changes in one day.",
                        validators=[django.core.validators.MaxValueValidator(100)],
                    ),
                ),
                migrations.AlterField(
                    model_name="pricingrules",
                    name="lead_factors",
                    field=models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Pairs [days before, factor]: a factor applies from so many days before arrival on; where several apply, the one with the fewest days counts.",
                        validators=[pricing_service.validators.validate_lead_factors],
                    ),
                ),
                migrations.AlterField(
                    model_name="pricingrules",
                    name="price_step",
                    field=models.DecimalField(
                        decimal_places=2,
                        default=Decimal("1"),
                        help_text="Prices are multiples of the step.",
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                    ),
                ),
                migrations.AlterField(
                    model_name="pricingrules",
                    name="smallest_change_percent",
                    field=models.PositiveSmallIntegerField(
                        default=2,
                        help_text="A smaller difference does not change a price.",
                        validators=[django.core.validators.MaxValueValidator(100)],
                    ),
                ),
                migrations.AlterField(
                    model_name="pricingrules",
                    name="target_occupancy",
                    field=models.JSONField(
                        default=pricing_service.models.default_target_occupancy,
                        help_text="Shares of the rooms by month, January first.",
                        validators=[pricing_service.validators.validate_target_occupancy],
                    ),
                ),
                migrations.AlterField(
                    model_name="pricingrules",
                    name="webhook_secret",
                    field=models.CharField(
                        blank=True, help_text="The key that signs each post.", max_length=100
                    ),
                ),
                migrations.AlterField(
                    model_name="pricingrules",
                    name="webhook_url",
                    field=models.CharField(
                        blank=True,
                        help_text="The URL to which new prices are posted; empty: none.",
                        max_length=500,
                        validators=[django.core.validators.URLValidator(schemes=["http", "https"])],
                    ),
                ),
            ],
        ),
        RenamePermissions(),
    ]
