"""Connects what the data provider announces to the tasks that should run then."""

from functools import partial

from django.apps import AppConfig


class WiringConfig(AppConfig):
    name = "roompricegenie"

    def ready(self) -> None:
        from data_provider.signals import events_queued, events_recorded
        from roompricegenie.celery import RECORD_QUEUED_EVENTS, UPDATE_DASHBOARD_DATA, nudge

        events_queued.connect(
            partial(nudge, RECORD_QUEUED_EVENTS), weak=False, dispatch_uid="nudge ledger"
        )
        events_recorded.connect(
            partial(nudge, UPDATE_DASHBOARD_DATA), weak=False, dispatch_uid="nudge dashboard"
        )
