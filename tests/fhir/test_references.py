"""What orders refer to is fetched too, for without its Medication an order's drug is not known."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir.fetch import REFERRED
from cds_service.hooks.completion import complete
from cds_service.hooks.prefetch import chart_of_prefetch
from cds_service.hooks.request import read_request
from fhir_mappings.inputs import State
from tests.support.faulty_server import json, status
from tests.support.fhir_site import Hospital, page
from tests.support.service import PATIENT, Json, bundle, resource, trial


def order(reference: str, identifier: str = "1", **more: Any) -> Json:
    return resource("MedicationRequest", identifier, medicationReference={"reference": reference}, **more)


def drug(identifier: str) -> Json:
    return resource("Medication", identifier, code={"text": "methotrexate"})


def drugs(site: Hospital, prefetch: Json | None = None, **authorization: Any) -> list[str]:
    """The ids of Medications in the chart."""
    chart = chart_of_prefetch(site.completed(prefetch, **authorization).prefetch, "p1")
    return sorted(entry.resource["id"] for entry in chart.of("Medication"))


@pytest.mark.parametrize("reference", ["Medication/m1", "{base}/Medication/m1", "Medication/m1/_history/3"])
def test_the_medication_of_an_order_is_fetched(site: Hospital, reference: str) -> None:
    """By one search for all ids, and the order leads to it."""
    site.says("MedicationRequest", page(order(reference.format(base=site.base)), order("Medication/m2", "2")))
    site.says("Medication", page(drug("m1"), drug("m2")))
    request = site.completed()
    chart = chart_of_prefetch(request.prefetch, "p1")
    assert all(chart.resolve(entry.resource["medicationReference"]) for entry in chart.of("MedicationRequest"))
    assert site.targets("/Medication?") == ["Medication?_id=m1,m2&_count=50"]
    assert chart.sources["Medication"].state is State.PARTIAL


def test_also_of_an_order_that_the_prefetch_brought(site: Hospital) -> None:
    """A template can't ask for what it refers to (checklist 16)."""
    site.says("Medication", page(drug("m1")))
    assert drugs(site, {"patient": PATIENT, "medicationRequests": bundle(order("Medication/m1"))}) == ["m1"]


def test_what_is_there_is_not_fetched(site: Hospital) -> None:
    """Sent along, or contained in the order."""
    contained = order("#m", "2", contained=[drug("m")])
    site.says("MedicationRequest", page(order("Medication/m1"), contained, drug("m1")))
    assert drugs(site) == ["m1"]
    assert site.targets("/Medication?") == site.targets("/Medication/") == []


@pytest.mark.parametrize("reply", [status(400), status(404), page(), page(drug("m3"))])
def test_where_a_search_by_id_brings_nothing_each_is_read(site: Hospital, reply: Any) -> None:
    """Some servers have no search for Medication."""
    site.says("MedicationRequest", page(order("Medication/m1")))
    site.says("Medication", reply)
    site.says("Medication/m1", json(drug("m1")))
    assert drugs(site) == ["m1"]


@pytest.mark.rule("21")
@pytest.mark.parametrize(
    "reference",
    ["https://evil.example.org/r4/Medication/m1", "Substance/m1", "Medication/../admin", "Medication/..", "Medication/m1?x=y", "urn:uuid:1",
     "Medication/a,b", "", "http://[x/Medication/m1"],
)  # fmt: skip
def test_a_reference_elsewhere_is_left(site: Hospital, reference: str) -> None:
    """To another server, to another type, or to what is no id."""
    site.says("MedicationRequest", page(order(reference)))
    assert drugs(site) == []
    assert not [one for one in site.targets() if one.startswith(("Medication?", "Medication/", "Substance"))]


def test_a_medication_that_cannot_be_had_is_lacking_and_nothing_else(site: Hospital) -> None:
    """The order stays; its drug is not known."""
    site.says("MedicationRequest", page(order("Medication/m1"), order("Medication/m2", "2")))
    site.says("Medication", page(drug("m2")))
    chart = chart_of_prefetch(site.completed().prefetch, "p1")
    assert len(chart.of("MedicationRequest")) == 2
    assert [entry.reference for entry in chart.of("Medication")] == ["Medication/m2"]


def test_a_scope_without_medications_asks_for_none(site: Hospital) -> None:
    """The server would refuse it."""
    site.says("MedicationRequest", page(order("Medication/m1")))
    assert drugs(site, scope="patient/Patient.r patient/Condition.s patient/MedicationRequest.s") == []
    assert site.targets("/Medication?") == []


def test_the_study_of_a_subject_is_fetched(site: Hospital) -> None:
    """Else it is not known whose study it is."""
    site.says("ResearchSubject", page(resource("ResearchSubject", study={"reference": "ResearchStudy/s1"})))
    site.says("ResearchStudy", page(resource("ResearchStudy", "s1", subject=None)))
    chart = chart_of_prefetch(site.completed().prefetch, "p1")
    assert [entry.reference for entry in chart.of("ResearchStudy")] == ["ResearchStudy/s1"]


def test_many_are_searched_in_parts_and_not_beyond_a_limit(site: Hospital) -> None:
    """50 ids a search, 200 in all."""
    site.says("MedicationRequest", page(*(order(f"Medication/m{number}", str(number)) for number in range(230))))
    site.says("Medication", page(*(drug(f"m{number}") for number in range(230))))
    assert len(drugs(site)) == 200
    assert len(site.targets("/Medication?")) == 4


def test_long_ids_make_no_long_url(site: Hospital) -> None:
    """EHRs have ids of 200 characters; servers refuse what is longer than 8 KB, some than 4 KB."""
    names = [f"m{number}".ljust(200, "x") for number in range(40)]
    site.says("MedicationRequest", page(*(order(f"Medication/{name}", name) for name in names)))
    site.says("Medication", page(*map(drug, names)))
    assert len(drugs(site)) == 40
    assert max(map(len, site.targets("/Medication?"))) < 4000


def test_a_value_of_the_clients_own_under_that_key_stays(site: Hospital) -> None:
    """Nothing that was sent is overwritten."""
    site.says("MedicationRequest", page(order("Medication/m1")))
    own = bundle(drug("m9"))
    assert site.completed({REFERRED: own}).prefetch[REFERRED] == own


def test_also_of_an_order_that_is_being_signed(site: Hospital) -> None:
    """Else nothing could be said of its drug."""
    site.says("Medication", page(drug("m1")))
    body = {**site.body({"patient": PATIENT}), "hook": "order-sign"}
    body["context"] |= {"draftOrders": bundle(order("Medication/m1"), kind="collection")}
    request = read_request(body, "order-sign", ("patientId",))
    assert complete(request, site.tenant, [trial()]).prefetch[REFERRED]["entry"] == [{"resource": drug("m1")}]
