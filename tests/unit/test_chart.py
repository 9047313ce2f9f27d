"""A Bundle becomes one patient's Chart: whose each resource is, which version counts, and how whole each type is."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from fhir_mappings.chart import READ_TYPES, Chart, ChartError, assemble, bundle_parts, chart_of_bundle
from fhir_mappings.identity import local_reference
from fhir_mappings.inputs import State
from tests.support.builders import ME, Json, bundle, condition, consent, patient, recommendation, research_study, research_subject, without

OTHER = {"reference": "Patient/p2"}
URN = "urn:uuid:11111111-1111-4111-8111-111111111111"


def references(chart: Chart, name: str = "Condition") -> list[str]:
    return [entry.reference for entry in chart.of(name)]


def codes(chart: Chart) -> list[str]:
    return [issue.code for issue in chart.issues]


def state(chart: Chart, name: str = "Condition") -> State:
    return chart.sources[name].state


@pytest.mark.parametrize("document", [None, [], "x", 7, {}, {"resourceType": "Patient"}, {"resourceType": ["Bundle"]}])
def test_what_is_no_bundle_is_refused(document: Any) -> None:
    """With the place, and without a word of the content."""
    with pytest.raises(ChartError) as caught:
        chart_of_bundle(document)
    assert caught.value.place == "Bundle"


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ({"a": 1}, "Bundle.entry"),
        ([7], "Bundle.entry[0]"),
        ([{"resource": 7}], "Bundle.entry[0].resource"),
        ([{"resource": {}}], "Bundle.entry[0].resource"),
        ([{"resource": {"resourceType": "Bundle", "entry": 7}}], "Bundle.entry[0].resource.entry"),
    ],
)
def test_a_broken_frame_is_refused_with_its_place(entry: Any, place: str) -> None:
    """The frame decides whose chart it is; inside a resource anything may stand."""
    with pytest.raises(ChartError) as caught:
        chart_of_bundle({"resourceType": "Bundle", "entry": entry})
    assert caught.value.place == place


def test_a_name_in_the_wrong_place_is_not_repeated() -> None:
    """An error never holds what may be a patient's."""
    with pytest.raises(ChartError) as caught:
        chart_of_bundle({"resourceType": "Doe, Jane <jane@example.org>" + "x" * 80})
    assert "<" not in str(caught.value)
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize("patients", [[], [patient(), patient("p2")]])
def test_a_chart_is_of_one_patient(patients: list[Json]) -> None:
    """None, or two, is an error."""
    document = {"resourceType": "Bundle", "entry": [{"resource": one} for one in patients]}
    with pytest.raises(ChartError):
        chart_of_bundle(document)


@pytest.mark.parametrize(
    "subject",
    [
        ME,
        {"reference": "https://ehr.example.org/FHIR/R4/Patient/p1"},
        {"reference": "Patient/p1/_history/3"},
        {"reference": URN},
        {"identifier": {"system": "urn:x", "value": "7"}},
        [ME],
    ],
)
def test_a_subject_may_be_written_in_many_ways(subject: Any) -> None:
    """Relative, absolute, versioned, by fullUrl, by identifier."""
    document = bundle(patient(identifier=[{"system": "urn:x", "value": "7"}]), condition(subject=subject))
    document["entry"][0]["fullUrl"] = URN
    assert references(chart_of_bundle(document)) == ["Condition/c1"]


@pytest.mark.parametrize(
    "subject",
    [OTHER, {"reference": "Group/herd1"}, {"reference": "#newborn"}, {"identifier": {"system": "urn:x", "value": "8"}}],
)
def test_another_subject_is_not_this_patient(subject: Any) -> None:
    """It is set aside and named; nothing is missing from this patient's record."""
    chart = chart_of_bundle(bundle(patient(identifier=[{"system": "urn:x", "value": "7"}]), condition(subject=subject)))
    assert (references(chart), codes(chart), state(chart)) == ([], ["wrong-subject"], State.WHOLE)


