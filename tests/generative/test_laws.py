"""The laws of the evaluation (design 4), on generated charts under the real CC312 definition."""

from __future__ import annotations

import copy
import json
from datetime import date, timedelta
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from fhir_mappings.chart import READ_TYPES, assemble, bundle_parts
from fhir_mappings.inputs import State
from tests.generative import charts as g
from tests.support.engine import evaluate, evaluate_chart, verdicts

Json = dict[str, Any]
MEDICATIONS = ("MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration")


def decided(result: Any) -> bool:
    return result.verdict != "unknown"


def told(evaluation: Any) -> dict[tuple[str, str], tuple[Any, ...]]:
    """What a person would act on, without the words."""
    return {
        key: (one.verdict, one.review, one.lean, one.presumed, one.applicable, one.open, one.recheck_on)
        for key, one in verdicts(evaluation).items()
    } | {(arm.id, "status"): (arm.status, arm.recheck_on) for arm in evaluation.arms}


@given(g.charts, st.data())
def test_1_learning_a_value_never_overturns(items: list[Json], data: st.DataObject) -> None:
    """Law 1: a verdict decided while results lacked their values, and not presumed, stays when the values come in.

    An observation that names no test may come to say anything, as a record that was not there: such are left alone.
    """
    results = [n for n, item in enumerate(items) if item in g.RESULTS]
    assume(results)
    gaps = data.draw(st.sets(st.sampled_from(results), min_size=1))
    before = verdicts(evaluate(g.bundle([g.without_value(item) if n in gaps else item for n, item in enumerate(items)]), g.AS_OF))
    after = verdicts(evaluate(g.bundle(items), g.AS_OF))
    for key, was in before.items():
        if decided(was) and not was.presumed:
            assert after[key].verdict == was.verdict, key


@given(g.unfinished, g.beside, st.booleans(), st.data())
def test_1_what_is_not_final_decides_nothing(items: list[Json], others: list[Json], refuted: bool, data: st.DataObject) -> None:
    """Law 1: while results are preliminary and diagnoses provisional, nothing is decided that their final form could overturn.

    A diagnosis confirmed elsewhere in the chart and refuted later is no final form but news (spec 0.4), so such pairs are left alone.
    """
    assume(not refuted or _no_twins([*items, *others]))
    before = verdicts(evaluate(g.bundle([*map(_weak, items), *others]), g.AS_OF))
    final = [_cancelled(item) if refuted else data.draw(st.sampled_from(_finals(item))) for item in items]
    after = verdicts(evaluate(g.bundle([*final, *others]), g.AS_OF))
    for key, was in before.items():
        if decided(was) and not was.presumed:
            assert after[key].verdict in (was.verdict, "unknown"), key


def _no_twins(items: list[Json]) -> bool:
    """Whether no two diagnoses of the chart have the same code, in its own system or as a twin."""
    twins = {one: other for pair in g.DIAGNOSES for one, other in (pair, pair[::-1])}
    codings = [item["code"]["coding"][0] for item in items if item["resourceType"] == "Condition"]
    pairs = [(one["system"], one["code"]) for one in codings]
    return len(pairs) == len({min(pair, twins.get(pair, pair)) for pair in pairs})


def _verified(item: Json, status: str) -> Json:
    return item | {"verificationStatus": g.concept(("http://terminology.hl7.org/CodeSystem/condition-ver-status", status))}


def _weak(item: Json) -> Json:
    return _verified(item, "provisional") if item["resourceType"] == "Condition" else item | {"status": "preliminary"}


def _cancelled(item: Json) -> Json:
    return _verified(item, "refuted") if item["resourceType"] == "Condition" else item | {"status": "cancelled"}


def _finals(item: Json) -> list[Json]:
    """What it may turn out to be: the diagnosis confirmed, the test's result with whatever value."""
    return [_verified(item, "confirmed")] if item["resourceType"] == "Condition" else g.same_test(item)


