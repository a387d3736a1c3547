"""Calls of Cloudbeds's API: signing in, answers without success, pages, and jobs that set prices.

An answer with 200 may still say `success: false`. `putRate` only begins a job: the prices count
when `getRateJobs` says that it is completed and none of its updates went wrong.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from connections.adapters.adapter import (
    Access,
    CredentialsRefused,
    NotReachable,
    OddAnswer,
    Raw,
)
from connections.adapters.vendor_http import VendorHttp
from connections.adapters.vendor_values import required_text

PATH: Final = "/api/v1.3/"
ROWS_A_PAGE: Final = 20  # of properties and room types; a larger page is not documented
INTERVALS_A_CHANGE: Final = 30
JOB_SECONDS: Final = 30  # then the next reading goes on; jobs take some seconds
JOB_PAUSES: Final = (0.5, 1.0, 2.0)  # seconds between looks; the last one again and again
# Of a `success: false`: what a person has to sign in again for.
LOST_ACCESS: Final = ("not active anymore", "access_token user")

Interval = tuple[str, Mapping[str, str]]  # of nights with one price: the rate's number, the fields


class CloudbedsCalls:
    """Calls with one access. Each method raises VendorFailure."""

    def __init__(self, access: Access, calls_per_window: tuple[int, float]) -> None:
        self._access = access
        self.http = VendorHttp(access.address, calls_per_window, access.before_call)

    def get(self, operation: str, **query: str) -> Any:
        """Return an answer."""
        return self._call("GET", operation, query=query)

    def pages(self, operation: str, **query: str) -> list[Raw]:
        """Return the rows of all pages."""
        rows: list[Raw] = []
        while True:
            number = str(len(rows) // ROWS_A_PAGE + 1)
            page = {"pageNumber": number, "pageSize": str(ROWS_A_PAGE)}
            found = rows_of(self.get(operation, **query, **page))
            rows += found
            if len(found) < ROWS_A_PAGE:
                return rows

    def jobs(self, **query: str) -> list[Raw]:
        """Return jobs that set prices."""
        return rows_of(self.get("getRateJobs", **query))

    def set_prices(self, intervals: Sequence[Interval]) -> None:
        """Set prices; when it returns, all are confirmed.

        Raises: OddAnswer where some are refused; NotReachable where it takes too long.
        """
        parts = range(0, len(intervals), INTERVALS_A_CHANGE)
        jobs = [self._begin_job(intervals[start : start + INTERVALS_A_CHANGE]) for start in parts]
        self._wait_for_jobs(jobs)

    def renewed(self) -> Mapping[str, str] | None:
        """Return the secrets with a new access token; None where there is no refresh token."""
        names = ("refresh_token", "client_id", "client_secret")
        form = {name: self._access.secrets.get(name, "") for name in names}
        if not all(form.values()):
            return None
        form["grant_type"] = "refresh_token"
        try:
            fresh = self.http.call("POST", f"{PATH}access_token", form=form)
        except OddAnswer as error:  # the refresh token is not valid any more
            raise CredentialsRefused(str(error)) from None
        new = {"token": required_text(fresh, "access_token")}
        new["refresh_token"] = fresh.get("refresh_token") or form["refresh_token"]
        return {**self._access.secrets, **new}

    def _begin_job(self, intervals: Sequence[Interval]) -> str:
        of_rates: dict[str, list[Mapping[str, str]]] = defaultdict(list)
        for rate_number, fields in intervals:
            of_rates[rate_number].append(fields)
        form = {}
        for place, (rate_number, parts) in enumerate(of_rates.items()):
            form[f"rates[{place}][rateID]"] = rate_number
            for index, part in enumerate(parts):
                for name, value in part.items():
                    form[f"rates[{place}][interval][{index}][{name}]"] = value
        return required_text(self._call("POST", "putRate", form=form), "jobReferenceID")

    def _wait_for_jobs(self, numbers: Sequence[str]) -> None:
        end = time.monotonic() + JOB_SECONDS
        under_way, refused, looks = list(numbers), 0, 0
        while True:
            for number in list(under_way):
                job = next(iter(self.jobs(jobReferenceID=number)), {})
                if job.get("status") in ("completed", "error"):
                    under_way.remove(number)
                    actions = [one.get("action") for one in job.get("updates") or ()]
                    refused += actions.count("error") or job["status"] == "error"
            if not under_way:
                break
            if time.monotonic() > end:
                raise NotReachable("Cloudbeds is still setting prices: they count when it is done")
            time.sleep(JOB_PAUSES[min(looks, len(JOB_PAUSES) - 1)])  # what the job needs anyway
            looks += 1
        if refused:
            raise OddAnswer(f"Cloudbeds refused the prices of {refused} intervals of nights")

    def _call(self, method: str, operation: str, **options: Any) -> Any:
        secrets = self._access.secrets
        headers = {"x-api-key": secrets["token"]}
        if secrets.get("refresh_token"):
            headers = {"Authorization": f"Bearer {secrets['token']}"}
        if self._access.property_id:
            headers["X-PROPERTY-ID"] = self._access.property_id
        answer = self.http.call(method, f"{PATH}{operation}", headers=headers, **options)
        if not isinstance(answer, dict):
            raise OddAnswer(f"{operation} answered no object")
        if answer.get("success") is not True:
            if any(words in str(answer.get("message")) for words in LOST_ACCESS):
                raise CredentialsRefused(f"{operation} answered that the access is not valid")
            raise OddAnswer(f"{operation} answered that it had no success")
        return answer


def rows_of(answer: Raw) -> list[Raw]:
    """Return the rows of an answer."""
    rows = answer.get("data")
    if not isinstance(rows, list):
        raise OddAnswer("an answer has no list of data")
    return rows


def text_of(row: Raw, name: str) -> str:
    """Return a text that may come as a number, such as an id. Raises: OddAnswer."""
    if not isinstance(row.get(name), str | int):
        raise OddAnswer(f"an answer lacks {name}")
    return str(row[name])
