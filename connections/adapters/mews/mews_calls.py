"""Calls of Mews's Connector API: the tokens in each body, pages, and the chosen service."""

from collections.abc import Mapping
from typing import Any, Final

from connections.adapters.adapter import Access, Body, OddAnswer, PageLost, Raw
from connections.adapters.vendor_http import VendorHttp

CLIENT: Final = "RoomPriceGenie 1.0.0"
ROWS_A_PAGE: Final = 1000


class MewsCalls:
    """Calls with one access. Each method raises VendorFailure."""

    def __init__(self, access: Access, calls_per_window: tuple[int, float]) -> None:
        self._access = access
        self._http = VendorHttp(access.address, calls_per_window, access.before_call)

    def of_service(self) -> Body:
        """Return the filter of the chosen service."""
        if not (service := self._access.choices.get("service_id")):
            raise OddAnswer("no service is chosen")
        return {"ServiceIds": [service]}

    def rows(
        self, resource: str, field: str, filters: Mapping[str, Any] | None = None, version: str = ""
    ) -> list[Raw]:
        """Return the rows of all pages."""
        rows: list[Raw] = []
        cursor = ""
        while True:
            page, cursor = self.page(resource, field, filters or {}, ROWS_A_PAGE, cursor, version)
            rows += page
            if not cursor:
                return rows

    def page(
        self, resource: str, field: str, filters: Mapping[str, Any], count: int,
        cursor: str, version: str = "",
    ) -> tuple[list[Raw], str]:  # fmt: skip
        """Return a page and the next one's cursor, empty on the last."""
        limitation = {"Count": count} | ({"Cursor": cursor} if cursor else {})
        try:
            answer = self.post(f"{resource}/getAll{version}", **filters, Limitation=limitation)
        except OddAnswer as error:
            if cursor:  # the row that it names may have left the interval
                raise PageLost(str(error)) from None
            raise
        rows = answer.get(field)
        if not isinstance(rows, list):
            raise OddAnswer(f"{resource} answered no {field}")
        return rows, str(answer.get("Cursor") or "") if len(rows) == count else ""

    def post(self, operation: str, **fields: Any) -> Any:
        """Return the object that an operation answers."""
        secrets = self._access.secrets
        tokens = {"ClientToken": secrets["client_token"], "AccessToken": secrets["access_token"]}
        answer = self._http.call(
            "POST", f"/api/connector/v1/{operation}",
            json={**tokens, "Client": CLIENT, **fields},
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        if not isinstance(answer, dict):
            raise OddAnswer(f"{operation} answered no object")
        return answer
