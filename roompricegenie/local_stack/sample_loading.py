"""Loads the demonstration when `make run` is started for the first time.

A marker file under DATA_DIR says `loading` or `loaded`, so that the next start completes a load
that was cut short.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from django.db import connections

from data_provider import ledger
from roompricegenie.local_stack.end_with_parent import end_with_parent


async def load_sample_once(
    data_dir: Path, write_line: Callable[[str], None], inherited: Sequence[int] = ()
) -> None:
    """Load the demonstration into an empty ledger, once. When cancelled, ends the load under way.

    Args:
        inherited: file descriptors that the loading process gets, under the same numbers.
    """
    marker = data_dir / "sample"
    try:
        state = marker.read_text(errors="replace").strip() if marker.exists() else ""
        if state == "loaded" or (not state and await asyncio.to_thread(_ledger_has_events)):
            return
        marker.write_text("loading\n")
    except OSError as error:
        write_line(
            f"the demonstration is not loaded, its marker cannot be used ({error}): remove it"
        )
        return
    loader = await asyncio.create_subprocess_exec(
        sys.executable, "manage.py", "load_demonstration",
        stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, stderr=STDOUT, pass_fds=inherited,
        start_new_session=True,  # the terminal's Ctrl-C reaches the supervisor only
        preexec_fn=partial(end_with_parent, os.getpid()),
    )  # fmt: skip
    try:
        output, _ = await loader.communicate()
    finally:
        if loader.returncode is None:
            loader.kill()
            await loader.wait()
    for line in output.decode(errors="replace").splitlines():
        write_line(f"sample: {line}")
    if loader.returncode == 0:
        with suppress(OSError):  # then the next start loads it again, which changes nothing
            marker.write_text("loaded\n")


def _ledger_has_events() -> bool:
    try:
        return ledger.newest_position() > 0
    finally:
        connections.close_all()  # this thread's own
