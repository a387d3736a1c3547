"""The project's databases, and nothing else of it: no middleware, the limits' views."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")
settings.ROOT_URLCONF = "benchmarks.bare"
settings.MIDDLEWARE = []
application = get_wsgi_application()
