"""What is fetched, from where, and with what: only what the prefetch lacks, only from the tenant's own server, with the call's token."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from cds_service.errors import MissingData
from cds_service.hooks.completion import complete
from cds_service.hooks.keys import KEYS
from cds_service.hooks.prefetch import chart_of_prefetch
from cds_service.hooks.request import read_request
from cds_service.observe.logs import JsonLines
from fhir_mappings.inputs import State
from tests.support.faulty_server import json, status
from tests.support.fhir_site import TOKEN, Hospital, conditions, page
from tests.support.service import PATIENT, bundle, outcome, resource, trial


@pytest.mark.rule("27")
def test_all_keys_that_are_absent_are_fetched(site: Hospital) -> None:
    """The patient read, each type searched by the published template, with a page size, and the token in the header alone."""
    site.says("Condition", page(*conditions(1, 3), total=3))
    request = site.completed()
    assert set(request.prefetch) == {key.name for key in KEYS}
    chart = chart_of_prefetch(request.prefetch, "p1")
    assert len(chart.of("Condition")) == 3
    assert {source.state for name, source in chart.sources.items() if name in {key.type for key in KEYS}} == {State.WHOLE}
    assert "Patient/p1" in site.targets()
    assert "Observation?patient=p1&category=laboratory&_count=200" in site.targets()
    assert {one.headers["authorization"] for one in site.server.asked} == {f"Bearer {TOKEN}"}
    assert {one.headers["accept"] for one in site.server.asked} == {"application/fhir+json"}


@pytest.mark.rule("18", "27")
def test_only_what_open_trials_read_is_fetched(site: Hospital) -> None:
    """No more of a record than is needed (checklist 18)."""
    request = site.completed(types=iter(["Procedure"]))
    assert site.targets() == ["Condition?patient=p1&_count=200", "Patient/p1", "Procedure?patient=p1&_count=200"]
    assert set(request.prefetch) == {"patient", "conditions", "procedures"}
    body = read_request(site.body({}), "patient-view", ("patientId",))
    assert set(complete(body, site.tenant, [trial(open=False)]).prefetch) == {"patient", "conditions"}


@pytest.mark.rule("25", "27", "29")
@pytest.mark.parametrize("value", [None, bundle(), outcome(), resource("Procedure")])
def test_a_key_that_is_there_is_not_asked_for(site: Hospital, value: Any) -> None:
    """null means that there is nothing, an OperationOutcome that asking again gives the same (checklist 25, 29)."""
    request = site.completed({"patient": PATIENT, "conditions": None, "procedures": value})
    assert not {"Patient", "Condition", "Procedure"}.intersection(one.partition("?")[0].partition("/")[0] for one in site.targets())
    assert request.prefetch["procedures"] == value


@pytest.mark.parametrize("spelt", ["{base}", "{base}/", "{upper}"])
def test_the_server_is_the_tenants_own_however_it_is_spelt(site: Hospital, spelt: str) -> None:
    """With and without a trailing slash; host names have no case."""
    server = spelt.format(base=site.base, upper=site.base.replace("http", "HTTP"))
    request = read_request({**site.body({}), "fhirServer": server}, "patient-view", ("patientId",))
    assert complete(request, site.tenant, [trial()]).prefetch


@pytest.mark.rule("19", "21")
@pytest.mark.parametrize(
    "server",
    ["http://127.0.0.1:{port}/other", "http://127.0.0.1:{port}", "http://127.0.0.1:{port}/r4/sub",
     "http://localhost:{port}/r4", "http://127.0.0.2:{port}/r4", "http://a@127.0.0.1:{port}/r4", "http://127.0.0.1:{port}/r4?x=y", "http://127.0.0.1:{port}/r4/../r4",
     "https://evil.example.org/r4", "file:///etc/passwd", "", None, 7, ["x"]],
)  # fmt: skip
def test_of_another_server_nothing_is_fetched(site: Hospital, server: Any) -> None:
    """The token is the EHR's, and a request could name anyone's server."""
    named = server.format(port=site.server.port) if isinstance(server, str) else server
    request = read_request({**site.body({}), "fhirServer": named}, "patient-view", ("patientId",))
    assert complete(request, site.tenant, [trial()]) == request
    assert site.server.connections == 0


@pytest.mark.rule("20")
@pytest.mark.parametrize(
    "given",
    [{"access_token": None}, {"access_token": ""}, {"access_token": "a\r\nX: b"}, {"access_token": 7}, {"token_type": "mac"},
     {"expires_in": 0}, {"expires_in": -5}, {"patient": "p2"}],
)  # fmt: skip
def test_without_a_good_token_nothing_is_fetched(site: Hospital, given: Any) -> None:
    """None, expired, or for another patient, whose record would look like this one's."""
    assert site.completed({}, **given).prefetch == {}
    assert site.server.connections == 0


@pytest.mark.rule("20")
@pytest.mark.parametrize("authorization", [None, "Bearer x", [], 7])
def test_an_odd_authorization_is_none(site: Hospital, authorization: Any) -> None:
    """The request is answered from its prefetch."""
    request = read_request({**site.body({}), "fhirAuthorization": authorization}, "patient-view", ("patientId",))
    assert complete(request, site.tenant, [trial()]).prefetch == {}


