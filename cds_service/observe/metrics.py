"""What happens in the service into Prometheus metrics, each label with a bounded set of values and none of them a patient's."""

from __future__ import annotations

import os
import re
import threading
from collections import Counter as Tally
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from cds_service.observe.fields import code

if TYPE_CHECKING:
    from cds_service.criteria.evaluation import Evaluation

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OTHER = "other"
# Seconds. CDS Hooks wants answers within about 0.5 s, so that limit has to stand among them.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name without prefix, its kind, its labels and what it says."""

    name: str
    kind: type[Counter | Gauge | Histogram]
    labels: tuple[str, ...]
    says: str


METRICS = (
    Metric("requests_total", Counter, ("method", "route", "status"), "requests answered, by the template of the path"),
    Metric("request_seconds", Histogram, ("route",), "how long answers took"),
    Metric("hook_calls_total", Counter, ("hook", "tenant", "status"), "calls of a CDS hook; tenant `none` where callers are not checked"),
    Metric("hook_seconds", Histogram, ("hook",), "how long answers to a CDS hook took"),
    Metric("cards_total", Counter, ("trial", "outcome"), "cards: `shown`, or why one was held back"),
    Metric("evaluations_total", Counter, ("trial", "status"), "patients evaluated over HTTP, by the evaluation's status"),
    Metric("criteria_total", Counter, ("trial", "verdict"), "verdicts of criteria, arms counted apart"),
    Metric("data_issues_total", Counter, ("reason",), "records that could not be read or used"),
    Metric("sources_total", Counter, ("type", "state"), "how whole each type came: `not-provided` tells of a missing prefetch key"),
    Metric("feedback_total", Counter, ("trial", "outcome"), "feedback on cards"),
    Metric("outbound_calls_total", Counter, ("target", "outcome"), "calls to other servers"),
    Metric("auth_failures_total", Counter, ("reason",), "callers refused with 401"),
    Metric("audit_events_total", Counter, ("action", "outcome"), "audit events: `written`, or `failed` where the store did not take them"),
    Metric("check_up", Gauge, ("check",), "1 where the readiness check of that name passes, 0 where it fails"),
    Metric("definition_info", Gauge, ("trial", "version", "state"), "1 for each trial definition in use"),
)  # fmt: skip
PREFIX = "trial_cds_"
REGISTRY = CollectorRegistry()

disable_created_metrics()  # type: ignore[no-untyped-call]
ProcessCollector(registry=REGISTRY)


def _built(metric: Metric) -> Counter | Gauge | Histogram:
    name = PREFIX + metric.name
    if metric.kind is Gauge:
        # Of several processes the one that looked last is right.
        return Gauge(name, metric.says, metric.labels, registry=REGISTRY, multiprocess_mode="mostrecent")
    if metric.kind is Histogram:
        return Histogram(name, metric.says, metric.labels, registry=REGISTRY, buckets=BUCKETS)
    return Counter(name, metric.says, metric.labels, registry=REGISTRY)


_METRICS = {metric.name: _built(metric) for metric in METRICS}


class Bounded:
    """Values of one label: short names only, and no more than so many different ones a process; every further one is `other`."""

    def __init__(self, most: int, shape: str = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}") -> None:
        self._most, self._shape = most, re.compile(shape)
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, value: str) -> str:
        if value in self._seen:
            return value
        with self._lock:
            if len(self._seen) >= self._most or not self._shape.fullmatch(value):
                return OTHER
            self._seen.add(value)
            return value


_ROUTES = Bounded(60, r"-|/[A-Za-z0-9/<>:_.-]{0,99}")
_TENANTS, _TRIALS, _VERSIONS = Bounded(100), Bounded(100), Bounded(200)
_HOOKS, _REASONS, _STATES, _CHECKS, _TYPES = Bounded(20), Bounded(60), Bounded(40), Bounded(20), Bounded(40)
_CARDS, _FEEDBACK, _OUTBOUND = Bounded(60), Bounded(40), Bounded(60)  # apart, so that one that grows takes no room from the others


def _count(name: str, *values: str, by: int = 1) -> None:
    metric = _METRICS[name]
    assert isinstance(metric, Counter)
    metric.labels(*values).inc(by)


def _observe(name: str, seconds: float, *values: str) -> None:
    metric = _METRICS[name]
    assert isinstance(metric, Histogram)
    metric.labels(*values).observe(seconds)


def _set(name: str, value: float, *values: str) -> None:
    metric = _METRICS[name]
    assert isinstance(metric, Gauge)
    metric.labels(*values).set(value)


def known_method(method: str) -> str:
    return method if method in METHODS else OTHER


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """`route` is the template of the path, `-` where none fits: the path itself could hold anything."""
    _count("requests_total", known_method(method), _ROUTES(route), str(status) if 100 <= status <= 599 else OTHER)
    _observe("request_seconds", seconds, _ROUTES(route))


def count_hook(hook: str, tenant: str, status: int, seconds: float) -> None:
    _count("hook_calls_total", _HOOKS(hook), _TENANTS(tenant), str(status))
    _observe("hook_seconds", seconds, _HOOKS(hook))


def count_card(trial: str, outcome: str) -> None:
    """`shown`, or the code of why the card was held back."""
    _count("cards_total", _TRIALS(trial), _CARDS(outcome))


def count_feedback(trial: str, outcome: str) -> None:
    _count("feedback_total", _TRIALS(trial), _FEEDBACK(outcome))


def count_outbound(target: str, outcome: str) -> None:
    """`target` is `fhir`, `jwks` or `token`, never an address; `outcome` such as `ok`, `http-404`, `timeout`, `refused-by-policy`."""
    _count("outbound_calls_total", _TYPES(target), _OUTBOUND(outcome))


def count_auth_failure(reason: str) -> str:
    """Of the words of an Unauthorized, as their code, which it gives back for the log."""
    _count("auth_failures_total", _REASONS(code(reason)))
    return code(reason)


def count_audit(action: str, outcome: str) -> None:
    _count("audit_events_total", _STATES(action), _STATES(outcome))


def count_evaluation(evaluation: Evaluation) -> None:
    """Status, verdicts, data issues and sources of one patient's Evaluation."""
    trial = _TRIALS(evaluation.trial)
    _count("evaluations_total", trial, _STATES(evaluation.status))
    for verdict, number in Tally(one.verdict for arm in evaluation.arms for one in arm.criteria).items():
        _count("criteria_total", trial, _STATES(verdict), by=number)
    for reason, number in Tally(issue.code for issue in evaluation.data_issues).items():
        _count("data_issues_total", _REASONS(reason), by=number)
    for source in evaluation.sources:
        _count("sources_total", _TYPES(source.type), _STATES(source.state.value))


def set_check(check: str, passes: bool) -> None:
    _set("check_up", float(passes), _CHECKS(check))


_DEFINED: dict[str, tuple[str, str]] = {}


def set_definition(trial: str, version: str, state: str) -> None:
    """What was in use before, where definitions were read again, is 0 from then on."""
    before = _DEFINED.get(trial)
    if before and before != (version, state):
        _set("definition_info", 0, _TRIALS(trial), _VERSIONS(before[0]), _STATES(before[1]))
    _DEFINED[trial] = (version, state)
    _set("definition_info", 1, _TRIALS(trial), _VERSIONS(version), _STATES(state))


def exposition() -> bytes:
    """All of it as Prometheus reads it. With PROMETHEUS_MULTIPROC_DIR of every process that writes there."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
