"""The day that a night's figures are of, where its hotel's events have stopped; told minimum stays.

Processes of the version before insert rows without the new columns: both may be empty.
"""

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
        migrations.AddField(
            model_name="toldprice",
            name="minimum_stay",
            field=models.PositiveSmallIntegerField(help_text="Empty: none.", null=True),
        ),
    ]
