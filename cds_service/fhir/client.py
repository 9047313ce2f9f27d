"""One URL of a FHIR server into the resource that stands there; every other answer is Unavailable, with a reason fit for a log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from urllib.parse import urljoin

from cds_service.bodies import BodyError, read_json
from cds_service.errors import Unavailable
from cds_service.fhir.retry import retry_after
from cds_service.security.outbound import MOST_BYTES, Answer, Deadline, Outbound
from fhir_mappings.chart import ChartError, bundle_parts
from fhir_mappings.shapes import Json

_MOST_IN_ALL = 5 * MOST_BYTES  # of one hook call
_BUSY = (429, 503)  # with a Retry-After they mean: ask again
_MOST_TRIES = 3
_STATUSES = {401: "the token was not accepted (401)", 403: "the token does not allow it (403)", 404: "not found (404)"}


def good(answer: Answer) -> Answer:
    """Raises Unavailable, in words fit for a log, for any status but 200."""
    if answer.status != 200:
        raise Unavailable(_STATUSES.get(answer.status, f"status {answer.status}"))
    return answer


class Client:
    """For one hook call: its token, its deadline, its bytes. Safe to share between threads."""

    def __init__(
        self,
        outbound: Outbound,
        base: str,
        token: str,
        deadline: Deadline,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._outbound, self.base, self.deadline = outbound, base, deadline
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/fhir+json"}
        self._sleep, self._now = sleep, now
        self._bytes, self._lock = 0, threading.Lock()

    def url(self, target: str, of: str = "") -> str:
        """A relative or absolute URL as an absolute one."""
        return urljoin(of or f"{self.base}/", target)

    def read(self, url: str, kind: str) -> Json:
        """The resource of that type. Raises Unavailable."""
        resource = self._json(self.answer(url))
        if resource.get("resourceType") != kind:
            raise Unavailable(f"the answer is no {kind}")
        return resource

    def bundle(self, url: str) -> Json:
        """A Bundle whose frame is sound. Raises Unavailable."""
        found = self.read(url, "Bundle")
        try:
            bundle_parts(found)
        except ChartError:
            raise Unavailable("the answer is no sound Bundle") from None
        return found

    def answer(self, url: str) -> Answer:
        """One that says 200; asked again where that may help. Raises Unavailable."""
        for attempt in range(_MOST_TRIES):
            answer = self._outbound.get(url, self.deadline, self._headers, MOST_BYTES)
            self._count(len(answer.body))
            wait = retry_after(answer.headers, self._now()) if answer.status in _BUSY and attempt + 1 < _MOST_TRIES else None
            if wait is None or wait >= self.deadline.left():
                break
            self._sleep(wait)
        return good(answer)

    def _count(self, size: int) -> None:
        with self._lock:
            self._bytes += size
            if self._bytes > _MOST_IN_ALL:
                raise Unavailable(f"the answers have more than {_MOST_IN_ALL} bytes in all")

    def _json(self, answer: Answer) -> Json:
        try:
            value = read_json(answer.body)
        except BodyError:
            raise Unavailable("the answer is no JSON") from None
        if not isinstance(value, dict):
            raise Unavailable("the answer is no FHIR resource")
        return value
