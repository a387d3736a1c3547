"""Responses of the REST API about a hotel's webhook."""

from rest_framework import serializers


class WebhookStatusOutput(serializers.Serializer):
    """What the webhook's receiver was last told, and what waits to be sent."""

    told_nights = serializers.IntegerField(help_text="Coming nights that it was told of.")
    last_told_at = serializers.DateTimeField(allow_null=True)
    waiting_nights = serializers.IntegerField(
        help_text="Coming nights of which it was not told what is so now."
    )
    next_try_at = serializers.DateTimeField(allow_null=True, help_text="Null if nothing waits.")
    failing_since = serializers.DateTimeField(allow_null=True)
    last_answer = serializers.CharField(allow_blank=True)

    class Meta:
        ref_name = "WebhookStatus"


class SecretOutput(serializers.Serializer):
    """A webhook's new secret, and until when posts are signed with the one before, too."""

    hotel_id = serializers.IntegerField()
    webhook_secret = serializers.CharField(help_text="Store it: it is not shown again.")
    old_secret_until = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "WebhookSecret"


class SendAllOutput(serializers.Serializer):
    """How many nights are sent to a hotel's webhook again."""

    hotel_id = serializers.IntegerField()
    nights = serializers.IntegerField()

    class Meta:
        ref_name = "PricesSentAgain"
