"""What a prefetch lacks into prefetch values: searched for in parallel within the tenant's deadline, an OperationOutcome for a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from cds_service.errors import Unavailable
from cds_service.fhir.access import Access
from cds_service.fhir.client import Client
from cds_service.fhir.references import Referred, searches_for, unresolved
from cds_service.fhir.scopes import Extent
from cds_service.fhir.search import Found, follow, has_next, lacking, outcome, search
from cds_service.security.outbound import Deadline, outbound_of
from cds_service.security.tenants import Tenant
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text

# So that a search is few pages: servers' own default is 10 to 50. One that gives fewer at a time still may.
COUNT = 200
REFERRED = "referredResources"  # the key under which they join the prefetch
_SLACK = 0.2  # seconds for threads to end by themselves at the deadline

Job = Callable[[], Found]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One prefetch key to be had: `target` is its template, filled in."""

    name: str
    target: str


class Fetch:
    """One hook call's."""

    def __init__(self, access: Access, tenant: Tenant) -> None:
        self._access, self._limits = access, tenant.fhir
        deadline = Deadline.within(min(tenant.fhir.deadline, access.seconds))
        self._client = Client(outbound_of(tenant.reach(access.base)), access.base, access.token, deadline)

    def keys(self, wanted: Iterable[Wanted], unfinished: Mapping[str, Json]) -> dict[str, Found]:
        """A value for each key that is `wanted`, and the `unfinished` Bundles with their further pages."""
        jobs = {one.name: self._job(one) for one in wanted}
        jobs |= {name: self._further(bundle) for name, bundle in unfinished.items() if has_next(bundle)}
        return self._run(jobs)

    def referred(self, prefetch: Mapping[str, Any], types: Iterable[str]) -> dict[str, Found]:
        """What resources of those types refer to and the prefetch does not hold: searched for by id, and read one by one where that
        does not bring them."""
        absent = [one for one in unresolved(prefetch, self._access.base, types) if self._may(one.type)]
        if not absent or REFERRED in prefetch:
            return {}
        found = [one for each in self._run(self._by_id(absent)).values() for one in _resources(each.value)]
        had = {Referred(str(one.get("resourceType")), str(one.get("id"))) for one in found}
        left = [one for one in absent if one not in had]
        read = self._run({f"{one.type}/{one.id}": self._read_job(one.type, one.id) for one in left})
        found += [one.value for one in read.values() if not one.fault]
        entries = [{"resource": one} for one in found if Referred(str(one.get("resourceType")), str(one.get("id"))) in set(absent)]
        # A collection: it is not all of its types, and must not look like it.
        fault = f"{len(absent) - len(entries)} of {len(absent)} not had" if len(entries) < len(absent) else ""
        return {REFERRED: Found({"resourceType": "Bundle", "type": "collection", "entry": entries}, fault)}

    def _may(self, kind: str) -> bool:
        return self._access.scopes.reads(kind) is not Extent.NONE

    def _by_id(self, absent: Sequence[Referred]) -> dict[str, Job]:
        return {target: self._search_job(target, Extent.WHOLE) for target in searches_for(absent)}

    def _job(self, one: Wanted) -> Job:
        path, _, query = one.target.partition("?")
        if not query:
            kind, _, identifier = path.partition("/")
            extent, job = self._access.scopes.reads(kind), self._read_job(kind, identifier)
        else:
            parameters = {name: value for name, value in parse_qsl(query) if name != "patient"}
            extent = self._access.scopes.searches(path, parameters)
            job = self._search_job(f"{one.target}&_count={COUNT}", extent)
        return job if extent is not Extent.NONE else lambda: _failed("the token's scope does not allow it")

    def _read_job(self, kind: str, identifier: str) -> Job:
        def read() -> Found:
            resource = self._client.read(self._client.url(f"{kind}/{identifier}"), kind)
            if as_text(resource.get("id")) != identifier:
                raise Unavailable("the answer is another resource")
            return Found(resource)

        return read

    def _search_job(self, target: str, extent: Extent) -> Job:
        note = "the token's scope allows a part of it" if extent is Extent.PART else ""
        return lambda: lacking(search(self._client, target, self._limits.pages), note)

    def _further(self, bundle: Json) -> Job:
        return lambda: follow(self._client, bundle, self._limits.pages)

    def _run(self, jobs: Mapping[str, Job]) -> dict[str, Found]:
        """In the order of the jobs, so many at once. A thread that hangs beyond the deadline is left to itself."""
        if not jobs:
            return {}
        pool = ThreadPoolExecutor(min(self._limits.concurrency, len(jobs)), thread_name_prefix="fhir")
        try:
            futures = {name: pool.submit(_done, job) for name, job in jobs.items()}
            wait(futures.values(), timeout=max(self._client.deadline.left(), 0) + _SLACK)
            return {name: _result(future) for name, future in futures.items()}
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _done(job: Job) -> Found:
    try:
        return job()
    except Unavailable as error:
        return _failed(str(error))


def _result(future: Future[Found]) -> Found:
    return future.result() if future.done() else _failed("timed out")


def _failed(fault: str) -> Found:
    return Found(outcome(fault), fault)


def _resources(bundle: Json) -> Iterable[Json]:
    """Of a searchset, or none of what stands in its place."""
    return (resource for entry in as_dicts(bundle.get("entry")) if (resource := as_dict(entry.get("resource"))))
