from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard_service", "0004_hours_and_what_changed"),
    ]

    operations = [
        migrations.AddField(
            model_name="feedposition",
            name="epoch",
            # The default stays in the database: the old version inserts rows without the column.
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=64
            ),
        ),
    ]
