"""Connects the apps' signals to the tasks that should run then, and Celery's to their receivers."""

from functools import partial

from django.apps import AppConfig


class WiringConfig(AppConfig):
    name = "roompricegenie"

    def ready(self) -> None:
        from dashboard_service.signals import figures_changed, recount_needed, share_waiting
        from data_provider.signals import events_queued, events_recorded, upload_waiting
        from pricing_service.signals import hotels_waiting, prices_changed, rules_changed
        from roompricegenie import celery, task_nudges
        from roompricegenie import worker_signals as worker_signals  # connects on import

        for signal, task in (
            (events_queued, celery.RECORD_QUEUED_EVENTS),
            (upload_waiting, celery.LOAD_UPLOADED_FILES),
            (events_recorded, celery.UPDATE_DASHBOARD_DATA),
            (figures_changed, celery.PRICE_WHAT_CHANGED),
            (rules_changed, celery.PRICE_WHAT_CHANGED),
            (hotels_waiting, celery.PRICE_WHAT_CHANGED),
            (prices_changed, celery.DELIVER_PRICES),
            (recount_needed, celery.RECOUNT_WHAT_CHANGED),
        ):
            signal.connect(partial(task_nudges.nudge, task), weak=False, dispatch_uid=task)
        nudge_share = partial(task_nudges.nudge_share, celery.UPDATE_DASHBOARD_DATA)
        share_waiting.connect(nudge_share, weak=False, dispatch_uid="share waiting")
