"""docker-compose.yml as compose reads it."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
APP_SERVICES = {
    "migrate", "web", "celery", "celery-update", "celery-prices", "celery-checks", "celery-mail",
    "celery-webhooks", "celery-connections", "celery-beat",
}  # fmt: skip


def compose_file() -> dict[str, Any]:
    """The compose file with its `${…}` filled from the committed `.env`."""
    lines = (ROOT / ".env").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    def value(match: re.Match[str]) -> str:
        name, operator, alternative = match.groups()
        assert operator == ":-" or name in values, f"{name} has no default: {alternative}"
        return values.get(name) or alternative

    text = (ROOT / "docker-compose.yml").read_text()
    content: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{(\w+)(:[-?])([^}]*)\}", value, text))
    return content


def docker_compose_config(*options: str) -> dict[str, Any]:
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("docker-compose is not installed: NOT checked that it accepts the file")
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [program, *options, "config"],
        cwd=ROOT,
        env=keep,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    content: dict[str, Any] = yaml.safe_load(done.stdout)
    return content
