"""The byte search before a parse: it may keep too much, never pass over what the mapping would have read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cds_service.cohort.evidence import ScopeEvidence
from cds_service.cohort.lines import is_plain, type_of
from fhir_mappings.table import read_table
from fhir_mappings.value_set import packaged
from tests.generative import charts as g
from tests.support.builders import concept, condition, observation
from tests.support.engine import engine, evaluate

Json = dict[str, Any]
EVIDENCE = ScopeEvidence(engine().trials["cc312"], engine().terminology)
CODES = [
    (rule["system"], one["code"])
    for value_set in packaged()
    if value_set["identifier"][0]["value"] in EVIDENCE.wanted
    for rule in value_set["compose"]["include"]
    for one in [*rule.get("concept", ()), *({"code": held["value"].partition("-")[0]} for held in rule.get("filter", ()))]
]
NAMES = [(row["domains"].split()[0], row["words"]) for row in read_table("names") if row["concept_id"] in EVIDENCE.wanted]


def _speaks(resource: Json, **spelling: Any) -> bool:
    """As the first pass asks of a line."""
    data = json.dumps(resource, **spelling).encode()
    kind = type_of(data)
    if kind is None or not is_plain(data):
        return EVIDENCE.speaks_of(resource["resourceType"], resource)
    found = EVIDENCE.speaks(kind, data)
    return EVIDENCE.speaks_of(kind, resource) if found is None else found


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(g.charts, st.sampled_from([{}, {"separators": (",", ":")}, {"ensure_ascii": False}, {"separators": (" , ", " : ")}]))
def test_without_the_lines_that_speak_a_patient_is_out_of_scope(items: list[Json], spelling: Json) -> None:
    """The patients that are not evaluated in full are those whom the full evaluation calls out of scope."""
    told = [one for one in items if one["resourceType"] == "Patient" or not _speaks(one, **spelling)]
    assert evaluate(g.bundle(told), g.AS_OF).status == "out-of-scope"


@pytest.mark.parametrize("spelling", [{}, {"separators": (",", ":")}, {"indent": 1}], ids=["loose", "tight", "indented"])
def test_every_code_of_the_scopes_speaks(spelling: Json) -> None:
    """By its own system, with a slash behind it, in small letters, among other codes and in a component."""
    assert len(CODES) > 50
    for system, code in CODES:
        for one in ((system, code), (f"{system}/", code.lower()), (system, f" {code} ")):
            known = engine().terminology.concepts(*one) & EVIDENCE.wanted
            assert _speaks(condition(("urn:other", "x"), one), **spelling) or not known, one
            inner = observation(("urn:other", "x"), component=[{"code": concept(one)}])
            assert _speaks(inner, **spelling) or not known, one


def test_every_name_of_the_scopes_speaks() -> None:
    """Words alone, as a hospital without codes writes them."""
    assert len(NAMES) > 20
    for domain, cell in NAMES:
        word = next((one.strip("*~") for one in cell.split("|") if not one.startswith("ab:")), None)
        if word and domain in ("Condition", "Observation") and engine().terminology.named([word], domain) & EVIDENCE.wanted:
            made = condition(text=word) if domain == "Condition" else observation(text=word)
            assert _speaks(made | {"code": {"text": word}}, ensure_ascii=False), word


def test_what_names_nothing_is_passed_over() -> None:
    """An ordinary diagnosis and an ordinary result are never parsed."""
    for one in (condition(("http://snomed.info/sct", "38341003")), observation(("http://loinc.org", "2345-7"))):
        data = json.dumps(one).encode()
        assert EVIDENCE.speaks(one["resourceType"], data) is False
