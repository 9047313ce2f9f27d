"""The shipped gunicorn and nginx settings into a running pair of both on loopback ports, with a certificate of its own."""

from __future__ import annotations

import datetime
import http.client
import ipaddress
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).resolve().parents[2]
NGINX = ROOT / "deploy" / "nginx"
CONF = ROOT / "deploy" / "gunicorn.conf.py"
SHIPPED_RATE = "rate=100r/s"
UNLIMITED = "rate=100000r/s"
PATIENCE = 30.0  # seconds for a process to start or stop on a busy machine


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def write_certificate(folder: Path) -> None:
    """fullchain.pem and privkey.pem for localhost, good for a day, in the folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    unsigned = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    unsigned = unsigned.serial_number(x509.random_serial_number()).add_extension(names, critical=False)
    day = datetime.timedelta(days=1)
    signed = unsigned.not_valid_before(now - day).not_valid_after(now + day).sign(key, hashes.SHA256())
    (folder / "fullchain.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "privkey.pem").write_bytes(private)


def render(folder: Path, service: int, tls: int, plain: int, rate: str = SHIPPED_RATE) -> Path:
    """The shipped nginx files in `folder` with ports, paths and rate of their own, and nothing else changed; gives the main file."""
    (folder / "conf.d").mkdir()
    (folder / "cds-service.d").mkdir()
    changes = {
        "listen 443 ssl;": f"listen 127.0.0.1:{tls} ssl;",
        SHIPPED_RATE: rate,
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "/etc/cds-service/tls": str(folder),
        "/var/log/nginx": str(folder),
        "/dev/shm/cds-service-bodies": str(folder / "bodies"),
    }
    _copy("conf.d/cds-service.conf", folder, changes)
    _copy("conf.d/upstream.conf", folder, {"127.0.0.1:8080": f"127.0.0.1:{service}"})
    for name in ("cds-service-proxy.inc", "cds-service-error.inc"):
        _copy(name, folder, {})
    _copy("nginx.conf", folder, {"/tmp/": f"{folder}/"})
    return folder / "nginx.conf"


def _copy(name: str, to: Path, changes: Mapping[str, str]) -> None:
    text = (NGINX / name).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, f"{name} no longer says {old}"
        text = text.replace(old, new)
    (to / name).write_text(text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass(frozen=True, slots=True)
class Stack:
    """A running nginx and gunicorn; `log` holds what gunicorn wrote."""

    folder: Path
    service: int
    tls: int
    plain: int
    gunicorn: subprocess.Popen[bytes]
    nginx: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        return (self.folder / "gunicorn.log").read_text(encoding="utf-8")

    @property
    def access_log(self) -> str:
        return (self.folder / "access.log").read_text(encoding="utf-8")

    def connection(self, timeout: float = 30, version: ssl.TLSVersion | None = None) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("127.0.0.1", self.tls, timeout=timeout, context=self.trust(version))

    def trust(self, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
        """A context that trusts this stack's certificate and no other; of one TLS version if given."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        if version is not None:
            context.minimum_version = context.maximum_version = version
        return context

    def call(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        connection = self.connection()
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def workers(self) -> set[int]:
        """The process ids of gunicorn's workers."""
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.gunicorn.pid)], capture_output=True, text=True, check=False)
        return {int(each) for each in found.stdout.split()}

    def stop(self) -> None:
        for process in (self.nginx, self.gunicorn):
            process.terminate()
        for process in (self.nginx, self.gunicorn):
            process.wait(PATIENCE)


def start(folder: Path, options: Sequence[str] = (), rate: str = SHIPPED_RATE, **settings: str) -> Stack:
    """Both processes, answering; `options` go to gunicorn, `settings` into its environment, `rate` is what one address may call."""
    service, tls, plain = free_port(), free_port(), free_port()
    write_certificate(folder)
    main = render(folder, service, tls, plain, rate)
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert nginx is not None
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TRIAL_CDS_")}
    environment = {**inherited, "TRIAL_CDS_PORT": str(service), **settings}
    command = [sys.executable, "-m", "gunicorn", "--config", str(CONF), *options]
    with (folder / "gunicorn.log").open("wb") as log:
        gunicorn = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    user = "user root; " if os.geteuid() == 0 else ""  # else root's own folder would be closed to nginx's workers
    with (folder / "nginx.log").open("wb") as log:
        proxy = subprocess.Popen([nginx, "-c", str(main), "-g", f"{user}daemon off;"], stdout=log, stderr=log)
    stack = Stack(folder, service, tls, plain, gunicorn, proxy)
    wait_until(lambda: stack.call("GET", "/readyz").status == 200, stack)
    return stack


def wait_until(holds: Any, stack: Stack) -> None:
    """Asks again until it holds; after PATIENCE, or when a process has ended, the logs are told."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and stack.gunicorn.poll() is None and stack.nginx.poll() is None:
        try:
            if holds():
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE} s\n{stack.log}\n{(stack.folder / 'nginx.log').read_text(encoding='utf-8')}")