@given(g.rivals, st.randoms(use_true_random=False), st.data())
def test_2_order_pages_and_repeats_change_nothing(items: list[Json], random: Any, data: st.DataObject) -> None:
    """Law 2: shuffled, with resources repeated and cut into pages, a chart gives the same bytes."""
    whole = g.bundle(items)
    entries = whole["entry"] + data.draw(st.lists(st.sampled_from(whole["entry"]), max_size=3))
    random.shuffle(entries)
    cut = data.draw(st.integers(0, len(entries)))
    pages = [{"resourceType": "Bundle", "type": "searchset", "entry": part} for part in (entries[:cut], entries[cut:])]
    parts = [part for page in pages for part in bundle_parts(page)[0]]
    paged = evaluate_chart(assemble(parts, dict.fromkeys(READ_TYPES, State.WHOLE)), g.AS_OF)
    assert json.dumps(paged.to_json()) == json.dumps(evaluate(whole, g.AS_OF).to_json())


@given(g.charts, st.lists(st.sampled_from(["8302-2", "2093-3", "2571-8"]), min_size=1, max_size=3))
def test_2_unrelated_resources_change_nothing(items: list[Json], codes: list[str]) -> None:
    """Law 2: results that no input names, on days that the chart covers already, change no verdict."""
    strangers = [g.observation((g.LOINC, code), date(2024, 3, 15), valueQuantity=g.quantity(1, "kg")) for code in codes]
    assert told(evaluate(g.bundle([*items, *strangers]), g.AS_OF)) == told(evaluate(g.bundle(items), g.AS_OF))


@given(g.charts)
def test_3_unit_twins_give_one_verdict(items: list[Json]) -> None:
    """Law 3: a value in another unit of the same meaning decides alike."""

    def twin(item: Json) -> Json:
        code = item["code"]["coding"][0]["code"] if item["resourceType"] == "Observation" else ""
        unit = item.get("valueQuantity", {}).get("unit")
        if (code, unit) not in g.UNIT_TWINS:
            return item
        other, factor = g.UNIT_TWINS[code, unit]
        high = item["referenceRange"][0]["high"]["value"]
        value = round(item["valueQuantity"]["value"] * factor, 6)
        return item | {"valueQuantity": g.quantity(value, other), "referenceRange": [{"high": g.quantity(high * factor, other)}]}

    assert told(evaluate(g.bundle([twin(item) for item in items]), g.AS_OF)) == told(evaluate(g.bundle(items), g.AS_OF))


@given(g.charts)
def test_3_code_system_twins_give_one_verdict(items: list[Json]) -> None:
    """Law 3: SNOMED CT or ICD-10-CM, RxNorm or ATC: the same disease and drug decide alike, as a diagnosis and as a finding."""
    twins = dict(g.DIAGNOSES) | {other: one for one, other in g.DIAGNOSES} | g.DRUG_TWINS

    def other(concept: Json) -> Json:
        coding = concept["coding"][0]
        key = (coding["system"], coding["code"])
        return g.concept(twins[key]) if key in twins else concept

    def twin(item: Json) -> Json:
        said = {name: other(item[name]) for name in ("code", "medicationCodeableConcept", "valueCodeableConcept") if name in item}
        concluded = {"conclusionCode": [*map(other, item["conclusionCode"])]} if "conclusionCode" in item else {}
        return item | said | concluded

    assert told(evaluate(g.bundle([twin(item) for item in items]), g.AS_OF)) == told(evaluate(g.bundle(items), g.AS_OF))


@given(g.charts, st.sampled_from(["urn:uuid", "absolute", "versioned"]))
def test_3_reference_style_twins_give_one_verdict(items: list[Json], style: str) -> None:
    """Law 3: urn:uuid, absolute and versioned references to the patient mean the same patient."""
    base = "https://ehr.example.org/fhir/Patient/p1"
    url = {"urn:uuid": "urn:uuid:4a1ae6f7-9d1c-4a3f-8a49-3d8a5d2c1f60", "absolute": base, "versioned": base}[style]
    reference = url + "/_history/3" if style == "versioned" else url
    twin = copy.deepcopy(g.bundle(items))
    twin["entry"][0]["fullUrl"] = url
    for entry in twin["entry"][1:]:
        key = "patient" if "patient" in entry["resource"] else "subject"
        entry["resource"][key] = {"reference": reference}
    assert told(evaluate(twin, g.AS_OF)) == told(evaluate(g.bundle(items), g.AS_OF))


# A drug that only asks where it was taken, and here may have been, beside one that ended.
_ASKING = [
    ((g.RXNORM, "8640"), g.AS_OF - timedelta(days=300), g.AS_OF - timedelta(days=200)),
    ((g.ATC, "L01FA01"), g.AS_OF - timedelta(days=183), g.AS_OF),
]