@pytest.mark.parametrize(
    "subject",
    [
        None,
        {},
        {"display": "Jane Doe"},
        7,
        {"reference": "urn:uuid:nobody"},
        {"reference": 7},
        {"identifier": {"system": "urn:another", "value": "7"}},
        {"identifier": {"system": "urn:x"}},
        {"identifier": {"system": "urn:x", "value": {"value": "7"}}},
    ],
)
def test_a_subject_that_cannot_be_told_leaves_a_hole(subject: Any) -> None:
    """It may be this patient's: the type no longer shows what is absent."""
    chart = chart_of_bundle(bundle(patient(identifier=[{"system": "urn:x", "value": "7"}]), condition(subject=subject)))
    assert (references(chart), codes(chart), state(chart)) == ([], ["subject-missing"], State.PARTIAL)


@pytest.mark.parametrize(
    ("address", "subject", "code"),
    [
        (None, "Patient/p1", "subject-missing"),
        ("urn:uuid:a", "Patient/p1", "subject-missing"),
        ("urn:uuid:a", "urn:uuid:a", None),
        ("https://ehr.example.org/Patient/p1", "Patient/p1", None),
        ("https://ehr.example.org/Patient/p1", "https://ehr.example.org/Patient/p1", None),
        (None, "Group/g1", "wrong-subject"),
    ],
)
def test_a_patient_without_id_is_known_by_its_address(address: str | None, subject: str, code: str | None) -> None:
    """Where that does not tell its id, a reference to some Patient/… may be to this one or not."""
    document = bundle(without(patient(), "id"), condition(subject={"reference": subject}))
    document["entry"][0] |= {"fullUrl": address} if address else {}
    assert codes(chart_of_bundle(document)) == ([code] if code else [])


def test_numbers_for_ids_are_read() -> None:
    """An id, a version or an identifier's value that a system writes as a number."""
    older, newer = (condition(subject={"reference": "Patient/7"}, meta={"versionId": n}) | {"id": 5} for n in (9, 10))
    by_number = condition(subject={"identifier": {"value": 4711}})
    chart = chart_of_bundle(bundle(patient(identifier=[{"value": 4711}]) | {"id": 7}, newer, older, by_number))
    assert [(one.reference, one.version) for one in chart.of("Condition")] == [("Condition/5", "10"), ("Condition/c1", None)]


@pytest.mark.parametrize("odd", [True, 1.5, 10**400, [], {}, "", " ", {"value": "c1"}])
def test_what_is_no_id_is_not_repeated(odd: Any) -> None:
    """The resource is cited by its content then."""
    (found,) = references(chart_of_bundle(bundle(condition() | {"id": odd})))
    assert found.startswith("Condition/?")


def test_an_identifier_shared_with_another_resource_still_names_the_patient() -> None:
    """Numbers of two resources may be equal."""
    shared = [{"system": "urn:x", "value": "7"}]
    one = condition(subject={"identifier": shared[0]}, identifier=shared, meta={"versionId": "9"})
    assert references(chart_of_bundle(bundle(patient(identifier=shared), one))) == ["Condition/c1"]


def test_types_name_their_subject_by_their_own_element() -> None:
    """`patient`, `individual`; `subject` is read there too. A study has none."""
    loose = without(consent(), "patient") | {"subject": ME}
    chart = chart_of_bundle(bundle(recommendation(), research_subject(), research_study(), loose))
    assert [len(chart.of(name)) for name in ("ImmunizationRecommendation", "ResearchSubject", "ResearchStudy", "Consent")] == [1] * 4


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({"versionId": "2"}, {"versionId": "10"}),
        ({"versionId": "2", "lastUpdated": "2026-02-01"}, {"versionId": "3", "lastUpdated": "2026-01-01"}),
        ({"lastUpdated": "2026-01-01"}, {"lastUpdated": "2026-02-01"}),
        ({}, {"versionId": "1"}),
    ],
)
def test_the_newest_version_counts(older: Json, newer: Json) -> None:
    """By version number, else by date, whichever comes first in the Bundle."""
    for order in itertools.permutations([condition(meta=older), condition(meta=newer, note="new")]):
        assert [entry.resource.get("note") for entry in chart_of_bundle(bundle(*order)).of("Condition")] == ["new"]


