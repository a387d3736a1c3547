"""WSGI application with the project's databases and the bare views, without middleware."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")
settings.ROOT_URLCONF = "benchmarks.reference.bare_django_views"
settings.MIDDLEWARE = []
application = get_wsgi_application()
