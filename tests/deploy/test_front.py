"""nginx with the shipped configuration: TLS, limits, errors that a CDS client can read, and a log that names nobody."""

from __future__ import annotations

import http.client
import ssl

import orjson
import pytest

from cds_service.config import Settings
from tests.support.card_checker import faults
from tests.support.deployed import NGINX, Answer, Stack, wait_until
from tests.support.service import PATH, hook_request

BODY = orjson.dumps(hook_request())


def outcome_of(answer: Answer) -> dict[str, str]:
    """The one issue of an OperationOutcome that a browser may read."""
    assert answer.headers["Content-Type"] == "application/fhir+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json["resourceType"] == "OperationOutcome"
    return dict(answer.json["issue"][0])


@pytest.mark.rule("1", "52")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_hook_call_over_tls(stack: Stack, version: ssl.TLSVersion) -> None:
    """Discovery and a hook answer as CDS Hooks says, under HSTS."""
    connection = stack.connection(version=version)
    connection.request("POST", PATH, BODY, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert (answer.status, faults(orjson.loads(answer.read()))) == (200, [])
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000"
    connection.close()


@pytest.mark.rule("52")
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_older_tls_is_refused(stack: Stack) -> None:
    """TLS 1.1 gets no further than the handshake."""
    context = stack.trust(ssl.TLSVersion.TLSv1_1)
    context.set_ciphers("ALL:@SECLEVEL=0")
    connection = http.client.HTTPSConnection("127.0.0.1", stack.tls, timeout=10, context=context)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        connection.connect()


@pytest.mark.rule("1", "52")
def test_plain_http_is_refused_and_not_redirected(stack: Stack) -> None:
    """A chart posted in clear must fail for its sender to notice."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.plain, timeout=10)
    connection.request("POST", PATH, BODY)
    answer = connection.getresponse()
    assert (answer.status, orjson.loads(answer.read())["issue"][0]["code"]) == (403, "security")
    connection.close()


def test_too_large_a_body_is_told_in_an_operationoutcome(stack: Stack) -> None:
    """413 at the service's own limit, with the headers a browser needs."""
    answer = stack.call("POST", PATH, b" " * (Settings().body_limit + 1))
    assert (answer.status, outcome_of(answer)["code"]) == (413, "too-long")


def test_the_proxys_limit_is_the_services() -> None:
    """Else one of the two would refuse what the other takes."""
    assert f"client_max_body_size {Settings().body_limit};" in (NGINX / "conf.d/cds-service.conf").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (f"GET {PATH}?".ljust(16 * 1024, "x"), 414),  # as much as nginx takes: of more the answer may be lost with what it leaves unread
        ("patient /cds-services HTTP/1.1\r\n\r\n", 400),
        ("GET cds-services HTTP/1.1\r\n\r\n", 400),
        ("GET /cds-services HTTP/x.1\r\n\r\n", 400),
    ],
)
def test_a_request_line_that_is_none_is_the_callers_fault(stack: Stack, sent: str, status: int) -> None:
    """It has no URI yet; nginx called that a fault of its own, 500."""
    connection = stack.connection()
    connection.connect()
    connection.sock.sendall(sent.encode())
    with connection.sock.makefile("rb") as said:
        head, _, body = said.read().partition(b"\r\n\r\n")
    connection.close()
    assert (int(head.split()[1]), orjson.loads(body)["issue"][0]["code"]) == (status, "invalid")
    assert b"X-Request-Id" in head


@pytest.mark.parametrize("path", ["/metrics", "/", "/evaluation", "/demo", "/cds-services-not", "/nginx_status", "/-/bad-request"])
def test_nothing_but_the_services_paths_is_open(stack: Stack, path: str) -> None:
    """Metrics and the demo are not for the outside."""
    answer = stack.call("GET", path)
    assert (answer.status, outcome_of(answer)["code"]) == (404, "not-found")


@pytest.mark.rule("11", "52")
@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/cds-services", "/schemas/evaluation.json", "/openapi.json", "/source-attributes/cc312"]
)
def test_the_services_paths_are_open(stack: Stack, path: str) -> None:
    assert stack.call("GET", path).status == 200


def test_one_request_id_stands_in_the_answer_and_in_both_logs(stack: Stack) -> None:
    """nginx makes it; a caller's own is not taken."""
    given = stack.call("POST", PATH, BODY, {"X-Request-Id": "f" * 32}).headers["X-Request-Id"]
    assert given != "f" * 32
    wait_until(lambda: f"request={given} service={given}" in stack.access_log, stack)  # nginx writes its line after the answer
    assert f'"request":"{given}"' in stack.log


def test_neither_log_holds_query_header_or_path_of_a_caller(stack: Stack) -> None:
    """A query string, a token, a path and a referrer may each name a patient."""
    written = stack.access_log.count("\n")
    stack.call("POST", f"{PATH}?patient=SECRET", BODY, {"Authorization": "Bearer SECRET", "Referer": "https://ehr.example.org/SECRET"})
    stack.call("GET", "/Patient/SECRET")
    stack.call("GET", "/cds-services/SECRET", headers={"SECRET": "SECRET", "User-Agent": "SECRET"})
    connection = stack.connection()
    connection.putrequest("GET", "/livez?SECRET", skip_host=True)
    connection.endheaders()
    assert connection.getresponse().status == 400
    connection.close()
    wait_until(lambda: stack.access_log.count("\n") >= written + 4, stack)
    logs = [stack.log, stack.access_log, *(path.read_text(encoding="utf-8") for path in stack.folder.glob("*.log"))]
    assert "SECRET" not in "".join(logs)
    assert "route=cds-services" in stack.access_log


def test_one_address_cannot_take_the_service_for_itself(stack: Stack) -> None:
    """Past the rate and its burst an address is told 429 and when to come again; health is answered all the same. Stands last."""
    connection = stack.connection()
    for _ in range(2000):
        connection.request("GET", "/cds-services")
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == 429:
            break
    connection.close()
    found = Answer(answer.status, dict(answer.getheaders()), body)
    assert (found.status, outcome_of(found)["code"], found.headers["Retry-After"]) == (429, "throttled", "1")
    assert stack.call("GET", "/livez").status == 200