@given(g.intakes, g.surroundings)
@example(_ASKING, [*g.SCREENING, *g.COVERING])
def test_3_an_order_is_at_most_weaker_than_a_statement(intakes: list[Any], others: list[Json]) -> None:
    """Law 3: a MedicationRequest in place of a MedicationStatement decides the same or leaves open."""
    stated = verdicts(evaluate(g.bundle([*(g.statement(*one) for one in intakes), *others]), g.AS_OF))
    ordered = verdicts(evaluate(g.bundle([*(g.order(*one) for one in intakes), *others]), g.AS_OF))
    for key, one in ordered.items():
        assert one.verdict in (stated[key].verdict, "unknown"), key


def _shifted(value: Any, by: timedelta) -> Any:
    if isinstance(value, dict):
        return {key: _shifted(one, by) for key, one in value.items()}
    if isinstance(value, list):
        return [_shifted(one, by) for one in value]
    try:
        return (date.fromisoformat(value) + by).isoformat()
    except (TypeError, ValueError):
        return value


@given(g.charts, st.integers(-8, 8))
def test_4_shifting_all_dates_changes_nothing(items: list[Json], days: int) -> None:
    """Law 4: every date and the evaluation date moved together give the same verdicts (away from month ends)."""
    on_edges = [item for item in items if all(8 < day.day < 21 for day in _dates(item))]
    by = timedelta(days=days)
    moved = evaluate(_shifted(g.bundle(on_edges), by), g.AS_OF + by)
    here = evaluate(g.bundle(on_edges), g.AS_OF)

    def back(rows: dict[Any, tuple[Any, ...]]) -> dict[Any, tuple[Any, ...]]:
        return {key: tuple(one - by if isinstance(one, date) else one for one in row) for key, row in rows.items()}

    # The day of a recheck may itself fall on a month's end: compare verdicts, not those days.
    assert {key: row[:-1] for key, row in back(told(moved)).items()} == {key: row[:-1] for key, row in told(here).items()}


def _dates(value: Any) -> list[date]:
    if isinstance(value, dict):
        return [day for one in value.values() for day in _dates(one)]
    if isinstance(value, list):
        return [day for one in value for day in _dates(one)]
    try:
        return [date.fromisoformat(value)]
    except (TypeError, ValueError):
        return []


# An exclusion of another disease, which only asks where a record shows it: the search that would have shown it failed.
_FLAGGED = [
    g.condition(("http://snomed.info/sct", "55464009"), g.AS_OF - timedelta(days=1827)),
    g.measure(("2889-4", "g/(24.h)", 6.1), g.AS_OF - timedelta(days=56)),
    g.statement((g.RXNORM, "8640"), g.AS_OF - timedelta(days=366), g.AS_OF - timedelta(days=336)),
    *g.COVERING,
]


@given(g.charts, st.sampled_from(["Condition", "Observation", "Procedure", "Immunization", "Encounter", "medications"]))
@example(_FLAGGED, "Observation")
def test_6_losing_a_search_only_opens_verdicts(items: list[Json], lost: str) -> None:
    """Law 6: with a whole search failed, decided verdicts stay or become unknown; none turns into its opposite."""
    types = MEDICATIONS if lost == "medications" else (lost,)
    parts, _ = bundle_parts(g.bundle(items))
    states = {name: State.FAILED if name in types else State.WHOLE for name in READ_TYPES}
    kept = [part for part in parts if part[0]["resourceType"] not in types]
    after = verdicts(evaluate_chart(assemble(kept, states), g.AS_OF))
    for key, was in verdicts(evaluate(g.bundle(items), g.AS_OF)).items():
        if not decided(was):
            assert not decided(after[key]), key
        else:
            assert after[key].verdict in (was.verdict, "unknown"), key


@given(g.charts)
def test_a_decided_verdict_cites_a_record(items: list[Json]) -> None:
    """Every decided verdict that is neither presumed nor inapplicable cites a record; every unknown says what would settle it."""
    for key, one in verdicts(evaluate(g.bundle(items), g.AS_OF)).items():
        if decided(one) and one.applicable and not one.presumed:
            assert one.evidence, key
        if not decided(one):
            assert one.missing or one.question or one.review, key
        assert (one.lean is None) or one.review, key
