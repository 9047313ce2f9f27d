"""docs/deploy.md does what it says: its commands, in order, end in a TLS endpoint that answers its tenant and nobody else."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import document, postgres
from tests.support.deployed import ROOT
from tests.support.document import moved


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """The socket's folder of a PostgreSQL; without one here, a folder in which nobody listens, and its steps are left out."""
    if postgres.programs() is None:
        yield tmp_path
        return
    started = postgres.start_database()
    yield started
    postgres.stop_database(started)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    document.stop(tmp_path)


def test_the_page_from_nothing_to_a_tls_endpoint(folder: Path, database: Path) -> None:
    """Every block not marked `by hand` is run, and the last of them get cards with a token and 401 without one."""
    if not Path("/etc/nginx/nginx.conf").exists():
        pytest.skip("NGINX IS MISSING: docs/deploy.md was not tried (Debian: apt-get install nginx)")
    to = document.places(folder, database)
    source = document.prepare(folder, to)
    ran = subprocess.run(["bash", "-c", document.script(folder, to)], cwd=source, capture_output=True, text=True, timeout=500, check=False)
    journal = folder / "journal"
    print(ran.stdout, ran.stderr)
    assert ran.returncode == 0, ran.stderr[-4000:] + (journal.read_text(encoding="utf-8") if journal.exists() else "")
    assert '"hook":"patient-view"' in ran.stdout
    assert '"summary"' in ran.stdout


def test_the_command_makes_files_for_the_services_user_alone(tmp_path: Path) -> None:
    """As the unit does: `db upgrade` makes a SQLite store, whatever the umask of who calls it."""
    programs = {
        "cds-service": moved(
            (ROOT / "deploy/systemd/cds-service.sh").read_text("utf-8"), {"/etc/": f"{tmp_path}/", "/opt/": f"{tmp_path}/"}
        ),
        "runuser": '#!/bin/sh\nshift 3; exec "$@"\n',
        "cds-service/bin/cds-service": '#!/bin/sh\n: > "$1"\n',
    }
    (tmp_path / "cds-service/bin").mkdir(parents=True)
    (tmp_path / "cds-service/environment").touch()
    (tmp_path / "path").mkdir()
    for name, text in programs.items():
        path = tmp_path / (name if "/" in name else f"path/{name}")
        path.write_text(text, "utf-8")
        path.chmod(0o755)
    environ = {"PATH": f"{tmp_path}/path:{os.environ['PATH']}"}
    subprocess.run(["bash", "-c", f"umask 022; cds-service {tmp_path}/store.db"], env=environ, check=True)
    assert (tmp_path / "store.db").stat().st_mode & 0o777 == 0o600


def test_what_is_left_to_hands_is_only_the_machines_own() -> None:
    """Packages and users, a new version, the containers and the cluster; no step of the service itself is left out."""
    left = [block.text for block in document.blocks(document.PAGE.read_text(encoding="utf-8")) if block.mark == "by hand"]
    signs = ("apt-get install", "pip install --upgrade", "docker compose", "docker push", "kubectl")
    assert len(left) == len(signs)
    assert all(sign in text for sign, text in zip(signs, left, strict=True))
