"""The Celery app: the queues, and the schedule of periodic tasks.

The default queue is the ledger's. Each other kind of work has a queue of its own, so that none
waits for another; a worker takes the tasks of the queues that `-Q` names. One without `-Q` takes
several (QUEUES_WITHOUT_OPTION), so that two workers, this one and the dashboard's, do all but what
waits for booking systems, as workers of earlier versions did.

`task_nudges` runs tasks earlier than the schedule does; `worker_signals` is what workers do before,
around and after tasks; `beat_scheduler` keeps the schedule's time.
"""

import logging
import os
import sys

from celery import Celery
from celery.schedules import crontab
from kombu.entity import Exchange, Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")
# Django's checks would have each worker import every web page: a quarter of its start, and 13 MB.
# `manage.py` commands make them, so does the one that migrates before a worker starts.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

try:
    settings.DEBUG  # noqa: B018  # reads the settings
except ImproperlyConfigured as error:
    sys.exit(f"celery: {error}")

logger = logging.getLogger(__name__)

RECORD_QUEUED_EVENTS = "data_provider.tasks.record_queued_events"
LOAD_UPLOADED_FILES = "data_provider.tasks.load_uploaded_files"
UPDATE_DASHBOARD_DATA = "dashboard_service.tasks.update_dashboard_data"
CHECK_HOTELS = "dashboard_service.tasks.check_hotels"
RECOUNT_WHAT_CHANGED = "dashboard_service.tasks.recount_what_changed"
PRICE_WHAT_CHANGED = "pricing_service.tasks.price_what_changed"
DELIVER_PRICES = "pricing_service.tasks.deliver_prices"
READ_EVENT_CALENDARS = "pricing_service.tasks.read_event_calendars"
MAKE_MESSAGES = "overview.tasks.make_messages"
SEND_MESSAGES = "overview.tasks.send_messages"
TELL_SIMULATED_HOTEL = "roompricegenie.celery.tell_simulated_hotel"
READ_CONNECTIONS = "connections.tasks.read_connections"
CHECK_DASHBOARD_DATA = "dashboard_service.tasks.check_dashboard_data"
REFRESH_PORTFOLIO = "overview.tasks.refresh_portfolio"
DELETE_OLD_MESSAGES = "overview.tasks.delete_old_messages"
DELETE_EXPIRED_LOGINS = "accounts.tasks.delete_expired_logins"

LEDGER_QUEUE = "celery"  # Celery's default
DASHBOARD_QUEUE = "dashboard_queue"
PRICES_QUEUE = "prices_queue"
CHECKS_QUEUE = "checks_queue"
MAIL_QUEUE = "mail_queue"
WEBHOOK_QUEUE = "webhook_queue"
CONNECTIONS_QUEUE = "connections_queue"
QUEUES_WITHOUT_OPTION = (LEDGER_QUEUE, PRICES_QUEUE, CHECKS_QUEUE, MAIL_QUEUE)
QUEUES = (*QUEUES_WITHOUT_OPTION, DASHBOARD_QUEUE, WEBHOOK_QUEUE, CONNECTIONS_QUEUE)

PERIOD_SECONDS = 5
RECOUNT_PERIOD_SECONDS = 60
CHECK_PERIOD_SECONDS = 60  # between looks which hotels are due, each once a day
PRICES_PERIOD_SECONDS = 15
PORTFOLIO_PERIOD_SECONDS = 60
MESSAGES_PERIOD_SECONDS = 30
CALENDARS_PERIOD_SECONDS = 300  # between looks for those that are due, each once a day

