"""The webhook secret before the present one, and indexes of the deliveries that wait.

The previous version keeps serving while this migration runs: it inserts rules without the new
columns, hence the database's own default. Answers that it stored contain webhook addresses, which
often hold a token; they are removed.
"""

from typing import Any

from django.db import migrations, models

WAITING = models.Q(delivered_at=None, given_up_at=None)


def remove_addresses_from_answers(apps: Any, schema_editor: Any) -> None:
    deliveries = apps.get_model("pricing_service", "WebhookDelivery").objects
    with_address = deliveries.using(schema_editor.connection.alias).filter(answer__contains="://")
    with_path = deliveries.using(schema_editor.connection.alias).filter(answer__contains="url: ")
    for rows in (with_address, with_path):
        rows.update(answer="failed before version 0.3")


class Migration(migrations.Migration):
    dependencies = [("pricing_service", "0002_pricing_rules")]

    operations = [
        migrations.AddField(
            model_name="pricingrules",
            name="webhook_old_secret",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=100
            ),
        ),
        migrations.AddField(
            model_name="pricingrules",
            name="webhook_old_secret_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="pricingrules",
            name="webhook_secret",
            field=models.CharField(
                blank=True,
                help_text="The key that signs each post: `whsec_` and the base64 of 24 to 64 bytes. With a URL and no secret, one is made.",
                max_length=100,
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=WAITING, fields=["next_try_at"], name="delivery_waiting_due"
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=WAITING, fields=["hotel_id", "made_at"], name="delivery_waiting_hotel"
            ),
        ),
        migrations.RunPython(remove_addresses_from_answers, migrations.RunPython.noop),
    ]
