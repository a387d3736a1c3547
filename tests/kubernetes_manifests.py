"""The manifests of deploy/kubernetes, as they are in the files and as kustomize builds them."""

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
KUBERNETES = ROOT / "deploy" / "kubernetes"
BASE, EXAMPLE = KUBERNETES / "base", KUBERNETES / "example"

Manifest = dict[str, Any]


@cache
def manifests() -> dict[str, Manifest]:
    """Return the manifests of the base by kind and name, like `Deployment web`."""
    files = (BASE / name for name in kustomization(BASE)["resources"])
    documents = (one for file in files for one in yaml.safe_load_all(file.read_text()))
    return {f"{one['kind']} {one['metadata']['name']}": one for one in documents}


def kustomization(folder: Path) -> Manifest:
    content: Manifest = yaml.safe_load((folder / "kustomization.yaml").read_text())
    return content


def of_kind(*kinds: str) -> dict[str, Manifest]:
    """Return the manifests of some kinds by name."""
    return {one["metadata"]["name"]: one for one in manifests().values() if one["kind"] in kinds}


def processes() -> dict[str, Manifest]:
    """Return what runs the image, by name: the Deployments and the migration."""
    return of_kind("Deployment", "Job")


def pod(manifest: Manifest) -> Manifest:
    found: Manifest = manifest["spec"]["template"]["spec"]
    return found


def container(manifest: Manifest) -> Manifest:
    """Return the only container of a process."""
    found: Manifest
    [found] = pod(manifest)["containers"]
    return found


def settings() -> dict[str, str]:
    """Return what settings.env gives every process."""
    lines = (BASE / "settings.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and line[0] != "#")


def built(folder: Path) -> list[Manifest]:
    """Return what `kubectl apply -k` would send; skips where there is no kubectl."""
    program = shutil.which("kubectl")
    if program is None:
        pytest.skip("NO KUBECTL: what kustomize makes of the example is NOT checked")
    done = subprocess.run(
        [program, "kustomize", folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))
