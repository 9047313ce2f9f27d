"""docs/deploy.md into a shell script that does what the page says, in a folder and on loopback ports instead of the whole machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.deployed import ROOT, free_port
from tests.support.postgres import programs

PAGE = ROOT / "docs" / "deploy.md"
_BLOCK = re.compile(r"(?:<!-- (?P<mark>[a-z ]+) -->\n)?```sh\n(?P<text>.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """The commands of one code block, and the mark before it: `by hand`, `postgresql`, `store`, or none."""

    mark: str
    text: str


def blocks(page: str) -> list[Block]:
    return [Block(found["mark"] or "", found["text"]) for found in _BLOCK.finditer(page)]


def places(folder: Path, database: Path) -> dict[str, str]:
    """What the page says of the machine -> what it is here. Longer ones first, since some begin like others."""
    tls, service = free_port(), free_port()
    return {
        "cds.example.org:443": f"cds.example.org:{tls}",
        "https://cds.example.org": f"https://cds.example.org:{tls}",
        "listen 443 ssl;": f"listen 127.0.0.1:{tls} ssl;",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "127.0.0.1:8080": f"127.0.0.1:{service}",
        "TRIAL_CDS_PORT=8080": f"TRIAL_CDS_PORT={service}",
        "/usr/bin/python3": sys.executable,
        "nginx -t": f"nginx -t -c {folder}/etc/nginx/nginx.conf",
        "/dev/shm/cds-service-bodies": f"{folder}/bodies",
        "/var/run/postgresql": str(database),
        **{
            path: f"{folder}{path}"
            for path in ("/opt/cds-service", "/etc/cds-service", "/etc/nginx", "/etc/systemd/system", "/usr/local/sbin")
        },
        **{path: f"{folder}{path}" for path in ("/var/log/nginx", "/tmp/hook-call.json")},
    }


def moved(text: str, to: Mapping[str, str]) -> str:
    """In one pass, so that what has been put in is not changed again."""
    pattern = "|".join(map(re.escape, to))
    return re.sub(pattern, lambda found: to[found[0]], text)


def has_store() -> bool:
    """Whether this version has the command that step 4 calls, and this machine a PostgreSQL for it."""
    return programs() is not None and (ROOT / "cds_service" / "store").is_dir()


def prepare(folder: Path, to: Mapping[str, str]) -> Path:
    """A checkout with moved paths in deploy/, and Debian's nginx beside it; gives the checkout."""
    source = folder / "src"
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(lambda each: (ROOT / each).is_file(), listed.stdout.splitlines()):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
    for path in (source / "deploy").rglob("*"):
        if path.is_file():
            path.write_text(moved(path.read_text(encoding="utf-8"), to), encoding="utf-8")
    if not has_store():
        example = source / "deploy/systemd/environment.example"
        example.write_text(
            re.sub(r"(?m)^(TRIAL_CDS_(DATABASE|SECRET_FILE))", r"#\1", example.read_text(encoding="utf-8")), encoding="utf-8"
        )
    for name in ("etc/nginx/conf.d", "etc/nginx/sites-enabled", "etc/systemd/system", "usr/local/sbin", "var/log/nginx", "tmp"):
        (folder / name).mkdir(parents=True)
    main = moved(Path("/etc/nginx/nginx.conf").read_text(encoding="utf-8"), to)
    for old, new in {
        "user www-data;": "user root;",
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "include " + "/etc/nginx/modules": "#",
    }.items():
        main = main.replace(old, new)
    main = re.sub(r"(?m)^include .*modules-enabled.*$", "", main).replace("include mime.types;", "include /etc/nginx/mime.types;")
    (folder / "etc/nginx/nginx.conf").write_text(
        re.sub(r"include \S+/mime\.types;", "include /etc/nginx/mime.types;", main), encoding="utf-8"
    )
    return source


# What stands in for the machine's init and its other users, to whom no file can be given here: the unit's own ExecStart and environment
# file, run as they say.
_INIT = """set -euo pipefail
export PGHOST={database} PGUSER=postgres PATH={folder}/usr/local/sbin:$PATH:/usr/sbin
unset ${{!TRIAL_CDS_*}}
runuser() {{ shift 3; "$@"; }}
export -f runuser
chown() {{ :; }}
systemctl() {{
  case "$*" in
    daemon-reload | "enable --now cds-service-daily.timer") ;;
    "enable --now cds-service")
      ( set -a; . {folder}/etc/cds-service/environment; set +a
        exec $(sed -n 's/^ExecStart=//p' {folder}/etc/systemd/system/cds-service.service) --pid {folder}/gunicorn.pid ) \\
        > {folder}/journal 2>&1 &
      echo $! > {folder}/service.pid
      while [ ! -s {folder}/gunicorn.pid ] && kill -0 $! ; do sleep 0.1; done ;;
    "reload cds-service") kill -HUP "$(cat {folder}/gunicorn.pid)" ;;
    "restart nginx") nginx -c {folder}/etc/nginx/nginx.conf ;;
    *) echo "no such stand-in: systemctl $*" >&2; return 1 ;;
  esac
}}
"""


def script(folder: Path, to: Mapping[str, str]) -> str:
    """The page's commands, but for those marked `by hand`, and those of PostgreSQL and the store where there is none."""
    wanted = {"", *(["postgresql"] if programs() else []), *(["store"] if has_store() else [])}
    chosen = [moved(block.text, to) for block in blocks(PAGE.read_text(encoding="utf-8")) if block.mark in wanted]
    return _INIT.format(folder=folder, database=to["/var/run/postgresql"]) + "\n".join(["set -x", *chosen])


def stop(folder: Path) -> None:
    """Ends the two processes that the page started, by their ids, and waits for it."""
    for name in ("nginx.pid", "service.pid"):
        if (folder / name).exists():
            process = (folder / name).read_text(encoding="utf-8").strip()
            subprocess.run(["bash", "-c", f"kill {process}; timeout 40 tail --pid={process} -f /dev/null"], check=False)