def test_two_of_one_version_do_not_depend_on_their_order() -> None:
    """One of them, always the same."""
    pair = [condition(note="a"), condition(note="b")]
    found = {str(chart_of_bundle(bundle(*order)).of("Condition")) for order in itertools.permutations(pair)}
    assert len(found) == 1


def test_every_address_leads_to_the_newest_version() -> None:
    """An older version's fullUrl too."""
    document = bundle(consent(meta={"versionId": "2"}), consent(meta={"versionId": "1"}))
    document["entry"][1]["fullUrl"], document["entry"][2]["fullUrl"] = "urn:uuid:new", "urn:uuid:old"
    chart = chart_of_bundle(document)
    assert chart.resolve("urn:uuid:old") is chart.resolve("urn:uuid:new") is chart.of("Consent")[0]


def test_an_identifier_of_two_resources_leads_to_the_same_one_in_any_order() -> None:
    """Neither the order nor a version number decides between two resources."""
    held = [research_study(identity=name, meta={"versionId": version}) for name, version in (("a", "1"), ("b", "2"))]
    target = {"identifier": research_study()["identifier"][0]}
    found = [chart_of_bundle(bundle(*order)).resolve(target) for order in itertools.permutations(held)]
    assert [one.reference for one in found if one] == ["ResearchStudy/a"] * 2


def test_a_resource_keeps_its_name_when_another_claims_it_as_address() -> None:
    """A fullUrl never leads away from the resource that is called so."""
    document = bundle(condition(), research_study())
    document["entry"][2]["fullUrl"] = "Patient/p1"
    chart = chart_of_bundle(document)
    assert chart.resolve("Patient/p1") == chart.patient
    assert references(chart) == ["Condition/c1"]


def test_a_patient_given_twice_is_one_patient() -> None:
    """Under two addresses, either of which a subject may use."""
    document = bundle(patient(), patient(), condition(subject={"reference": "urn:uuid:b"}))
    document["entry"][0]["fullUrl"], document["entry"][1]["fullUrl"] = "urn:uuid:a", "urn:uuid:b"
    assert references(chart_of_bundle(document)) == ["Condition/c1"]


def test_a_resource_without_id_is_cited_by_its_address_or_content() -> None:
    """A fullUrl, else a name that the order of the Bundle does not change."""
    document = bundle(without(condition(), "id"), without(condition(note="b"), "id"))
    document["entry"][1]["fullUrl"] = URN
    found = references(chart_of_bundle(document))
    document["entry"].reverse()
    assert URN in found
    assert any(one.startswith("Condition/?") for one in found)
    assert references(chart_of_bundle(document)) == found


@pytest.mark.parametrize("depth", [100, 510, 3000])
@pytest.mark.parametrize("loose", [True, False])
def test_depth_does_not_break_a_chart(depth: int, loose: bool) -> None:
    """A resource nested without end, without id or given twice, is one resource."""
    deep: Json = {}
    for _ in range(depth):
        deep = {"a": [deep]}
    one = condition(note=deep)
    one = without(one, "id") if loose else one
    assert len(chart_of_bundle(bundle(one, one)).of("Condition")) == 1


@pytest.mark.parametrize(
    ("frame", "whole"),
    [
        ({"kind": "collection"}, True),
        ({"kind": "collection", "total": 9}, True),
        ({"kind": "searchset", "total": 2}, True),
        ({"kind": "searchset", "total": 3}, False),
        ({"kind": "searchset", "total": 3.0}, False),
        ({"kind": "searchset", "total": 10**400}, False),
        ({"kind": "searchset", "total": -1}, True),
        ({"kind": "searchset", "total": "9"}, True),
        ({"kind": "searchset", "total": True}, True),
        ({"kind": "searchset", "link": "next"}, True),
        ({"kind": "searchset", "link": [{"relation": "next", "url": "x"}]}, False),
        ({"kind": "searchset", "link": [{"relation": "self", "url": "x"}]}, True),
    ],
)
def test_a_paged_searchset_is_not_whole(frame: Json, whole: bool) -> None:
    """A `next` link, or fewer matches than `total` (spec 0.2)."""
    chart = chart_of_bundle(bundle(condition(), **frame))
    assert {source.state for source in chart.sources.values()} == {State.WHOLE if whole else State.PARTIAL}


