"""A web process keeps the memory that answers took once, and not once for each of its threads.

glibc gives threads arenas of their own, up to eight per core, and what a thread frees stays in its
arena. So a process would grow for hours, towards its threads times the largest answer of each: a
page of the feed has megabytes. Threads of Python rarely allocate at the same moment, so they do
with two arenas. (To return large blocks at once as well, M_MMAP_THRESHOLD, was tried: arrays of
the pricing engine then come from the system each time, for a sixth more processor time.)

Source: mallopt(3), M_ARENA_MAX.
"""

import ctypes
from typing import Final

M_ARENA_MAX: Final = -8  # of malloc.h
ARENAS: Final = 2


def share_arenas() -> None:
    """Let all threads of this process share two arenas; call it before threads begin.

    Changes nothing where the C library has no `mallopt` (musl, macOS).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)
