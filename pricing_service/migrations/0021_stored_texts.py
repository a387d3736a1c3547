"""What stored sentences say apart from their words, to be shown in other languages than English."""

from django.db import migrations, models


def texts_field(sentence: str) -> models.JSONField:
    return models.JSONField(
        db_default=models.Value({}, models.JSONField()),
        default=dict,
        editable=False,
        help_text=f"What `{sentence}` says, to be shown in other languages.",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("pricing_service", "0020_event_calendars"),
    ]

    operations = [
        migrations.AddField("nightprice", "sentence_texts", texts_field("sentence")),
        migrations.AddField("pricedecision", "reason_texts", texts_field("reason")),
        migrations.AddField("undostep", "summary_texts", texts_field("summary")),
    ]
