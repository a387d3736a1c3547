"""The wiring: settings, queues, urls. It imports the apps; nothing imports it."""

from roompricegenie.celery import app as celery_app

__all__ = ["celery_app"]
