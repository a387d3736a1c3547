"""A worker's process keeps nothing of what it did."""

from typing import Any

import pytest
from celery.signals import worker_process_init
from django.db import connections

from roompricegenie import celery


@pytest.mark.django_db(databases=["default", "data_provider"])
def test_a_worker_keeps_no_statements_with_debug(settings: Any, request: Any) -> None:
    for connection in connections.all():
        kept = connection.queries_log
        request.addfinalizer(lambda c=connection, kept=kept: setattr(c, "queries_log", kept))
    assert celery.keep_no_statements in [r() for _, r in worker_process_init.receivers]
    celery.keep_no_statements()
    settings.DEBUG = True
    with connections["data_provider"].cursor() as cursor:
        cursor.execute("SELECT 1")
    assert not connections["data_provider"].queries_log
