"""REST view of group quotes."""

from drf_yasg.utils import swagger_auto_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import ANY_TIME, BAD_REQUEST, BODY_ERRORS
from common.strict_input import NoParameters
from pricing_service.group_quotes.group_quote import InvalidQuote, quote_group
from pricing_service.group_quotes.quote_serializers import GroupQuoteInput, GroupQuoteOutput
from pricing_service.views import TAGS


class GroupQuoteView(APIView):
    """`/prices/group-quote/`"""

    needs = {"POST": Ability.READ_PRICES}

    @swagger_auto_schema(
        operation_id="prices_group_quote",
        operation_summary="The least rate that a group may pay; stores nothing",
        operation_description=(
            "At `least_rate` the hotel expects to earn as much with the group as without it: what "
            "its rooms would otherwise earn, night by night, by the demand that is still to come. "
            "A group that does not fit into a night is refused. Nothing is stored and no price "
            "changes."
        ),
        request_body=GroupQuoteInput,
        responses={200: GroupQuoteOutput, 400: BAD_REQUEST, **BODY_ERRORS, **ANY_TIME},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        NoParameters.read(request)
        serializer = GroupQuoteInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        group = serializer.group()
        access_of(request).must_see([group.hotel_id])
        try:
            return Response(quote_group(group))
        except InvalidQuote as error:
            raise ValidationError(error.errors) from error
