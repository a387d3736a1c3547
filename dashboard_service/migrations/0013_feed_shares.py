from django.db import migrations, models


class Migration(migrations.Migration):
    """The old version beside this one keeps its row 1, which is share 0 of 1.

    Once the feed is divided, share 0 has another row: the unique share then refuses the row 1 that
    a process of the old version would insert, which would count every event again.
    """

    dependencies = [
        ("dashboard_service", "0012_checks_and_recounts_by_hotel"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="feedposition", name="one_feed_position"),
        migrations.AddField(
            model_name="feedposition",
            name="share",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, unique=True),
        ),
        migrations.AddField(
            model_name="feedposition",
            name="shares",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="feedposition",
            name="claim",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=32
            ),
        ),
        migrations.AddField(
            model_name="feedposition",
            name="claimed_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterModelOptions(
            name="feedposition",
            options={"ordering": ["share"], "verbose_name": "feed position"},
        ),
        migrations.AddConstraint(
            model_name="feedposition",
            constraint=models.CheckConstraint(
                condition=models.Q(id=1, share=0, shares=1)
                | models.Q(id=models.F("share") + 2, shares__gt=1, share__lt=models.F("shares")),
                name="feed_position_of_a_share",
            ),
        ),
    ]
