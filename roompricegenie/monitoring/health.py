"""Health checks: `/healthz` (the process answers) and `/readyz` (databases, migrations, Redis)."""

import logging

import redis
from django.conf import settings
from django.db import Error, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from common.outage_log import OutageLog
from common.redis_client import redis_client
from common.redis_errors import describe_redis_error
from roompricegenie.version import VERSION

logger = logging.getLogger(__name__)

# The rest works without these databases' tables, so an installation that does not use them, or
# that is being upgraded, is ready all the same.
OPTIONAL_DATABASES = ("pricing_service",)

_redis_outage = OutageLog(logger, "this process is not ready")

# Databases whose migrations were complete at an earlier check of this process; not checked again.
_migrated: set[str] = set()


def healthz(request: HttpRequest) -> JsonResponse:
    """Return 200 and the version: the process answers."""
    return JsonResponse({"status": "ok", "version": VERSION})


def readyz(request: HttpRequest) -> JsonResponse:
    """Return 200, or 503 with each part that is not ready.

    Anybody may request it, so the response has no details; the log has them.
    """
    problems = {name: problem for name in settings.DATABASES if (problem := _check_database(name))}
    without = {name: problems.pop(name) for name in OPTIONAL_DATABASES if name in problems}
    if problem := _check_redis():
        problems["redis"] = problem
    if problems:
        return JsonResponse({"status": "not ready", "problems": problems}, status=503)
    return JsonResponse({"status": "ready", **({"without": without} if without else {})})


def _check_database(name: str) -> str | None:
    try:
        connection = connections[name]
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if name not in _migrated:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                return f"migrations are missing: run `manage.py migrate --database={name}`"
            _migrated.add(name)
    except Error as error:
        logger.error("not ready: the database %s does not answer: %s", name, error)
        return "the database does not answer; the log says why"
    return None


def _check_redis() -> str | None:
    client = redis_client(socket_timeout=2, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.RedisError as error:
        problem = describe_redis_error(error)
        _redis_outage.failed(problem)
        # Its own words stay in the log: anybody may ask, and they may hold an address.
        return f"{problem.partition(':')[0]}; the log says what"
    finally:
        client.close()
    _redis_outage.is_over()
    return None
