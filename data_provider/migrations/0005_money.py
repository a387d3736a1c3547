"""Rate, currency, room type, channel and segment of an event, and status 3 (change).

Cheap on a table of any size, while the former version serves: the columns are nullable, so no row
is written, and the wider check of the status is written without reading the rows.

- PostgreSQL: the wider check is NOT VALID for now (0006 validates it, which stops no writer). The
  locks last for an instant, but an instant that waits behind a long reader holds up everybody, so
  the wait has a limit; run the migration again when it was reached.
- SQLite: Django would copy the whole table to alter a check. The check is altered where SQLite
  stores the table's definition, as https://www.sqlite.org/lang_altertable.html describes for a
  change of constraints.

On the way back the wider check stays; the former version can work with it.
"""

import re

from django.db import migrations, models

from data_provider.rate_field import RateField

STATUS_KNOWN = models.CheckConstraint(
    condition=models.Q(("rpg_status__in", [1, 2, 3])), name="event_status_known"
)
TABLE = "data_provider_event"
SQL_ALTER_POSTGRESQL = f"""
    ALTER TABLE {TABLE} DROP CONSTRAINT event_status_known,
      ADD CONSTRAINT event_status_known CHECK (rpg_status IN (1, 2, 3)) NOT VALID"""
CHECK_IN_DEFINITION = re.compile(
    r'(CONSTRAINT "event_status_known" CHECK \("rpg_status" IN \(1, 2)(, 3)?(\)\))'
)


def limit_wait_for_locks(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET LOCAL lock_timeout = '10s'")


def allow_changes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(SQL_ALTER_POSTGRESQL)
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [TABLE])
        [definition] = cursor.fetchone()
        wider, found = CHECK_IN_DEFINITION.subn(r"\1, 3\3", definition)
        if found != 1:
            raise RuntimeError(
                f"the definition of {TABLE} has {found} checks event_status_known that this "
                f"migration knows, and should have one: {definition}"
            )
        cursor.execute("PRAGMA schema_version")
        [version] = cursor.fetchone()
        cursor.execute("PRAGMA writable_schema = ON")
        cursor.execute(
            "UPDATE sqlite_master SET sql = %s WHERE type = 'table' AND name = %s", [wider, TABLE]
        )
        cursor.execute(f"PRAGMA schema_version = {version + 1}")  # every process reads it anew
        cursor.execute("PRAGMA writable_schema = RESET")


def word(name):
    return models.CharField(name, max_length=40, null=True, blank=True)


class Migration(migrations.Migration):
    dependencies = [
        ("data_provider", "0004_ledger_epoch"),
    ]

    operations = [
        migrations.RunPython(limit_wait_for_locks, limit_wait_for_locks),
        migrations.AddField("event", "rate", RateField("rate", null=True, blank=True)),
        migrations.AddField(
            "event", "currency", models.CharField("currency", max_length=3, null=True, blank=True)
        ),
        migrations.AddField("event", "room_type", word("room type")),
        migrations.AddField("event", "channel", word("channel")),
        migrations.AddField("event", "segment", word("segment")),
        migrations.AlterField(
            "event",
            "rpg_status",
            models.PositiveSmallIntegerField(
                "status", choices=[(1, "Booking"), (2, "Cancellation"), (3, "Change")]
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(allow_changes, migrations.RunPython.noop),
            ],
            state_operations=[
                migrations.RemoveConstraint("event", "event_status_known"),
                migrations.AddConstraint("event", STATUS_KNOWN),
            ],
        ),
    ]