app = Celery("roompricegenie")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # A connection that falls silent without being closed (a firewall dropped it, a host is gone) is
    # abandoned: one that waits for tasks after about 21 s, any other after socket_timeout. Without
    # these a worker waits on it forever, and looks healthy.
    broker_transport_options={
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "health_check_interval": 10,
        "visibility_timeout": 3600,
        "master_name": settings.REDIS_SENTINEL_MASTER,  # only with Sentinels
    },
    task_ignore_result=True,
    task_default_queue=LEDGER_QUEUE,
    # What a worker without `-Q` takes. The other queues come into being when they are used.
    task_queues=[Queue(name, Exchange(name), name) for name in QUEUES_WITHOUT_OPTION],
    # Checks of large hotels take minutes, and prices of many hotels, too: they delay neither
    # figures nor the ledger. Webhooks wait for servers of strangers, mails for the mail server. A
    # first import of a connection takes minutes. What deletes old uploads stays with the workers
    # that share their folder.
    task_routes={
        UPDATE_DASHBOARD_DATA: {"queue": DASHBOARD_QUEUE},
        PRICE_WHAT_CHANGED: {"queue": PRICES_QUEUE},
        RECOUNT_WHAT_CHANGED: {"queue": CHECKS_QUEUE},
        CHECK_DASHBOARD_DATA: {"queue": CHECKS_QUEUE},
        CHECK_HOTELS: {"queue": CHECKS_QUEUE},
        DELETE_OLD_MESSAGES: {"queue": CHECKS_QUEUE},
        DELETE_EXPIRED_LOGINS: {"queue": CHECKS_QUEUE},
        MAKE_MESSAGES: {"queue": MAIL_QUEUE},
        SEND_MESSAGES: {"queue": MAIL_QUEUE},
        REFRESH_PORTFOLIO: {"queue": MAIL_QUEUE},  # messages are made from it
        "accounts.tasks.send_invitation_mail": {"queue": MAIL_QUEUE},
        "accounts.tasks.send_password_links": {"queue": MAIL_QUEUE},
        DELIVER_PRICES: {"queue": WEBHOOK_QUEUE},
        READ_EVENT_CALENDARS: {"queue": WEBHOOK_QUEUE},
        READ_CONNECTIONS: {"queue": CONNECTIONS_QUEUE},
    },
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_send_task_events=False,
    timezone="UTC",
    beat_scheduler="roompricegenie.beat_scheduler:InMemoryScheduler",
    # A scheduled run that no worker took before the next one is due is dropped, so that nothing
    # piles up behind a long run or a worker that was down.
    beat_schedule={
        "record queued events": {
            "task": RECORD_QUEUED_EVENTS,
            "schedule": PERIOD_SECONDS,
            "options": {"expires": PERIOD_SECONDS},
        },
        "load uploaded files": {
            "task": LOAD_UPLOADED_FILES,
            "schedule": PERIOD_SECONDS,
            "options": {"expires": PERIOD_SECONDS},
        },
        "delete old uploads": {
            "task": "data_provider.tasks.delete_old_uploads",
            "schedule": crontab(minute="41"),
            "options": {"expires": 3600},
        },
        "update dashboard data": {
            "task": UPDATE_DASHBOARD_DATA,
            "schedule": PERIOD_SECONDS,
            "options": {"expires": PERIOD_SECONDS},
        },
        "recount what changed": {
            "task": RECOUNT_WHAT_CHANGED,
            "schedule": RECOUNT_PERIOD_SECONDS,
            "options": {"expires": RECOUNT_PERIOD_SECONDS},
        },
        "price what changed": {
            "task": PRICE_WHAT_CHANGED,
            "schedule": PRICES_PERIOD_SECONDS,
            "options": {"expires": PRICES_PERIOD_SECONDS},
        },
        "deliver prices": {
            "task": DELIVER_PRICES,
            "schedule": PRICES_PERIOD_SECONDS,
            "options": {"expires": PRICES_PERIOD_SECONDS},
        },
        "read event calendars": {
            "task": READ_EVENT_CALENDARS,
            "schedule": CALENDARS_PERIOD_SECONDS,
            "options": {"expires": CALENDARS_PERIOD_SECONDS},
        },
        "refresh portfolio": {
            "task": REFRESH_PORTFOLIO,
            "schedule": PORTFOLIO_PERIOD_SECONDS,
            "options": {"expires": PORTFOLIO_PERIOD_SECONDS},
        },
        "make messages": {
            "task": MAKE_MESSAGES,
            "schedule": MESSAGES_PERIOD_SECONDS,
            "options": {"expires": MESSAGES_PERIOD_SECONDS},
        },
        "send messages": {
            "task": SEND_MESSAGES,
            "schedule": MESSAGES_PERIOD_SECONDS,
            "options": {"expires": MESSAGES_PERIOD_SECONDS},
        },
        "delete old messages": {
            "task": DELETE_OLD_MESSAGES,
            "schedule": crontab(hour="4", minute="53"),
            "options": {"expires": 3600},
        },
        "read connections": {
            "task": READ_CONNECTIONS,
            "schedule": PERIOD_SECONDS,
            "options": {"expires": PERIOD_SECONDS},
        },
        "check dashboard": {
            "task": CHECK_HOTELS,
            "schedule": CHECK_PERIOD_SECONDS,
            "options": {"expires": CHECK_PERIOD_SECONDS},
        },
        "delete expired logins": {
            "task": DELETE_EXPIRED_LOGINS,
            "schedule": crontab(hour="4", minute="23"),
            "options": {"expires": 3600},
        },
    },
)


@app.task(name=TELL_SIMULATED_HOTEL)
def tell_simulated_hotel() -> None:
    """Give the hotel of SIMULATE=1 a name; its bookings are recorded by the simulator's task."""
    from django.db import Error

    from roompricegenie.loading import demonstration  # models: not before the apps are ready

    try:
        demonstration.tell_simulated_hotel()
    except Error as error:
        logger.warning("the simulated hotel has no name yet: %s", error)


if settings.SIMULATE:
    app.conf.beat_schedule["tell the simulated hotel"] = {
        "task": TELL_SIMULATED_HOTEL,
        "schedule": 20,
        "options": {"expires": 20},
    }
    app.conf.beat_schedule["post demonstration bookings"] = {
        "task": "simulator.tasks.record_demonstration_bookings",
        "schedule": 2,
        "options": {"expires": 2},
    }
    app.conf.beat_schedule["post coming bookings of the demonstration"] = {
        "task": "simulator.tasks.record_coming_bookings",
        "schedule": 30,
        "options": {"expires": 30},
    }
app.autodiscover_tasks(
    [
        "accounts",
        "data_provider",
        "dashboard_service",
        "pricing_service",
        "overview",
        "connections",
        "simulator",
    ]
)
