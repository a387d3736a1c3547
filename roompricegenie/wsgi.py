"""The WSGI application that gunicorn serves."""

import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")

application = get_wsgi_application()


def _announce() -> None:
    """An open system says so in the log."""
    from django.conf import settings

    if settings.API_AUTH == "open":
        logging.getLogger("access").log(
            logging.INFO if settings.DEBUG else logging.WARNING,
            "API_AUTH=open: whoever reaches this server can post events and read all figures",
        )


_announce()
