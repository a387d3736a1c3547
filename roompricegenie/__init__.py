"""The wiring: settings, queues, urls. It imports the apps; nothing imports it.

This file imports nothing, so that manage.py can choose the settings first; `WiringConfig.ready`
sets up Celery.
"""
