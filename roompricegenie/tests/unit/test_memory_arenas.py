"""A process does not keep for each of its threads what the largest answer of the thread took."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
THREADS, BLOCKS, BLOCK_BYTES = 8, 60, 100_000
# Each thread answers as a web server's does, one after another: a large text, some smaller ones,
# and something small after them that stays.
PROGRAM = f"""
import sys, threading
import psutil
from roompricegenie.gunicorn.memory_arenas import share_arenas

def answer():
    large = bytes(8_000_000)
    del large
    texts = [bytes({BLOCK_BYTES}) for _ in range({BLOCKS})]
    stays.append(bytes(1_000))
    del texts
    answered.release()
    done.wait()

if sys.argv[1] == "shared":
    share_arenas()
stays, answered, done = [], threading.Semaphore(0), threading.Event()
before = psutil.Process().memory_info().rss
for _ in range({THREADS}):
    threading.Thread(target=answer).start()
    answered.acquire()
print(psutil.Process().memory_info().rss - before)  # what `memory_kept` reads
done.set()
"""


def memory_kept(way: str) -> int:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, way],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return int(result.stdout)


# musl and macOS have no arena for each thread, and nothing to limit.
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc's malloc")
def test_threads_share_what_the_process_keeps_of_freed_memory() -> None:
    assert memory_kept("shared") < 0.7 * memory_kept("one each")
