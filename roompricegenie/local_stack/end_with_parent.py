"""Ends this process when its parent dies, however it dies (`kill -9` included).

Linux only: the kernel sends the signal. Elsewhere nothing happens.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
# Loaded at import: a function that runs between fork and exec must not load a library.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def end_with_parent(parent: int) -> None:
    """Have the kernel send SIGTERM to this process when the thread that started it ends.

    Safe to call between fork and exec; the setting survives exec and is not inherited by children.

    Args:
        parent: process id of the parent. If it died before this call, the process ends itself.
    """
    if _prctl is None:
        return
    _prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
