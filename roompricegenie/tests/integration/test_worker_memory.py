"""A worker's process stores no SQL statements."""

from typing import Any

import pytest
from celery.signals import worker_process_init
from django.db import connections

from roompricegenie import worker_signals

pytestmark = pytest.mark.one_database


@pytest.mark.django_db(databases=["default", "data_provider"])
def test_a_worker_stores_no_statements_with_debug(settings: Any, request: Any) -> None:
    for connection in connections.all():
        log = connection.queries_log
        request.addfinalizer(lambda c=connection, log=log: setattr(c, "queries_log", log))
    assert worker_signals.store_no_statements in [r() for _, r in worker_process_init.receivers]
    worker_signals.store_no_statements()
    settings.DEBUG = True
    with connections["data_provider"].cursor() as cursor:
        cursor.execute("SELECT 1")
    assert not connections["data_provider"].queries_log
