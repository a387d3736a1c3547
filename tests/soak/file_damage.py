"""Damages files as a power cut or a full disk does: those of Valkey, and those of beat."""

import os
import random
import shutil
from pathlib import Path

FOLDER = "valkey/appendonlydir"
MANIFEST = "appendonly.aof.manifest"
ZEROS = 4096
BEATS_FILES = ("beat-alive", "celerybeat-schedule", "celerybeat-schedule.db")


def damage_append_only_file(data_dir: Path, rng: random.Random) -> str:
    """Damage the append-only file while no server runs; return how. Raises: OSError."""
    folder = data_dir / FOLDER
    newest = max(folder.glob("*.incr.aof"), key=lambda path: int(path.name.split(".")[2]))
    size = newest.stat().st_size
    kind = rng.choice(["zeros at its end", "its end cut off", "its end zeroed", "empty manifest",
                       "half a manifest"])  # fmt: skip
    part = min(size, rng.randint(1, 200_000))  # up to a fifth of what a file of events needs
    if kind == "zeros at its end":
        with newest.open("ab") as file:
            file.write(bytes(ZEROS))
    elif kind == "its end cut off":
        os.truncate(newest, size - part)
    elif kind == "its end zeroed":
        with newest.open("r+b") as file:
            file.seek(size - part)
            file.write(bytes(part))
    else:
        manifest = folder / MANIFEST
        os.truncate(manifest, manifest.stat().st_size // 2 if kind == "half a manifest" else 0)
    return f"{kind} ({part:,} of {size:,} bytes)" if " its " in f" {kind}" else kind


def damage_beats_files(data_dir: Path, rng: random.Random) -> str:
    """Put something unusable where beat has, or once had, its files; return what."""
    kind = rng.choice(["garbage", "empty files", "zeros", "folders"])
    for name in BEATS_FILES:
        path = data_dir / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        if kind == "folders":
            path.mkdir()
        else:
            path.write_bytes(
                {"garbage": rng.randbytes(500), "empty files": b"", "zeros": bytes(ZEROS)}[kind]
            )
    return kind
