"""REST views of a hotel's webhook: another secret, and sending all prices again."""

from django.utils.translation import gettext as _
from drf_yasg.utils import no_body, swagger_auto_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import ANY_TIME, BAD_REQUEST
from common.audited_changes import SECRET, report_change
from common.strict_input import NoParameters, hotel_number
from pricing_service.delivery import told_prices
from pricing_service.delivery.webhook_serializers import SecretOutput, SendAllOutput
from pricing_service.models import PricingRules
from pricing_service.rules import pricing_rules
from pricing_service.views import NO_RULES, NO_RULES_YET, TAGS


class WebhookSecretView(APIView):
    """`/prices/hotels/<hotel_id>/webhook-secret/`"""

    needs = {"POST": Ability.SET_PRICES}

    @swagger_auto_schema(
        operation_id="prices_webhook_secret",
        operation_summary="Make another secret for a hotel's webhook",
        operation_description=(
            "The answer shows the secret, once. For a day posts have two signatures, with this "
            "secret and with the one before, so that the receiver can change it meanwhile."
        ),
        request_body=no_body,
        responses={200: SecretOutput, 400: BAD_REQUEST, 404: NO_RULES, **ANY_TIME},
        tags=TAGS,
    )
    def post(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        number = hotel_number(request, hotel_id)
        changed = pricing_rules.make_webhook_secret(number)
        if changed is None:
            raise NotFound(NO_RULES_YET % {"hotel": number})
        report_change(access_of(request), number, SECRET)
        until = changed.rules.webhook_old_secret_until
        return Response(
            {
                "hotel_id": number,
                "webhook_secret": changed.made_secret,
                "old_secret_until": until,
            }
        )


class SendAllView(APIView):
    """`/prices/hotels/<hotel_id>/send-all/`"""

    needs = {"POST": Ability.SET_PRICES}

    @swagger_auto_schema(
        operation_id="prices_send_all",
        operation_summary="Send all present prices to a hotel's webhook again",
        operation_description=(
            "The prices, held and closed nights of all coming nights are posted within seconds, "
            "as to a new address; the answer says how many nights they are. Otherwise only what "
            "differs from what the receiver was last told is posted."
        ),
        request_body=no_body,
        responses={200: SendAllOutput, 400: BAD_REQUEST, 404: NO_RULES, **ANY_TIME},
        tags=TAGS,
    )
    def post(self, request: Request, hotel_id: str) -> Response:
        NoParameters.read(request)
        number = hotel_number(request, hotel_id)
        rules = PricingRules.objects.filter(pk=number).first()
        if rules is None:
            raise NotFound(NO_RULES_YET % {"hotel": number})
        if not rules.webhook_url:
            raise ValidationError(
                {
                    "webhook_url": [
                        _("hotel %(hotel)d has none to send prices to: PATCH it first")
                        % {"hotel": number}
                    ]
                }
            )
        return Response({"hotel_id": number, "nights": told_prices.send_all(rules)})
