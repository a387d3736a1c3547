"""`/metrics`: request metrics and the state of the pipeline, in Prometheus' text format.

Access: API keys for all hotels with `read_metrics`, and staff; anybody in an open system.
"""

import os
from functools import cache
from typing import Any

from django.http import HttpResponse
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.strict_input import NoParameters
from roompricegenie.monitoring import request_metrics
from roompricegenie.monitoring.pipeline_metrics import PipelineCollector


class IgnoreAcceptHeader(BaseContentNegotiation):
    """Prometheus' Accept header names formats that DRF does not know; it gets the plain text format
    whatever it asks for. Errors are JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class MetricsView(APIView):
    """`/metrics`"""

    needs = {"GET": Ability.READ_METRICS}
    content_negotiation_class = IgnoreAcceptHeader
    swagger_schema = None  # for operators, not for users of the API

    def get(self, request: Request) -> HttpResponse:
        """Return all metrics."""
        NoParameters.read(request)
        access_of(request).must_see_all()
        return HttpResponse(
            generate_latest(_request_collector()) + generate_latest(_pipeline_collector()),
            content_type=CONTENT_TYPE_PLAIN_0_0_4,
        )


def _request_collector() -> Collector:
    """Return the sums over gunicorn's worker processes; under other servers this process's."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        return MultiProcessCollector(None)  # type: ignore[no-untyped-call]  # it has no types
    return request_metrics.registry


# Created by the first scrape, not at import: the threads of a parent process do not survive a fork.
_pipeline_collector = cache(PipelineCollector)
