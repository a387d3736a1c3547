"""The WSGI application that gunicorn serves."""

import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")

_django = get_wsgi_application()  # the imports below need the settings and apps

from roompricegenie.renewal_answers import RenewalAnswers  # noqa: E402

application = RenewalAnswers(_django)


def _log_if_open() -> None:
    """Log that the system has no authentication: a warning unless DJANGO_DEBUG is set."""
    from django.conf import settings

    if settings.API_AUTH == "open":
        logging.getLogger("access").log(
            logging.INFO if settings.DEBUG else logging.WARNING,
            "API_AUTH=open: anybody who reaches this server can post events and read all figures",
        )


_log_if_open()
