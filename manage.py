#!/usr/bin/env python
"""Django's command line: `python manage.py help` lists the commands.

Started beside a running `make run` of the same checkout, it uses that stack's settings.
"""

import os
import sys

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility

from roompricegenie.find_running_stack import SeveralStacks, use_running_stack


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")
    try:
        stack = use_running_stack(os.environ)
    except SeveralStacks as error:
        sys.exit(f"manage.py: {error}")
    if stack:
        print(
            f"Using the running stack: PORT={stack['PORT']} DATA_DIR={stack['DATA_DIR']}",
            file=sys.stderr,
        )
    try:
        settings.DEBUG  # noqa: B018  # reads the settings
    except ImproperlyConfigured as error:
        sys.exit(f"manage.py: {error}")
    utility = ManagementUtility(sys.argv)
    if sys.argv[1:2] == ["version"]:  # Django would print its own version
        django.setup()
        utility.fetch_command("version").run_from_argv(sys.argv)
    else:
        utility.execute()


if __name__ == "__main__":
    main()
