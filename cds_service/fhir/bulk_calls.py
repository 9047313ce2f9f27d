"""A URL of the source into its answer: with the token where it may go, renewed where it is refused, and asked again where that may help."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from cds_service.errors import Refused, Unavailable
from cds_service.fhir.backend_services import Tokens
from cds_service.fhir.bulk_settings import Source
from cds_service.fhir.retry import ISSUE_CODES, Backoff, Timing, again, json_of
from cds_service.security.outbound import Answer, Deadline, Outbound
from cds_service.security.places import place_of
from fhir_mappings.shapes import as_dicts, as_text

_TIMEOUT = 120.0  # of a call that brings no file
_FILE_TIMEOUT = 6 * 3600.0
_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass
class Calls:
    """One fetch's."""

    source: Source
    outbound: Outbound
    tokens: Tokens
    timing: Timing = field(default_factory=Timing)

    def backoff(self) -> Backoff:
        polling = self.source.polling
        return Backoff(self.timing.draw, polling.first, polling.most, polling.longest)

    def once(self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None, content: bytes | None = None) -> Answer:
        """Whatever the status. Raises Unavailable."""
        return self._with_token(
            url, self._trusts(url), lambda token: self.outbound.send(method, url, _within(_TIMEOUT), {**(headers or {}), **token}, content)
        )

    def ask(self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None, content: bytes | None = None) -> Answer:
        """The first answer that is not transient, or the last. Raises Unavailable."""
        return self.again(lambda: self.once(url, method, headers, content))

    def again(self, call: Callable[[], Answer]) -> Answer:
        """The call as often as the source's attempts allow."""
        return again(call, self.source.attempts, self.backoff(), self.timing)

    def pour(self, url: str, needs_token: bool | None, sink: Callable[[bytes], None]) -> Answer:
        """A file, where it is and where its server sends us: the token only where the manifest asks for it, and never to another origin
        than the one that the manifest names. Raises Unavailable."""
        trusted = self._trusts(url)
        if needs_token and not trusted:
            raise Refused("refused, a file for which the token is asked is on a host that the settings do not name")
        start, here = place_of(url), url
        for _ in range(_MOST_REDIRECTS + 1):
            place = place_of(here)
            same = (place.scheme, place.host, place.port) == (start.scheme, start.host, start.port)
            answer = self._poured(here, needs_token is not False and trusted and same, sink)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target:
                return answer
            here = joined(here, target)
        raise Unavailable("the file is redirected too often")

    def _poured(self, url: str, with_token: bool, sink: Callable[[bytes], None]) -> Answer:
        headers = {"Accept": "application/fhir+ndjson, application/ndjson, */*;q=0.1"}
        return self._with_token(url, with_token, lambda token: self.outbound.pour(url, _within(_FILE_TIMEOUT), {**headers, **token}, sink))

    def _with_token(self, url: str, with_token: bool, call: Callable[[dict[str, str]], Answer]) -> Answer:
        """A token may end while a server is at work: with a new one once more, then the refusal stands."""
        given = self.tokens.header() if with_token else {}
        answer = call(given)
        if answer.status == 401 and given:
            answer = call(self.tokens.header(refused=given["Authorization"]))
        return answer

    def _trusts(self, url: str) -> bool:
        try:
            return self.source.trusts(url)
        except ValueError as error:
            raise Refused(f"refused, the URL {error}") from None


def joined(of: str, target: str) -> str:
    """An absolute URL, also of a relative one. Raises Refused for what is none."""
    try:
        url = urljoin(of, target)
        place_of(url)
    except ValueError as error:
        raise Refused(f"refused, the URL {error}") from None
    return url


def words(answer: Answer) -> str:
    """Status and issue codes of a refusal; what else the server says could tell of a patient."""
    value = json_of(answer)
    issues = as_dicts(value.get("issue")) if isinstance(value, dict) else []
    codes = sorted({code for one in issues if (code := as_text(one.get("code"))) in ISSUE_CODES})
    return f"status {answer.status}" + (f": {', '.join(filter(None, codes))}" if codes else "")


def _within(seconds: float) -> Deadline:
    return Deadline.within(seconds)
