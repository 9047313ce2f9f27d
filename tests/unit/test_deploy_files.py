"""What deploy/ says agrees with the service: names of settings, the limit of a body, ports, how long a stop may take."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.config import _READERS, Settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
TEXTS = {path: path.read_text(encoding="utf-8") for path in sorted(DEPLOY.rglob("*")) if path.is_file() and path.suffix != ".pyc"}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_every_setting_named_is_one(path: Path) -> None:
    """A name that is not a setting stops the start."""
    assert set(re.findall(r"TRIAL_CDS_[A-Z_]*[A-Z]", TEXTS[path])) <= set(_READERS)


def manifest(name: str) -> Any:
    return yaml.safe_load(TEXTS[DEPLOY / "kubernetes" / name])


def test_the_ingress_takes_bodies_as_large_as_the_service() -> None:
    """Else one of the two would refuse what the other takes."""
    annotations = manifest("examples/ingress.yaml")["metadata"]["annotations"]
    assert annotations["nginx.ingress.kubernetes.io/proxy-body-size"] == str(Settings().body_limit)


def test_a_stop_leaves_gunicorn_its_time() -> None:
    """Kubernetes, compose and systemd kill only after graceful_timeout is over."""
    graceful = int(re.search(r"^graceful_timeout = (\d+)", TEXTS[DEPLOY / "gunicorn.conf.py"], re.M)[1])  # type: ignore[index]
    pod = manifest("deployment.yaml")["spec"]["template"]["spec"]
    drain = int(re.search(r"sleep\((\d+)\)", str(pod["containers"][0]["lifecycle"]))[1])  # type: ignore[index]
    unit = int(re.search(r"TimeoutStopSec=(\d+)", TEXTS[DEPLOY / "systemd" / "cds-service.service"])[1])  # type: ignore[index]
    compose = yaml.safe_load(TEXTS[DEPLOY / "compose.yaml"])["services"]["cds-service"]["stop_grace_period"]
    assert pod["terminationGracePeriodSeconds"] > graceful + drain
    assert min(unit, int(compose.removesuffix("s"))) > graceful


def test_the_database_is_not_reachable_from_outside() -> None:
    """It publishes no port and stands on an internal network alone, on which nginx is not."""
    compose = yaml.safe_load(TEXTS[DEPLOY / "compose.yaml"])
    services, networks = compose["services"], compose["networks"]
    assert "ports" not in services["database"]
    assert services["database"]["networks"] == ["data"]
    assert networks["data"]["internal"] is True
    assert "data" not in services["nginx"]["networks"]
    assert [name for name, one in services.items() if "ports" in one] == ["nginx"]


@pytest.mark.parametrize("name", ["deployment.yaml", "migrate-job.yaml", "daily-cronjob.yaml"])
def test_pods_meet_the_restricted_standard(name: str) -> None:
    """Kubernetes' Pod Security Standard `restricted`, and a root file system that nobody writes to."""
    job = manifest(name)["spec"]
    pod = job.get("jobTemplate", {}).get("spec", job)["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        context = container["securityContext"]
        assert (context["allowPrivilegeEscalation"], context["readOnlyRootFilesystem"]) == (False, True)
        assert context["capabilities"] == {"drop": ["ALL"]}


def test_the_probes_ask_what_they_should() -> None:
    """A database that is away must take a pod out of service, not restart it."""
    container = manifest("deployment.yaml")["spec"]["template"]["spec"]["containers"][0]
    asked = {name: container[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert asked == {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
