"""REST view of budgets."""

from drf_yasg.utils import swagger_auto_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.api_documentation import ANY_TIME, BAD_REQUEST, BODY_ERRORS
from common.strict_input import NoParameters
from dashboard_service.budgets.budget_serializers import (
    BudgetOutput,
    BudgetsInput,
    BudgetsQuery,
    check_decimals,
)
from dashboard_service.budgets.monthly_budgets import (
    NoCurrency,
    budget_currency,
    save_budgets,
    serialize_budgets,
)
from dashboard_service.views import HOTEL_ID


class BudgetsView(APIView):
    """`/dashboard/budgets/`: what a hotel plans to sell in each month of a year."""

    needs = {"GET": Ability.READ_DASHBOARD, "PUT": Ability.CHANGE_HOTELS}

    @swagger_auto_schema(
        operation_id="dashboard_budgets",
        operation_summary="A hotel's budget of a year by month",
        query_serializer=BudgetsQuery,
        manual_parameters=[HOTEL_ID],
        responses={200: BudgetOutput(many=True), 400: BAD_REQUEST, **ANY_TIME},
        tags=["dashboard"],
    )
    def get(self, request: Request) -> Response:
        query = BudgetsQuery.read(request)
        access_of(request).must_see([query["hotel_id"]])
        return Response(serialize_budgets(**query))

    @swagger_auto_schema(
        operation_id="dashboard_budgets_save",
        operation_summary="Save a hotel's budget of a year",
        operation_description=(
            "Replaces the whole year: a month that is left out has no budget then. Repeating a "
            "request changes nothing."
        ),
        request_body=BudgetsInput,
        responses={200: BudgetOutput(many=True), 400: BAD_REQUEST, **BODY_ERRORS, **ANY_TIME},
        tags=["dashboard"],
    )
    def put(self, request: Request) -> Response:
        NoParameters.read(request)
        serializer = BudgetsInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        hotel_id, year, months = (
            serializer.validated_data[name] for name in ("hotel_id", "year", "months")
        )
        access_of(request).must_see([hotel_id])
        check_decimals(months, budget_currency(hotel_id) or "")
        plans = {row["month"]: (row.get("room_nights"), row.get("revenue")) for row in months}
        try:
            save_budgets(hotel_id, year, plans)
        except NoCurrency as error:
            raise ValidationError({"months": [str(error)]}) from error
        return Response(serialize_budgets(hotel_id, year))
