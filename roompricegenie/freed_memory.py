"""Memory that was freed goes back to the system, instead of being kept for later by the allocator.

A thread of a web server or an event worker needs a few megabytes at times: for a page of the feed,
for a batch's arrays. glibc keeps them after that, in up to eight arenas per core, and returns no
block at once that is smaller than the largest one ever freed (its threshold rises up to 32 MB). So
a process would grow for hours, towards its threads times the largest answer of each. Threads of
Python rarely allocate at the same time, so two arenas serve them as well.

Source: mallopt(3), on M_ARENA_MAX and on the dynamic M_MMAP_THRESHOLD.
"""

import ctypes
import os
from typing import Final

# Numbers of mallopt(3), from malloc.h.
M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8

ARENAS: Final = 2
RETURNED_BYTES: Final = 512 * 1024  # a block of this size or more goes back as soon as it is freed


def return_freed_memory() -> None:
    """Limit what this process keeps of freed memory; call it before threads begin.

    Changes nothing where the C library has no `mallopt` (musl, macOS), or where the environment
    variable `MALLOC_ARENA_MAX` or `MALLOC_MMAP_THRESHOLD_` says what an operator wants.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    if "MALLOC_ARENA_MAX" not in os.environ:
        mallopt(M_ARENA_MAX, ARENAS)
    if "MALLOC_MMAP_THRESHOLD_" not in os.environ:
        mallopt(M_MMAP_THRESHOLD, RETURNED_BYTES)
