"""A table for the ledger's epoch, with a new epoch in it: also for a restored older backup."""

import uuid

from django.db import migrations, models


def create_epoch(apps, schema_editor):
    epochs = apps.get_model("data_provider", "LedgerEpoch").objects
    epochs.using(schema_editor.connection.alias).create(id=1, value=uuid.uuid4().hex)


class Migration(migrations.Migration):
    dependencies = [
        ("data_provider", "0003_return_archived_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerEpoch",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("value", models.CharField(max_length=32)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_ledger_epoch")
                ],
            },
        ),
        migrations.RunPython(create_epoch, migrations.RunPython.noop),
    ]
