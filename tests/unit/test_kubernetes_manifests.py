"""deploy/kubernetes: Kubernetes knows each manifest, and they say what docker-compose.yml says."""

import copy
import re
import shlex
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.urls import resolve

from roompricegenie.celery import app
from roompricegenie.settings import VARIABLES_FROM_FILES
from roompricegenie.tests.unit.test_documented_settings import documented
from tests.acceptance.compose_file import APP_SERVICES, compose_file
from tests.kubernetes_manifests import (
    BASE,
    EXAMPLE,
    ROOT,
    Manifest,
    built,
    container,
    kustomization,
    manifests,
    of_kind,
    pod,
    processes,
    settings,
)
from tests.kubernetes_schemas import mistakes_in

DEPLOYMENTS = sorted(of_kind("Deployment"))
WORKERS = [name for name in DEPLOYMENTS if name not in ("web", "celery-beat")]
PAGE = (ROOT / "docs" / "kubernetes.md").read_text()


def compose(name: str) -> dict[str, Any]:
    found: dict[str, Any] = compose_file()["services"][name]
    return found


@pytest.mark.parametrize("name", sorted(manifests()))
def test_kubernetes_accepts_the_manifest(name: str) -> None:
    assert mistakes_in(manifests()[name]) == []


def test_a_misspelt_field_is_no_valid_manifest() -> None:
    manifest = copy.deepcopy(manifests()["Deployment web"])
    pod(manifest)["terminationGracePeriod"] = 60
    [mistake] = mistakes_in(manifest)
    assert "'terminationGracePeriod' was unexpected" in mistake


def test_what_kustomize_makes_of_the_example_is_valid() -> None:
    result = built(EXAMPLE)
    assert len(result) == len(manifests()) + 1  # the settings
    for manifest in result:
        assert mistakes_in(manifest) == []
        assert manifest["metadata"]["namespace"] == "roompricegenie"
        if manifest["kind"] in ("Deployment", "Job"):
            assert ":0.2.0" in container(manifest)["image"]


