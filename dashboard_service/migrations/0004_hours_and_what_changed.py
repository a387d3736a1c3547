from typing import Any

from django.db import migrations, models
from django.utils import timezone


def know_the_hotels(apps: Any, schema_editor: Any) -> None:
    """The hotels that have figures already; their hours are counted by a rebuild."""
    alias = schema_editor.connection.alias
    model = {
        name: apps.get_model("dashboard_service", name)
        for name in ("DashboardData", "HotelFigures", "FeedPosition")
    }
    hotels = model["DashboardData"].objects.using(alias).order_by("hotel_id")
    now = timezone.now()
    model["HotelFigures"].objects.using(alias).bulk_create(
        model["HotelFigures"](hotel_id=hotel, changed_at=now)
        for hotel in hotels.values_list("hotel_id", flat=True).distinct()
    )
    model["FeedPosition"].objects.using(alias).filter(position__gt=0).update(rebuild_needed=True)


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard_service", "0003_pickup_and_hotels"),
    ]

    operations = [
        migrations.CreateModel(
            name="HotelFigures",
            fields=[
                (
                    "hotel_id",
                    models.PositiveIntegerField(
                        primary_key=True, serialize=False, verbose_name="hotel"
                    ),
                ),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="HourlyData",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hotel_id", models.PositiveIntegerField(verbose_name="hotel")),
                ("hour", models.DateTimeField(verbose_name="in the hour from")),
                (
                    "gross_booking_count",
                    models.PositiveIntegerField(default=0, verbose_name="gross bookings"),
                ),
                (
                    "cancellation_count",
                    models.PositiveIntegerField(default=0, verbose_name="cancellations"),
                ),
            ],
            options={
                "verbose_name": "hourly count",
                "verbose_name_plural": "hourly counts",
                "ordering": ["hotel_id", "hour"],
                "constraints": [
                    models.UniqueConstraint(fields=("hotel_id", "hour"), name="dashboard_hour")
                ],
            },
        ),
        migrations.RunPython(know_the_hotels, migrations.RunPython.noop),
    ]
