"""How gunicorn serves cds-service: `gunicorn --config deploy/gunicorn.conf.py`, with the TRIAL_CDS_ settings in the environment.

Put nginx in front (deploy/nginx): gunicorn alone stops answering while slow clients hold its threads with unfinished bodies."""

import gc
import os
from pathlib import Path


def _empty_metrics_folder():
    """Counts of the last run would be added to this one's. Once a start: a reload reads this file again, under counts that go on."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder and _EMPTIED not in os.environ:
        os.environ[_EMPTIED] = folder
        Path(folder).mkdir(parents=True, exist_ok=True)
        for left in Path(folder).glob("*.db"):
            left.unlink()


_EMPTIED = "CDS_SERVICE_METRICS_EMPTIED"
_empty_metrics_folder()  # before the application is made, which tells of its definitions by a metric

from cds_service import one_send, wsgi  # noqa: E402

_settings = wsgi.read_settings()
wsgi.quiet_gunicorn()
one_send.install()

wsgi_app = "cds_service.wsgi:application()"
bind = f"{_settings.host}:{_settings.port}"

# Matching is CPU work under one lock a process: a worker a core, and threads for what waits. WEB_CONCURRENCY is gunicorn's own name.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or len(os.sched_getaffinity(0)))
threads = 4
# What a worker takes from the shared queue beyond its threads would be lost with it, so it takes little.
worker_connections = 4 * threads
backlog = 256

timeout = 30  # seconds without a sign of life; the proxy waits as long (proxy_read_timeout)
graceful_timeout = 25  # for calls in progress at a stop: under the 30 s of Kubernetes and of systemd's TimeoutStopSec
keepalive = 75  # longer than proxies keep a connection, so that they close it and never we
max_requests = 10_000
max_requests_jitter = 2_000

limit_request_line = 4094
limit_request_fields = 50
limit_request_field_size = 16_380  # a token of 8 KB must come through, to be refused by us and not by gunicorn

worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # a heartbeat file on a slow disk looks like a dead worker
control_socket_disable = True  # of gunicorn 25 and later: nothing but signals steers the service
proc_name = "cds-service"

accesslog = None  # the application writes one line a call, with the route's template and never with its query string
errorlog = "-"
loglevel = "info"

# One read of terminology and definitions for all workers: they share the memory, and a faulty definition stops the start, not each worker.
preload_app = True


def on_starting(server):
    wsgi.check_addresses(server.cfg.address, _settings)


def on_reload(server):
    """SIGHUP: tenants and definitions are read again. Settings of the environment need a restart."""
    server.app.callable = wsgi.renewed(server.app.callable)


def pre_fork(server, worker):
    gc.freeze()  # else a collection writes to pages that the workers share
    # What a call makes is freed with it, but for a dozen objects; a collection every 700 new ones looks through its chart nine times.
    gc.set_threshold(50_000)


def child_exit(server, worker):
    """Prometheus: gauges of a worker that has gone must not be counted on."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
