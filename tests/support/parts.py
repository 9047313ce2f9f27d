"""The parts of `make test-all` in, a table of what ran and what did not out; with CI=true a missing part fails."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
CHECKOV = BIN.parent / "checkov"
MANIFESTS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "deploy" / "kubernetes").rglob("*.yaml"))
NO_TESTS = 5  # pytest's exit status when it collected nothing

PARALLEL = ["--numprocesses", "auto", "--maxprocesses", "4", "--dist", "worksteal"]  # as in the Makefile; a process takes up to 1 GB
COVERED = ["--cov=cds_service.criteria", "--cov=fhir_mappings", "--cov-branch", "--cov-fail-under=95"]
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"  # Debian puts servers where only root looks


@dataclass(frozen=True, slots=True)
class Part:
    """One command, and what must be on the machine for it: `ready` says what is missing, or nothing."""

    name: str
    command: Sequence[str]
    ready: Callable[[], str] = lambda: ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a part ended: passed, failed, or missing with the reason."""

    name: str
    state: str
    seconds: float = 0.0
    note: str = ""


def tool(name: str) -> Callable[[], str]:
    """Ready when the tool stands in the environment that make built."""
    return lambda: "" if (BIN / name).exists() else f"{name} is not to be had for this machine"


def debian(package: str, *names: str) -> Callable[[], str]:
    """Ready when one of these programs is found, or can be installed: by root, from Debian's packages."""

    def ready() -> str:
        if any(shutil.which(name, path=PATH) for name in names):
            return ""
        if not shutil.which("apt-get") or os.geteuid() != 0:
            return f"no {package} here; install it (Debian: apt-get install {package})"
        return _install(package)

    return ready


def _install(package: str) -> str:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            return f"`{' '.join(command)}` failed"
    return ""


def checkov() -> str:
    """Ready once it stands in an environment of its own: it wants other versions than ours of what we use."""
    if (CHECKOV / "bin" / "checkov").exists():
        return ""
    for command in ([sys.executable, "-m", "venv", str(CHECKOV)], [str(CHECKOV / "bin" / "pip"), "install", "--quiet", "checkov>=3.2"]):
        if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
            return f"`{' '.join(command)}` failed"
    return ""


def spark_missing() -> str:
    """What Spark's tests lack here; '' where they can run."""
    if importlib.util.find_spec("pyspark") is None:
        return "the extra `spark` is not installed"
    return "" if shutil.which("java") else "no Java here; install 17 or later (Debian: apt-get install openjdk-17-jre-headless)"


def spark() -> str:
    """Ready once the extra stands in the environment and Java on the machine."""
    if importlib.util.find_spec("pyspark") is None:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", f"{ROOT}[spark]"]
        if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
            return "the extra `spark` could not be installed"
    return debian("openjdk-17-jre-headless", "java")()


def _pytest(marks: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-m", marks, *options]


PARTS = (
    Part("lint", [str(BIN / "ruff"), "check", "."], tool("ruff")),
    Part("types", [sys.executable, "-m", "mypy"], tool("mypy")),
    Part("containers", [str(BIN / "hadolint"), "deploy/Dockerfile"], tool("hadolint")),
    Part(
        "yaml",
        [str(BIN / "yamllint"), "--strict", "cds_service", "fhir_mappings", "deploy", ".pre-commit-config.yaml", ".yamllint.yaml"],
        tool("yamllint"),
    ),
    Part("kubernetes", [str(BIN / "kubernetes-validate"), "--strict", *MANIFESTS], tool("kubernetes-validate")),
    Part("proxy", [str(BIN / "gixy"), "deploy/nginx/nginx.conf"], tool("gixy")),
    Part("policies", [str(CHECKOV / "bin" / "checkov"), "--config-file", "deploy/checkov.yaml"], checkov),
    Part("unit", [sys.executable, "-m", "tests.support.units"], debian("systemd", "systemd-analyze")),
    Part("coverage", _pytest("not browser and not deploy and not node and not spark", *PARALLEL, *COVERED)),
    Part("browser", _pytest("browser"), debian("chromium", *BROWSERS)),
    Part("deploy", _pytest("deploy"), debian("nginx", "nginx")),
    Part("node", _pytest("node"), debian("npm", "npm")),
    Part("spark", _pytest("spark"), spark),
)


def run(part: Part) -> Outcome:
    """Runs a part with its output on the terminal."""
    print(f"\n== {part.name}", flush=True)
    missing = part.ready()
    if missing:
        return Outcome(part.name, "missing", note=missing)
    start = time.monotonic()
    status = subprocess.run(part.command, cwd=ROOT, check=False).returncode
    seconds = time.monotonic() - start
    if status == NO_TESTS and "pytest" in part.command:
        return Outcome(part.name, "missing", seconds, "no test of this part was found")
    return Outcome(part.name, "failed" if status else "passed", seconds, f"exit status {status}" if status else "")


def table(outcomes: Sequence[Outcome]) -> str:
    """One line a part: name, state, seconds, and why where it did not run or pass."""
    return "\n".join(f"{each.name:<12}{each.state:<9}{each.seconds:>6.0f} s  {each.note}".rstrip() for each in outcomes)


def exit_status(outcomes: Sequence[Outcome], *, strict: bool) -> int:
    """A failed part fails; a missing one only where nothing may be left out."""
    bad = {"failed", "missing"} if strict else {"failed"}
    return int(any(each.state in bad for each in outcomes))


def main(names: Sequence[str]) -> int:
    """Runs the parts named, or all of them; all run even after one has failed."""
    outcomes = [run(part) for part in PARTS if not names or part.name in names]
    print(f"\n{table(outcomes)}", flush=True)
    return exit_status(outcomes, strict=os.environ.get("CI") == "true")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
