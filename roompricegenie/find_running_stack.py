"""How a `manage.py` in another terminal finds the stack that `make run` started in this checkout.

`make run` writes the settings that it runs with into a file in RUNNING_STACKS_DIR (by default
`.running-stacks` in the checkout), readable for its owner only, and holds the file's lock for as
long as it runs. A file whose lock nobody holds is what a killed run left, and is ignored.

Only manage.py reads these files. An environment that names DATA_DIR or PORT selects the stack that
has them, and no variable that is set is ever replaced. With RUNNING_STACKS_DIR set to nothing, as
in tests, files are neither written nor read.

This module must not import Django's settings: it runs before they are read.
"""

import json
import os
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path

from roompricegenie.file_lock import acquire_lock, is_locked

CHECKOUT = Path(__file__).resolve().parent.parent
SELECTING = ("DATA_DIR", "PORT")
# What a command must share with the running stack to meet the same databases, queue and services.
SHARED = (
    "DATABASE_URL", "DATABASE_URL_DATA_PROVIDER", "DATABASE_URL_DASHBOARD_SERVICE",
    "DATABASE_URL_PRICING_SERVICE", "CELERY_BROKER_URL", "EVENTS_API_BASE_URL",
    "DASHBOARD_API_BASE_URL", "API_AUTH", "SERVICE_API_KEY", "DJANGO_DEBUG", "DJANGO_SECRET_KEY",
)  # fmt: skip
RECORDED = (*SELECTING, *SHARED, *(f"{name}_FILE" for name in SHARED))
DEFAULT = {"DATA_DIR": str(CHECKOUT / "var"), "PORT": "8000"}


class SeveralStacks(Exception):
    """More than one running stack fits the environment; the message says how to name one."""


def _folder(environment: Mapping[str, str]) -> Path | None:
    named = environment.get("RUNNING_STACKS_DIR", str(CHECKOUT / ".running-stacks"))
    return Path(named) if named else None


@contextmanager
def recorded_settings(environment: Mapping[str, str]) -> Iterator[None]:
    """Have manage.py find this process's settings inside the `with` block.

    Args:
        environment: with absolute DATA_DIR, and PORT.
    Raises: OSError.
    """
    folder = _folder(environment)
    if folder is None:
        yield
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    for path in folder.glob("*.json"):
        with suppress(FileNotFoundError):
            if not is_locked(path):
                path.unlink()
    path = folder / f"{os.getpid()}.json"
    draft = path.with_suffix(".draft")  # renamed when it is locked and whole
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with acquire_lock(draft) as file:
        json.dump({name: environment[name] for name in RECORDED if name in environment}, file)
        file.flush()
        draft.rename(path)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def use_running_stack(environment: MutableMapping[str, str]) -> Mapping[str, str] | None:
    """Add the running stack's settings to an environment, as far as it does not have them.

    Return the stack's settings if they gave the environment a DATA_DIR or PORT that is not the
    default, None otherwise.
    Raises: SeveralStacks.
    """
    stacks = [stack for stack in _running_stacks(environment) if _fits(stack, environment)]
    if len(stacks) > 1:
        choices = " or ".join(f"PORT={stack['PORT']}" for stack in stacks)
        raise SeveralStacks(
            f"{len(stacks)} stacks run from this checkout: name one by setting {choices} (or its "
            "DATA_DIR)"
        )
    if not stacks:
        return None
    [stack] = stacks
    added = {name: stack[name] for name in SELECTING if not environment.get(name)}
    for name, value in stack.items():
        if not environment.get(name):
            environment[name] = value
    return stack if added.items() - DEFAULT.items() else None


def _running_stacks(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    folder = _folder(environment)
    for path in sorted(folder.glob("*.json")) if folder else ():
        with suppress(OSError, ValueError):  # it ends just now, or is another user's
            if is_locked(path):
                yield json.loads(path.read_text())


def _fits(stack: Mapping[str, str], environment: Mapping[str, str]) -> bool:
    data_dir, port = environment.get("DATA_DIR"), environment.get("PORT")
    return (not port or port == stack["PORT"]) and (
        not data_dir or str(Path(data_dir).resolve()) == stack["DATA_DIR"]
    )
