"""The schema of Kubernetes by which the manifests are checked, cut from the published one.

`python -m tests.kubernetes_schemas _definitions.json` writes it anew for a newer Kubernetes. The
file is in the folder `vX.Y.0-local-strict` of the package kubernetes-validate, and in the project
yannh/kubernetes-json-schema. The whole package would be 22 MB to download and 108 MB on disk, for
twelve kinds that Kubernetes promises not to change. Strict: an unknown field is refused.
"""

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

SCHEMAS = Path(__file__).with_name("kubernetes_1_37_schemas.json")
DEFINITIONS = {
    "apps/v1 Deployment": "io.k8s.api.apps.v1.Deployment",
    "autoscaling/v2 HorizontalPodAutoscaler": "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
    "batch/v1 Job": "io.k8s.api.batch.v1.Job",
    "networking.k8s.io/v1 Ingress": "io.k8s.api.networking.v1.Ingress",
    "networking.k8s.io/v1 NetworkPolicy": "io.k8s.api.networking.v1.NetworkPolicy",
    "policy/v1 PodDisruptionBudget": "io.k8s.api.policy.v1.PodDisruptionBudget",
    "v1 ConfigMap": "io.k8s.api.core.v1.ConfigMap",
    "v1 Namespace": "io.k8s.api.core.v1.Namespace",
    "v1 PersistentVolumeClaim": "io.k8s.api.core.v1.PersistentVolumeClaim",
    "v1 Secret": "io.k8s.api.core.v1.Secret",
    "v1 Service": "io.k8s.api.core.v1.Service",
    "v1 ServiceAccount": "io.k8s.api.core.v1.ServiceAccount",
}


def mistakes_in(manifest: dict[str, Any]) -> list[str]:
    """Return what Kubernetes would refuse. Raises: KeyError for a kind that is not in the file."""
    name = DEFINITIONS[f"{manifest['apiVersion']} {manifest['kind']}"]
    errors = _validator().descend(manifest, {"$ref": f"#/$defs/{name}"})
    return [f"{error.json_path}: {error.message}" for error in errors]


@cache
def _validator() -> Any:
    return jsonschema.Draft202012Validator({"$defs": json.loads(SCHEMAS.read_text())})


def cut(published: dict[str, Any]) -> dict[str, Any]:
    """Return the definitions of our kinds, with all that they refer to, without descriptions."""
    kept: dict[str, Any] = {}
    names = list(DEFINITIONS.values())
    while names:
        name = names.pop()
        if name not in kept:
            kept[name] = _without_texts(published[name], names)
    return dict(sorted(kept.items()))


def _without_texts(part: Any, names: list[str]) -> Any:
    """Return a part of a schema without its texts; append the definitions it refers to."""
    if isinstance(part, list):
        return [_without_texts(one, names) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        names.append(part["$ref"].rpartition("/")[2])
        return {"$ref": f"#/$defs/{names[-1]}"}
    return {
        key: _without_texts(value, names)
        for key, value in part.items()
        if not (key == "description" and isinstance(value, str)) and key[:2] != "x-"
    }


if __name__ == "__main__":
    everything = json.loads(Path(sys.argv[1]).read_text())
    definitions = cut(everything.get("$defs") or everything["definitions"])
    SCHEMAS.write_text(json.dumps(definitions, separators=(",", ":")) + "\n")
