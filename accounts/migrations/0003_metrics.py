from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_prices"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="read_metrics",
            field=models.BooleanField(default=False, help_text="GET /metrics, with all hotels"),
        ),
    ]
