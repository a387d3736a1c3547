"""Return archived events to the event table and forget the archive's models.

The empty tables stay: the former version, which serves during a rolling upgrade or after a way
back, still reads them. A later migration can drop them.
"""

from django.db import migrations

from data_provider.migrations._archive_segments import return_events


def forwards(apps, schema_editor):
    return_events(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("data_provider", "0002_archive"),
    ]

    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name="ArchiveSegment"),
                migrations.DeleteModel(name="ArchivedHotel"),
            ],
        ),
    ]
