"""A source's client settings into access tokens of its authorization server (SMART Backend Services), kept in memory until they age."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from cds_service.errors import Unavailable
from cds_service.fhir.bulk_settings import ClientSettings, Source
from cds_service.fhir.retry import Backoff, Timing, again, json_of
from cds_service.fhir.scopes import Extent, Scopes, scopes_of
from cds_service.security.outbound import Answer, Deadline, Outbound
from cds_service.security.places import place_of

TIMEOUT = 30.0
MARGIN = 30.0  # seconds before its end that a token is not used any more: a call with it takes time
_USUAL = 300.0  # where the server does not say for how long (SMART: no longer than that)
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
# RFC 6749, 5.2 and what servers borrow from 4.1.2.1: all that is repeated of what the server says.
_ERRORS = (
    "access_denied", "invalid_client", "invalid_grant", "invalid_request", "invalid_scope", "server_error", "temporarily_unavailable",
    "unauthorized_client", "unsupported_grant_type",
)  # fmt: skip
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SUFFIX = {"v2": "rs", "v1": "read"}


@dataclass
class Tokens:
    """Safe to share between threads. One token at a time: some servers give few a minute. `types`: what the next one is to open."""

    source: Source
    outbound: Outbound
    timing: Timing
    types: tuple[str, ...] = ()
    _token: str = field(default="", init=False, repr=False)
    _until: float = field(default=0.0, init=False)
    _scopes: Scopes = field(default_factory=lambda: Scopes(()), init=False)
    _endpoint: str = field(default="", init=False)
    _lock: Any = field(default_factory=threading.Lock, init=False, repr=False)

    def header(self, refused: str = "") -> dict[str, str]:
        """Authorization, or nothing where the source has no client. `refused`: the value that a server did not take any more; then a
        new token is asked for, unless another thread has already. Raises Unavailable."""
        client = self.source.client
        if client is None:
            return {}
        with self._lock:
            if self.timing.now() >= self._until - MARGIN or refused == f"Bearer {self._token}":
                self._ask(client)
            return {"Authorization": f"Bearer {self._token}"}

    def ungranted(self, types: Iterable[str]) -> list[str]:
        """Those that the token may not read whole: the server may grant less than was asked. Raises Unavailable."""
        self.header()
        return [one for one in types if self._scopes.reads(one) is not Extent.WHOLE]

    def _ask(self, client: ClientSettings) -> None:
        self._endpoint = self._endpoint or client.token_url or self._discovered(client)
        self._keep(self._again(lambda: self._posted(client)))

    def _again(self, call: Callable[[], Answer]) -> Answer:
        return again(call, self.source.attempts, Backoff(self.timing.draw, first=1.0, most=60.0, longest=600.0), self.timing)

    def _posted(self, client: ClientSettings) -> Answer:
        """With a new assertion each time: its `jti` is good once, and a request whose answer was lost may have arrived."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION,
            "client_assertion": client.key.assertion(client.id, self._endpoint, self.timing.now(), client.jku),
            "scope": " ".join(f"system/{one}.{_SUFFIX[client.scopes]}" for one in self.types),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return self.outbound.send("POST", self._endpoint, Deadline.within(TIMEOUT), headers, urlencode(form).encode())

    def _keep(self, answer: Answer) -> None:
        value = _object(answer)
        if answer.status != 200:
            said = value.get("error")
            known = f": {said}" if said in _ERRORS else ""
            raise Unavailable(f"the authorization server gives no token ({answer.status}{known})")
        token, kind, lifetime = value.get("access_token"), value.get("token_type"), value.get("expires_in")
        if not isinstance(token, str) or not _TOKEN.fullmatch(token) or str(kind).lower() != "bearer":
            raise Unavailable("the authorization server's answer holds no bearer token")
        seconds = float(lifetime) if isinstance(lifetime, int | float) and not isinstance(lifetime, bool) and lifetime > 0 else _USUAL
        # One that lives hardly longer than the margin is used for half its life.
        self._until = self.timing.now() + max(seconds, MARGIN + seconds / 2)
        self._token, self._scopes = token, scopes_of(value.get("scope"))

    def _discovered(self, client: ClientSettings) -> str:
        """Where the server says that tokens are had (SMART, .well-known/smart-configuration); asked for without a token."""
        url = f"{self.source.base}/.well-known/smart-configuration"
        answer = self._again(lambda: self.outbound.get(url, Deadline.within(TIMEOUT), {"Accept": "application/json"}))
        if answer.status != 200:
            raise Unavailable(f"no .well-known/smart-configuration (status {answer.status}); set client.token_url")
        said = _object(answer)
        algorithms = said.get("token_endpoint_auth_signing_alg_values_supported")
        if isinstance(algorithms, list) and algorithms and client.key.algorithm not in algorithms:
            raise Unavailable(f"the authorization server does not take {client.key.algorithm}; it needs another kind of key")
        endpoint = said.get("token_endpoint")
        if not isinstance(endpoint, str):
            raise Unavailable("smart-configuration names no token_endpoint; set client.token_url")
        try:
            trusted, host = self.source.trusts(endpoint), place_of(endpoint).host
        except ValueError:
            raise Unavailable("smart-configuration names a token_endpoint that is no https URL; set client.token_url") from None
        if not trusted:
            raise Unavailable(f"smart-configuration names a token_endpoint on {host}; if that is right, set client.token_url to it")
        return endpoint


def _object(answer: Answer) -> dict[str, Any]:
    value = json_of(answer)
    return value if isinstance(value, dict) else {}
