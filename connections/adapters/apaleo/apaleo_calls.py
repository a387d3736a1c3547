"""Calls of apaleo's API: tokens of a client, and pages of rows."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from connections.adapters.adapter import Access, CredentialsRefused, OddAnswer, Raw
from connections.adapters.vendor_http import VendorHttp
from connections.adapters.vendor_values import required_text

TOKENS_FROM: Final = {"https://api.apaleo.com": "https://identity.apaleo.com"}
ROWS_A_PAGE: Final = 200


@dataclass(frozen=True)
class Page:
    """Rows, and how many all pages have."""

    rows: list[Raw]
    count: int
    is_last: bool


class ApaleoCalls:
    """Calls with one access. Each method raises VendorFailure."""

    def __init__(self, access: Access, calls_per_window: tuple[int, float]) -> None:
        self._access = access
        self._calls_per_window = calls_per_window
        self._http = VendorHttp(access.address, calls_per_window, access.before_call)

    @property
    def now(self) -> datetime:
        """Return apaleo's clock, by the `Date` header."""
        return self._http.now or datetime.now(UTC)

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Return an answer; None where there is nothing (204)."""
        if not (token := self._access.secrets.get("access_token")):
            raise CredentialsRefused("there is no access token yet")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return self._http.call(method, path, headers=headers, **options)

    def find(self, path: str, **options: Any) -> Any:
        """Return one thing; None where there is none of this id."""
        try:
            return self.call("GET", path, **options)
        except OddAnswer as error:
            if error.status == 404:
                return None
            raise

    def rows(self, path: str, field: str, query: Mapping[str, str] | None = None) -> list[Raw]:
        """Return the rows of all pages."""
        rows: list[Raw] = []
        number = 1
        while True:
            page = self.page(path, field, query or {}, number)
            rows += page.rows
            if page.is_last:
                return rows
            number += 1

    def page(self, path: str, field: str, query: Mapping[str, str], number: int) -> Page:
        """Return a page."""
        pages = {"pageNumber": str(number), "pageSize": str(ROWS_A_PAGE)}
        answer = self.call("GET", path, query={**query, **pages})
        if answer is None:  # 204: no rows
            return Page([], 0, is_last=True)
        if not isinstance(answer, dict) or not isinstance(answer.get(field), list):
            raise OddAnswer(f"{path} answered no {field}")
        count = int(answer["count"])
        return Page(answer[field], count, is_last=number * ROWS_A_PAGE >= count)

    def renewed(self) -> Mapping[str, str]:
        """Return the secrets with a new access token."""
        secrets, address = self._access.secrets, self._access.address
        http = VendorHttp(
            TOKENS_FROM.get(address, address), self._calls_per_window, self._access.before_call
        )
        client = b64encode(f"{secrets['client_id']}:{secrets['client_secret']}".encode()).decode()
        try:
            answer = http.call(
                "POST", "/connect/token", form={"grant_type": "client_credentials"},
                headers={"Authorization": f"Basic {client}"},
            )  # fmt: skip
        except OddAnswer as error:
            if error.status == 400:  # OAuth's answer to an unknown client
                raise CredentialsRefused("apaleo does not know this client ID or secret") from None
            raise
        return {**secrets, "access_token": required_text(answer, "access_token")}
