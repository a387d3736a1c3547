"""Validate the check of an event's status that 0005 wrote: reads the table, stops no writer."""

from django.db import migrations


def validate(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "ALTER TABLE data_provider_event VALIDATE CONSTRAINT event_status_known"
        )


class Migration(migrations.Migration):
    dependencies = [
        ("data_provider", "0005_money"),
    ]

    operations = [
        migrations.RunPython(validate, migrations.RunPython.noop),
    ]
