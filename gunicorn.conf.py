"""gunicorn: threads, because requests wait for databases; local unless told otherwise."""

import os

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = 2
threads = 8
timeout = 60
graceful_timeout = 4
keepalive = 30
wsgi_app = "roompricegenie.wsgi:application"
loglevel = "warning"
control_socket_disable = True