def test_includes_and_outcomes_are_no_matches() -> None:
    """They do not count towards `total`."""
    document = bundle(condition(), research_study(), kind="searchset", total=3)
    document["entry"][2]["search"] = {"mode": "include"}
    assert bundle_parts(document)[1] is False


def test_an_empty_search_with_an_outcome_holds_nothing() -> None:
    """As Epic answers where there is nothing: total 0 and an OperationOutcome."""
    outcome = {"resource": {"resourceType": "OperationOutcome"}, "search": {"mode": "outcome"}}
    assert bundle_parts({"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": [outcome]}) == ([], True)


def test_inner_bundles_are_opened_and_deletions_passed_over() -> None:
    """Their resources count as the outer one's; an inner page that is not whole makes the whole less."""
    inner = {"resource": {"resourceType": "Bundle", "type": "searchset", "total": 5, "entry": [{"resource": condition()}]}}
    deletion = {"request": {"method": "DELETE", "url": "Condition/c9"}, "resource": condition(identity="c9")}
    document = bundle()
    document["entry"] += [inner, deletion, {"fullUrl": "urn:x"}]
    chart = chart_of_bundle(document)
    assert (references(chart), state(chart)) == (["Condition/c1"], State.PARTIAL)


def test_a_transaction_holds_what_it_writes() -> None:
    """Its entries carry a request beside the resource."""
    document = bundle(condition(), kind="transaction")
    document["entry"][1] |= {"fullUrl": URN, "request": {"method": "PUT", "url": "Condition/c1"}}
    chart = chart_of_bundle(document)
    assert chart.resolve(URN) is chart.of("Condition")[0]


def test_bundles_without_end_are_refused() -> None:
    """Some levels are opened; no server nests them deeper."""
    documents = [bundle(condition())]
    for _ in range(400):
        documents.append({"resourceType": "Bundle", "entry": [{"resource": documents[-1]}]})
    assert references(chart_of_bundle(documents[5])) == ["Condition/c1"]
    with pytest.raises(ChartError, match="nested too deeply"):
        chart_of_bundle(documents[-1])


def test_every_read_type_has_a_source() -> None:
    """Whole with nothing in it; a type that was never asked for is not provided."""
    chart = assemble([(patient(), None), (condition(), None)], {"Condition": State.FAILED})
    assert tuple(chart.sources) == READ_TYPES
    assert (chart.sources["Condition"].count, state(chart), state(chart, "Observation")) == (1, State.FAILED, State.NOT_PROVIDED)


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("Patient/p1", "Patient/p1"),
        ("https://x.org/fhir/Patient/p1", "Patient/p1"),
        ("Patient/p1/_history/2", "Patient/p1"),
        ("Patient/p1|2", "Patient/p1"),
        ("urn:uuid:1", None),
        ("#c", None),
    ],
)
def test_a_local_reference_is_type_and_id(text: str, local: str | None) -> None:
    """Of relative, absolute and versioned references."""
    assert local_reference(text) == local


def test_references_are_resolved() -> None:
    """Contained, by string, by fullUrl, by identifier; what leads nowhere is None."""
    document = bundle(research_study(), research_subject())
    document["entry"][1]["fullUrl"] = URN
    chart = chart_of_bundle(document)
    study = chart.of("ResearchStudy")[0]
    for target in ("ResearchStudy/s1", {"reference": URN}, {"identifier": research_study()["identifier"][0]}):
        assert chart.resolve(target) == study
    inner = chart.resolve({"reference": "#m"}, {"contained": [{"id": "l"}, {"resourceType": "Consent", "id": "m"}]})
    assert inner is not None
    assert inner.reference == "#m"
    numbered = chart.resolve("#7", {"contained": [{"id": 7}]})
    assert numbered is not None
    nothing: tuple[Any, ...] = ("#m", {"reference": "#n"}, {"reference": "Patient/x"}, {"identifier": {}}, {"display": "x"}, None, 7)
    for nowhere in nothing:
        assert chart.resolve(nowhere) is None
