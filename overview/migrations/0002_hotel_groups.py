import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("overview", "0001_last_visits")]

    operations = [
        migrations.CreateModel(
            name="HotelGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("made_by", models.CharField(max_length=200)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "group of hotels",
                "verbose_name_plural": "groups of hotels",
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="PortfolioLine",
            fields=[
                (
                    "hotel_id",
                    models.PositiveIntegerField(
                        primary_key=True, serialize=False, verbose_name="hotel"
                    ),
                ),
                ("fingerprint", models.CharField(max_length=32)),
                (
                    "figures",
                    models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GroupMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hotel_id", models.PositiveIntegerField(verbose_name="hotel")),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="overview.hotelgroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "hotel of a group",
                "ordering": ["group_id", "hotel_id"],
                "constraints": [
                    models.UniqueConstraint(fields=("group", "hotel_id"), name="hotel_of_group")
                ],
            },
        ),
    ]