@pytest.mark.parametrize("patient", ["../admin", "..", "p1?x=y", "p1&category=z", "p 1", "a" * 257, "p1/../p2", "%2e%2e"])
def test_a_patient_id_that_is_none_is_not_put_into_a_url(site: Hospital, patient: str) -> None:
    """It comes from outside and could lead elsewhere on the server."""
    body = site.body({})
    request = read_request({**body, "context": {**body["context"], "patientId": patient}}, "patient-view", ("patientId",))
    assert complete(request, site.tenant, [trial()]).prefetch == {}
    assert site.server.connections == 0


@pytest.mark.rule("27")
def test_without_a_tenant_nothing_is_fetched(site: Hospital) -> None:
    """Where the site names no tenants nobody is known, and any server could be named."""
    request = read_request(site.body({}), "patient-view", ("patientId",))
    assert complete(request, None, [trial()]) is request


@pytest.mark.rule("28")
def test_the_minimum_that_cannot_be_had_is_named_as_ever(site: Hospital) -> None:
    """A 412 with the keys (checklist 28)."""
    site.says("Patient/p1", status(404))
    site.says("Condition", status(403))
    request = site.completed()
    with pytest.raises(MissingData) as told:
        chart_of_prefetch(request.prefetch, "p1")
    assert [one.place for one in told.value.problems] == ["prefetch.patient", "prefetch.conditions"]


def test_another_patient_is_not_taken(site: Hospital) -> None:
    """Neither read in place of this one, nor along with a search."""
    site.says("Patient/p1", json({**PATIENT, "id": "p2"}))
    with pytest.raises(MissingData, match="patient"):
        site.states()
    site.says("Patient/p1", json(PATIENT))
    site.says("Procedure", page({**PATIENT, "id": "p2"}, resource("Procedure", subject={"reference": "Patient/p2"})))
    assert chart_of_prefetch(site.completed().prefetch, "p1").of("Procedure") == ()


@pytest.mark.rule("20")
@pytest.mark.parametrize(
    ("scope", "states"),
    [
        ("patient/*.read", "WW"),
        ("patient/*.rs", "WW"),
        ("user/*.*", "WW"),
        ("system/Condition.cruds patient/Patient.r patient/Procedure.s", "WW"),
        ("patient/Patient.read patient/Condition.read", "WF"),
        ("patient/Patient.rs patient/Condition.rs patient/Procedure.r", "WF"),
        ("patient/Patient.rs patient/Condition.rs patient/Procedure.write", "WF"),
        ("patient/*.rs?category=x", "PP"),
        ("patient/Patient.r patient/Condition.rs patient/Procedure.rs?date=ge2020", "WP"),
        ("", "WW"),
        ("launch openid", "WW"),
    ],
)
def test_a_narrow_scope_is_no_whole_record(site: Hospital, scope: str, states: str) -> None:
    """What it does not allow is not asked for and counts as failed; what it allows in part would look whole and is partial."""
    for kind in ("Condition", "Procedure"):
        site.says(kind, page(resource(kind)))
    found = site.states(scope=scope)
    letters = {State.WHOLE: "W", State.PARTIAL: "P", State.FAILED: "F"}
    assert letters[found["Condition"]] + letters[found["Procedure"]] == states


def test_a_scope_for_the_searched_category_is_enough(site: Hospital) -> None:
    """Laboratory and surveys searched, laboratory and surveys allowed."""
    system = "http://terminology.hl7.org/CodeSystem/observation-category"
    both = " ".join(f"patient/Observation.rs?category={system}|{one}" for one in ("laboratory", "survey", "vital-signs"))
    base = "patient/Patient.r patient/Condition.s patient/DiagnosticReport.s"
    assert site.states(scope=f"{base} {both}")["Observation"] is State.WHOLE
    assert site.states(scope=f"{base} patient/Observation.rs?category={system}|laboratory")["Observation"] is State.PARTIAL


@pytest.mark.rule("21")
def test_the_token_stands_nowhere(site: Hospital, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in the request's own text nor in a log; the log has keys and reasons, and nothing of the patient."""
    site.says("Procedure", status(500))
    site.says("Immunization", json(outcome()))
    with caplog.at_level(logging.DEBUG):
        request = site.completed({"SECRET KEY": bundle(resource("Condition"), link=[{"relation": "next", "url": "http://[x"}])})
    assert TOKEN not in repr(request)
    written = "\n".join(map(JsonLines().format, caplog.records))
    assert not any(word in written + caplog.text for word in (TOKEN, "p1", site.base, "SECRET KEY"))
    assert '"key":"procedures","outcome":"status-500"' in written
    with caplog.at_level(logging.DEBUG):
        site.tenant = replace(site.tenant, fhir_servers=())
        site.completed()
    assert '"event":"fetch"' in JsonLines().format(caplog.records[-1])
    assert '"outcome":"none"' in JsonLines().format(caplog.records[-1])
