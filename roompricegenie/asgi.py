"""The ASGI application, for ASGI servers; gunicorn serves wsgi.py."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")

application = get_asgi_application()
