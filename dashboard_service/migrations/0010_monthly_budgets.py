from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard_service", "0009_booked_minutes"),
    ]

    operations = [
        migrations.CreateModel(
            name="MonthlyBudget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hotel_id", models.PositiveIntegerField(verbose_name="hotel")),
                ("year", models.PositiveSmallIntegerField()),
                ("month", models.PositiveSmallIntegerField()),
                ("room_nights", models.PositiveIntegerField(null=True, verbose_name="room-nights")),
                (
                    "revenue",
                    models.BigIntegerField(
                        help_text="In thousandths of the currency's unit.", null=True
                    ),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "budget of a month",
                "verbose_name_plural": "budgets by month",
                "ordering": ["hotel_id", "year", "month"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("hotel_id", "year", "month"), name="budget_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__range", (1, 12))), name="budget_month_of_a_year"
                    ),
                ],
            },
        ),
    ]
