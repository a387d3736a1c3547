"""`/metrics`: requests, and how the pipeline stands, in the text format of Prometheus.

For keys of all hotels that may `read_metrics`, and for staff; in an open system for anybody.
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


class OneForm(BaseContentNegotiation):
    """Prometheus asks for forms of its own, and gets the plain one; refusals are JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class MetricsView(APIView):
    """`/metrics`"""

    needs = {"GET": Ability.READ_METRICS}
    content_negotiation_class = OneForm
    swagger_schema = None  # for operators, not for users of the API

    def get(self, request: Request) -> HttpResponse:
        NoParameters.read(request)
        access_of(request).must_see_all()
        return HttpResponse(
            generate_latest(_requests()) + generate_latest(_pipeline()),
            content_type=CONTENT_TYPE_PLAIN_0_0_4,
        )


def _requests() -> Collector:
    """What all of gunicorn's workers counted; elsewhere what this process did."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        return MultiProcessCollector(None)  # type: ignore[no-untyped-call]  # it has no types
    return request_metrics.registry


_pipeline = cache(PipelineCollector)  # made by the first scrape: a fork would lose its threads