def test_every_file_is_used() -> None:
    files = {file.name for file in BASE.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(kustomization(BASE)["resources"]) == files


def test_the_services_are_those_of_the_compose_file() -> None:
    assert set(processes()) == APP_SERVICES


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_the_command_is_that_of_the_compose_file(name: str) -> None:
    assert container(processes()[name])["command"] == shlex.split(compose(name)["command"])


def test_the_migration_is_that_of_the_compose_file() -> None:
    """The services' key cannot be written to a Secret by the Job: docs/kubernetes.md makes it."""
    command = shlex.join(container(processes()["migrate"])["command"])
    _, _, script = shlex.split(compose("migrate")["command"])
    assert script.startswith(f"{command} && ")


def queue_of(command: list[str]) -> str:
    """Return the queue of a worker; celery's own without `-Q`."""
    return command[command.index("-Q") + 1] if "-Q" in command else str(app.conf.task_default_queue)


def test_each_queue_has_its_workers() -> None:
    """Else tasks would pile up in a queue that nobody reads, and nobody would notice."""
    routed = [route["queue"] for route in app.conf.task_routes.values()]
    scheduled = [
        entry.get("options", {}).get("queue", app.conf.task_default_queue)
        for entry in app.conf.beat_schedule.values()
    ]
    read = [queue_of(container(processes()[name])["command"]) for name in WORKERS]
    assert sorted(read) == sorted({*routed, *scheduled})


@pytest.mark.parametrize("name", [*WORKERS, "celery-beat"])
def test_health_is_what_the_compose_file_calls_so(name: str) -> None:
    [shell, option, check] = container(processes()[name])["livenessProbe"]["exec"]["command"]
    kind, wanted = compose(name)["healthcheck"]["test"]
    assert (shell, option, kind) == ("sh", "-c", "CMD-SHELL")
    assert check == wanted.replace("$$", "$").replace("/data/", f"{settings()['DATA_DIR']}/")


@pytest.mark.parametrize("probe", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_web_s_probes_ask_paths_that_exist_by_a_name_that_is_allowed(probe: str) -> None:
    web = container(processes()["web"])
    request = web[probe]["httpGet"]
    expected = "readyz" if probe == "readinessProbe" else "healthz"
    assert resolve(request["path"]).func.__name__ == expected
    assert request["path"] in django_settings.HEALTH_PATHS
    [header] = request["httpHeaders"]
    assert header["name"] == "Host"
    assert header["value"] in django_settings.ALLOWED_HOSTS[-4:]  # whatever the operator names


def test_all_ports_of_web_are_the_one_it_listens_on() -> None:
    web = container(processes()["web"])
    [bind] = [word for word in web["command"] if word.startswith("0.0.0.0:")]
    port = int(bind.partition(":")[2])
    assert web["ports"] == [{"name": "http", "containerPort": port}]
    [service_port] = of_kind("Service")["web"]["spec"]["ports"]
    assert (service_port["port"], service_port["targetPort"]) == (port, "http")
    for name in ("EVENTS_API_BASE_URL", "DASHBOARD_API_BASE_URL"):
        assert settings()[name] == f"http://web:{port}"
    [rule] = of_kind("Ingress")["web"]["spec"]["rules"]
    [path] = rule["http"]["paths"]
    assert path["backend"]["service"] == {"name": "web", "port": {"name": "http"}}


def test_every_setting_is_one_that_the_system_reads() -> None:
    [generated] = kustomization(EXAMPLE)["configMapGenerator"]
    named = {*settings(), *(text.partition("=")[0] for text in generated["literals"])}
    assert named - documented() == set()
    assert not {name for name in named if "PASSWORD" in name or name in VARIABLES_FROM_FILES}


def test_the_settings_of_the_compose_file_are_the_same() -> None:
    """Where the two differ, they differ for a reason that this test names."""
    own = {"DATA_DIR", "UPLOADS_DIR", "PROXIES", "WEB_CONCURRENCY", "LOG_FORMAT", "DJANGO_DEBUG"}
    given = compose("web")["environment"]
    same = {name: value for name, value in settings().items() if name not in own}
    assert same.pop("SERVICE_API_KEY_FILE")  # there it is in DATA_DIR, which all services share
    assert same == {name: given.get(name) for name in same}
    assert settings()["DJANGO_DEBUG"] == "false"


def test_the_page_makes_each_file_that_a_setting_names() -> None:
    files = [value for value in settings().values() if value.startswith("/secrets/")]
    assert len(files) == 7
    for file in files:
        name = file.removeprefix("/secrets/")
        assert re.search(rf"--from-(literal|file)={name}=", PAGE), name


@pytest.mark.parametrize("name", sorted(processes()))
def test_settings_and_secrets_reach_every_process(name: str) -> None:
    own = container(processes()[name])
    assert {"configMapRef": {"name": "settings"}} in own["envFrom"]
    assert "env" not in own  # a secret in an environment is read by everything in the pod
    mounts = {mount["name"]: mount["mountPath"] for mount in own["volumeMounts"]}
    assert mounts["secrets"] == "/secrets"
    assert {volume["name"] for volume in pod(processes()[name])["volumes"]} == set(mounts)
    assert settings()["DATA_DIR"].startswith(f"{mounts['data']}/")
    # Web writes what people upload, the event workers load and delete it.
    assert (mounts.get("uploads") == settings()["UPLOADS_DIR"]) is (name in ("web", "celery"))


@pytest.mark.parametrize("name", sorted(processes()))
def test_a_process_has_no_more_rights_than_it_needs(name: str) -> None:
    process = pod(processes()[name])
    assert process["automountServiceAccountToken"] is False
    [user] = set(re.findall(r"--uid (\d+)", (ROOT / "Dockerfile").read_text()))
    assert process["securityContext"] == {
        "runAsNonRoot": True, "runAsUser": int(user), "runAsGroup": int(user), "fsGroup": int(user),
        "fsGroupChangePolicy": "OnRootMismatch", "seccompProfile": {"type": "RuntimeDefault"},
    }  # fmt: skip
    own = container(processes()[name])
    assert own["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert set(own["resources"]["requests"]) == {"cpu", "memory"}
    assert "memory" in own["resources"]["limits"]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_there_is_time_to_end(name: str) -> None:
    seconds = pod(processes()[name])["terminationGracePeriodSeconds"]
    assert f"{seconds}s" == compose(name)["stop_grace_period"]
    own = container(processes()[name])
    if name == "web":
        [_, pause] = own["lifecycle"]["preStop"]["exec"]["command"]
        drain = own["command"][own["command"].index("--graceful-timeout") + 1]
        assert int(pause) + int(drain) < seconds


def test_there_is_one_beat_at_a_time_and_new_pods_before_old_ones_end_elsewhere() -> None:
    for name in DEPLOYMENTS:
        strategy = processes()[name]["spec"]["strategy"]
        if name == "celery-beat":
            assert processes()[name]["spec"]["replicas"] == 1
            assert strategy == {"type": "Recreate"}
        else:
            assert strategy["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}, name
    autoscalers = of_kind("HorizontalPodAutoscaler").values()
    scaled = [one["spec"]["scaleTargetRef"]["name"] for one in autoscalers]
    assert scaled == ["web"]
    assert "replicas" not in processes()["web"]["spec"]  # each `apply` would set it back


def test_what_has_to_be_done_first_is_labelled_so() -> None:
    """`kubectl apply -l start=first` migrates, and starts nothing of the new version."""
    first = {"Job", "NetworkPolicy", "PersistentVolumeClaim", "ServiceAccount"}
    for name, manifest in manifests().items():
        wanted = "first" if manifest["kind"] in first else "last"
        assert manifest["metadata"]["labels"]["start"] == wanted, name
    [generated] = kustomization(BASE)["configMapGenerator"]
    assert generated["options"]["labels"]["start"] == "first"


def selected(manifest: Manifest) -> list[dict[str, str]]:
    """Return the label selectors of a manifest, wherever they are."""
    found: list[dict[str, str]] = []

    def look(part: Any, key: str = "") -> None:
        if isinstance(part, dict):
            if key in ("podSelector", "labelSelector", "selector"):
                found.append(part.get("matchLabels", part))
            for name, value in part.items():
                look(value, name)
        elif isinstance(part, list):
            for one in part:
                look(one)

    look(manifest)
    return found


@pytest.mark.parametrize("name", sorted(manifests()))
def test_each_selector_finds_pods(name: str) -> None:
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in processes().values()]
    for wanted in selected(manifests()[name]):
        assert any(wanted.items() <= found.items() for found in labels), wanted


def test_who_calls_strangers_may() -> None:
    """Web signs in to booking systems; prices are mailed of where events stop; the rest has to."""
    allowed = {
        name
        for name, one in processes().items()
        if "calls-strangers" in one["spec"]["template"]["metadata"]["labels"]
    }
    assert allowed == {
        "web", "celery-prices", "celery-mail", "celery-webhooks", "celery-connections",
    }  # fmt: skip
