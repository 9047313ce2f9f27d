"""Whatever JSON a FHIR server answers, a hook call is answered from what could be read of it."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cds_service.hooks.prefetch import chart_of_prefetch
from tests.support.faulty_server import json
from tests.support.fhir_site import Hospital
from tests.support.service import PATIENT

WORDS = st.sampled_from(
    ["Bundle", "Patient", "Procedure", "MedicationRequest", "Medication", "OperationOutcome", "next", "self", "outcome", "include", "p1",
     "1", "", "Patient/p1", "Medication/m1", "http://[x", "Procedure?page=2", "searchset", "error", "\u0000", "\ud7ff"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["resourceType", "type", "entry", "resource", "link", "relation", "url", "total", "search", "mode", "id", "meta", "subject",
     "reference", "medicationReference", "contained", "issue", "severity", "fullUrl", "request", "method", "identifier"]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers(-3, 10**9) | st.floats(allow_nan=False, allow_infinity=False) | WORDS
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12)
RESOURCES = st.dictionaries(NAMES, VALUES, max_size=4).map(lambda made: {"resourceType": "MedicationRequest", **made})
ENTRIES = st.lists(
    st.fixed_dictionaries({"resource": RESOURCES | VALUES}, optional={"search": VALUES, "fullUrl": VALUES}) | VALUES, max_size=3
)
LINKS = st.lists(st.fixed_dictionaries({"relation": st.just("next"), "url": WORDS | VALUES}) | VALUES, max_size=2)
BUNDLES = st.fixed_dictionaries(
    {"resourceType": st.just("Bundle")}, optional={"entry": ENTRIES | VALUES, "link": LINKS | VALUES, "total": VALUES}
)


@given(BUNDLES | VALUES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
def test_any_answer_is_survived(site: Hospital, answer: Any) -> None:
    """The other keys are whole, and no fault of a server is told to the client as its own."""
    for target in ("MedicationRequest", "Procedure?page=2", "Medication", "Medication/m1"):
        site.says(target, json(answer))
    request = site.completed({"patient": PATIENT, "conditions": None}, types=iter(["MedicationRequest"]))
    assert chart_of_prefetch(request.prefetch, "p1").of("Condition") == ()
