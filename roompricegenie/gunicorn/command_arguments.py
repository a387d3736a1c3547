"""Checks GUNICORN_CMD_ARGS, so that `make run` names the variable instead of gunicorn's usage."""

import io
import shlex
from contextlib import redirect_stderr, redirect_stdout

from django.core.exceptions import ImproperlyConfigured


def check_gunicorn_arguments(text: str) -> None:
    """Parse the arguments as gunicorn does. Raises: ImproperlyConfigured."""
    if not text.strip():
        return
    # Only here: most processes do not need gunicorn. It reads WEB_CONCURRENCY, which is checked.
    from gunicorn.config import Config

    printed = io.StringIO()
    try:
        with redirect_stderr(printed), redirect_stdout(printed):
            config = Config()
            options = vars(config.parser().parse_args(shlex.split(text)))
            for name, value in options.items():
                if value is not None and name != "args":
                    config.set(name.lower(), value)
    except (SystemExit, ValueError, TypeError, AttributeError) as error:
        lines = printed.getvalue().strip().splitlines() or [str(error)]
        reason = lines[-1].rpartition("error: ")[2]
        raise ImproperlyConfigured(
            f"GUNICORN_CMD_ARGS is {text!r}: {reason}; set it to options of `gunicorn --help`."
        ) from error
