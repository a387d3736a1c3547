from typing import Any

from django.db import migrations, models

# Fills in the minute of the first booking among a reservation's events, which are stored as JSON.
FILL_MINUTES = {
    "sqlite": """
        UPDATE dashboard_service_reservationstate SET booked_minute = coalesce((
            SELECT min(substr(json_extract(move.value, '$[0]'), 1, 16))
            FROM json_each(events) AS move WHERE json_extract(move.value, '$[1]') = 1), '')""",
    "postgresql": """
        UPDATE dashboard_service_reservationstate SET booked_minute = coalesce((
            SELECT min(left(move ->> 0, 16))
            FROM jsonb_array_elements(events::jsonb) AS move WHERE move ->> 1 = '1'), '')""",
}


def fill_minutes(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(FILL_MINUTES[schema_editor.connection.vendor])


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard_service", "0008_country_and_region"),
    ]

    operations = [
        migrations.AddField(
            model_name="reservationstate",
            name="booked_minute",
            field=models.CharField(max_length=16, null=True),
        ),
        migrations.RunPython(fill_minutes, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="reservationstate",
            index=models.Index(fields=["hotel_id", "booked_minute"], name="reservation_minute"),
        ),
    ]
