"""The day that a night's figures are of, where its hotel's events have stopped."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pricing_service", "0014_groups"),
    ]

    operations = [
        migrations.AddField(
            model_name="nightprice",
            name="figures_as_of",
            field=models.DateField(
                help_text="The day that the figures are of; empty: of today.", null=True
            ),
        ),
    ]
