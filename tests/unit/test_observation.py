"""Observations and DiagnosticReports of a Chart into Results: which count, when they were, and what they hold."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_mappings.dates import Interval
from fhir_mappings.inputs import Positivity, Range, Standing
from tests.support.observations import LOCAL, LOINC, SNOMED, UCUM, FewTerms, coded, flag, mapped, observation, only, quantity, ucum

Json = dict[str, Any]
HB = ucum(8.1, "g/dL", unit="g/dL")


def issues(*resources: Json) -> list[tuple[str, str]]:
    return [(one.code, one.issue) for one in mapped(*resources)[1]]


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("final", Standing.CONFIRMED),
        ("amended", Standing.CONFIRMED),
        ("corrected", Standing.CONFIRMED),
        ("final ", Standing.CONFIRMED),
        ("preliminary", Standing.UNCONFIRMED),
        ("unknown", Standing.UNCLEAR),
        ("signed", Standing.UNCLEAR),
        (None, Standing.UNCLEAR),
        (7, Standing.UNCLEAR),
    ],
)
def test_status(status: Any, standing: Standing) -> None:
    """The status says what a result is worth (spec 0.4); one that is not listed is named in the issues."""
    source = observation("718-7", HB, status=status)
    assert only(source).standing is standing
    assert ("status-unknown" in dict(issues(source))) == (standing is Standing.UNCLEAR)


@pytest.mark.parametrize("status", ["entered-in-error", "entered-in-error ", "cancelled", "registered"])
def test_status_that_is_no_evidence(status: str) -> None:
    """These are dropped without an issue."""
    assert mapped(observation("718-7", HB, status=status)) == ({}, [])


def test_a_result_of_a_number() -> None:
    """A value in the canonical unit, with what the laboratory wrote, and words for a clinician."""
    result = only(observation(coded("718-7", text="Hb"), HB, meta={"versionId": "2"}))
    assert (result.concept, result.value, result.unit) == ("lab.hgb", Range(Decimal(81), Decimal(81)), "g/L")
    assert (result.text, result.origin.display, result.origin.version) == ("8.1 g/dL", "Hb 8.1 g/dL", "2")
    assert (result.origin.reference, result.origin.grade, result.problem) == ("Observation/o1", "coded", None)
    assert result.positivity is None


def test_display_without_words() -> None:
    """A bare code is told by the table's name."""
    assert only(observation("5048-4", valueString="1:640")).origin.display == "ANA 1:640"
    assert only(observation("718-7", dataAbsentReason=coded("not-performed", "x"))).origin.display == "Hb (not performed)"
    assert only(observation("8061-4")).origin.display == "ANA (no value reported)"


def test_own_reference_range() -> None:
    """Limits are of this Observation, converted like the value."""
    result = only(observation("2157-6", ucum(3, "ukat/L"), referenceRange=[{"low": {"value": 0.5}, "high": {"value": 2.5}}]))
    assert (result.value, result.lower, result.upper) == (Range(Decimal(180), Decimal(180)), Decimal(30), Decimal(150))


@pytest.mark.parametrize(
    ("fields", "code", "problem"),
    [
        (quantity(8, "mg"), "unit-unmapped", "unit 'mg' cannot be read as g/L"),
        (quantity(8), "unit-missing", "no unit"),
        (ucum(8, "g/dL", comparator="ad"), "value-unreadable", "the comparator is not read"),
        (quantity(12, "g/L"), "value-implausible", "12 g/L is implausible: a wrong unit or scale is suspected"),
    ],
)
def test_numbers_that_can_not_be_believed(fields: Json, code: str, problem: str) -> None:
    """The result says why, and so does an issue with the record's reference."""
    source = observation("718-7", fields)
    assert only(source).problem == problem
    assert issues(source) == [(code, problem)]


def test_an_implausible_value_is_a_conflict() -> None:
    """A value that was read but is suspicious can't decide."""
    result = only(observation("718-7", quantity(12, "g/L")))
    assert result.conflict
    assert result.value == Range(Decimal(12), Decimal(12))


def test_no_unit_issue_for_antibodies() -> None:
    """Units of antibody assays are not mapped, and that is no gap."""
    assert issues(observation("31348-6", quantity(45, "AU/mL"))) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "no value reported"),
        ({"valueString": "clotted"}, "the value is not a number with a unit"),
        ({"valueString": "12.5"}, "no unit"),
        ({"dataAbsentReason": coded("not-performed", "x"), **HB}, "not performed"),
        ({"valueQuantity": {"unit": "g/dL"}}, "no value"),
    ],
)
def test_no_number(fields: Json, problem: str) -> None:
    """A number that is missing says why."""
    result = only(observation("718-7", fields))
    assert (result.value, result.problem) == (None, problem)


def test_a_number_in_words_is_parsed() -> None:
    """`12.5 g/dL` as text is read, and graded as parsed."""
    result = only(observation("718-7", valueString="12.5 g/dL"))
    assert (result.value, result.origin.grade) == (Range(Decimal(125), Decimal(125)), "parsed")


@pytest.mark.parametrize(
    ("fields", "when"),
    [
        ({}, Interval(date(2026, 11, 20), date(2026, 11, 20))),
        ({"effectiveDateTime": None, "issued": "2026-11-19T08:00:00Z"}, Interval(date(2026, 11, 19), date(2026, 11, 19))),
        ({"issued": "2026-11-21"}, Interval(date(2026, 11, 20), date(2026, 11, 20))),
        ({"effectiveDateTime": "2026"}, Interval(date(2026, 1, 1), date(2026, 12, 31))),
        ({"effectiveDateTime": None, "effectiveInstant": "2026-11-18T00:30:00+02:00"}, Interval(date(2026, 11, 17), date(2026, 11, 17))),
        (
            {"effectiveDateTime": None, "effectivePeriod": {"start": "2026-11-01", "end": "2026-11-02"}},
            Interval(date(2026, 11, 2), date(2026, 11, 2)),
        ),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026-11-01"}}, Interval(date(2026, 11, 1), date(2026, 11, 22))),
        (
            {"effectiveDateTime": None, "effectiveTiming": {"event": ["2026-11-03", "2026-11-04"]}},
            Interval(date(2026, 11, 4), date(2026, 11, 4)),
        ),
    ],
)
def test_date(fields: Json, when: Interval) -> None:
    """Effective before issued, partial dates as intervals, a period by its end (spec 0.3)."""
    assert only(observation("718-7", HB, fields)).when == when


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"effectiveDateTime": None}, "date-missing"),
        ({"effectiveDateTime": "2026-13-45"}, "date-unreadable"),
        ({"effectiveDateTime": "2026-13-45", "issued": "2026-11-20"}, "date-unreadable"),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026-11-01", "end": "x"}}, "date-unreadable"),
        ({"effectiveDateTime": None, "effectiveTiming": {"repeat": {}}}, "date-unreadable"),
    ],
)
def test_no_date(fields: Json, code: str) -> None:
    """A result without a date that can be read is kept, undated, with an issue."""
    source = observation("718-7", HB, fields)
    assert only(source).when is None
    assert [one for one, _ in issues(source)] == [code]


def test_issues_only_for_what_is_read() -> None:
    """An Observation of no value set raises no issue at all."""
    assert mapped(observation("8867-4", quantity(70), effectiveDateTime=None, status="unknown")) == ({}, [])


def test_the_future_is_no_history() -> None:
    """Dated after the evaluation a result is left out, without an issue; a partial date may still be past."""
    assert mapped(observation("718-7", HB, effectiveDateTime="2026-11-23")) == ({}, [])
    assert only(observation("718-7", HB, effectiveDateTime="2026-12-31"), as_of=date(2026, 12, 31))
    assert only(observation("718-7", HB, effectiveDateTime="2026"))


def test_a_recorded_date() -> None:
    """valueDateTime is a day, and may lie ahead."""
    assert only(observation("11778-8", valueDateTime="2027-05")).day == Interval(date(2027, 5, 1), date(2027, 5, 31))


def test_a_coded_answer() -> None:
    """The value sets of a coded answer, and its words as text."""
    result = only(observation("88020-3", valueCodeableConcept=coded("LA28406-9", LOINC, "Class III")))
    assert (result.codes, result.text, result.problem) == (frozenset({"cv.nyha_3_4"}), "Class III", None)


def test_a_boolean() -> None:
    """valueBoolean is kept as what it is."""
    assert only(observation("63895-7", valueBoolean=False)).boolean is False


def test_focus() -> None:
    """About someone else: set aside with an issue; about the patient: read."""
    other = observation("718-7", HB, focus=[{"reference": "Patient/baby"}])
    assert mapped(other)[0] == {}
    assert issues(other) == [("focus-other", "the focus is not this patient; the resource is not used")]
    assert only(observation("718-7", HB, focus=[{"reference": "Patient/p1"}]))
    assert only(observation("718-7", HB, focus=[{"reference": "http://ehr/fhir/Patient/p1"}]))


def test_several_codings() -> None:
    """Any coding of the code counts; one Result for each value set, each naming all."""
    code = {"coding": [{"system": "urn:lab", "code": "X"}, {"system": f"{LOINC}/", "code": "8061-4"}, {"system": LOINC, "code": "5048-4"}]}
    found, _ = mapped(observation(code, valueString="1:320"))
    assert set(found) == {"lab.ana", "lab.ana_titer"}
    assert {one.concepts for held in found.values() for one in held} == {frozenset({"lab.ana", "lab.ana_titer"})}


@pytest.mark.parametrize(
    "code", [{"text": "Hemoglobin"}, coded("718-7", "urn:lab", "Hemoglobin"), {"coding": [{"code": "718-7", "display": "Hemoglobin"}]}]
)
def test_named_in_words_only(code: Json) -> None:
    """Without a code of ours the words may name a value set: for a person to look at (spec 0.4)."""
    result = only(observation(code, HB))
    assert (result.concept, result.standing) == ("lab.hgb", Standing.TEXT)


def test_words_of_another_test() -> None:
    """A unit that the named test does not have shows that the words mean something else."""
    assert mapped(observation({"text": "Hemoglobin A1c"}, ucum(5.9, "%"))) == ({}, [])
    assert only(observation({"text": "Hemoglobin"}, quantity(8))).problem == "no unit"


def test_bilag() -> None:
    """The domains stand in the components by their local codes."""
    domains = [{"code": coded(f"bilag-{one}", LOCAL), "valueString": grade} for one, grade in (("renal", "A"), ("mucocutaneous", "B"))]
    result = only(observation(coded("bilag-2004", LOCAL), component=domains))
    assert {code: part.text for code, part in result.components.items()} == {"bilag-renal": "A", "bilag-mucocutaneous": "B"}
    assert result.problem is None


def test_mmt8() -> None:
    """A score with the scale and the strength loss in its components."""
    parts = [
        {"code": coded("mmt8-maximum", LOCAL), "valueInteger": 150},
        {"code": coded("mmt8-strength-loss", LOCAL), **ucum(25, "%")},
        {"code": coded("mmt8-strength-loss", "urn:other"), **ucum(99, "%")},
    ]
    result = only(observation(coded("mmt8", LOCAL), valueInteger=140, component=parts))
    assert result.value == Range(Decimal(140), Decimal(140))
    assert {code: part.value and part.value.exact for code, part in result.components.items()} == {
        "mmt8-maximum": 150,
        "mmt8-strength-loss": 25,
    }


def test_biopsy_used() -> None:
    """The yes/no component of the 2017 score."""
    part = {"code": coded("biopsy-used", LOCAL), "valueBoolean": True}
    result = only(observation(coded("eular-acr-2017-iim", LOCAL), ucum(6.8, "{score}"), component=[part]))
    assert result.components["biopsy-used"].boolean is True


def test_components_are_results_of_their_own() -> None:
    """A component that a value set names is a Result with the origin and date of its Observation."""
    panel = observation(coded("CBC", "urn:lab"), component=[{"code": coded("718-7"), **HB}, {"code": coded("6690-2"), **ucum(5, "10*9/L")}])
    found, _ = mapped(panel)
    assert set(found) == {"lab.hgb", "lab.wbc"}
    assert {one.origin.reference for held in found.values() for one in held} == {"Observation/o1"}


def test_a_component_that_words_name() -> None:
    """A component of an unknown code is for a person to look at as well."""
    panel = observation(coded("CBC", "urn:lab"), component=[{"code": {"text": "Hemoglobin"}, **HB}])
    assert only(panel).standing is Standing.TEXT


def test_a_panel_is_no_result() -> None:
    """A grouping Observation without a value stands for nothing, whatever its code and flag."""
    assert mapped(observation("8061-4", flag("POS"), hasMember=[{"reference": "Observation/x"}])) == ({}, [])
    panel = observation("718-7", component=[{"code": coded("718-7"), **HB}])
    assert only(panel).value == Range(Decimal(81), Decimal(81))


def test_one_fact_from_two_sources() -> None:
    """The same day and value count once, in whichever unit; the final record stays, then the first by reference."""
    twin = observation("718-7", ucum(81, "g/L"), id="a0")
    assert only(observation("718-7", HB), twin).origin.reference == "Observation/a0"
    assert only(observation("718-7", HB), {**twin, "status": "preliminary"}).origin.reference == "Observation/o1"
    assert only(observation({"text": "Hemoglobin"}, HB, id="a0"), observation("718-7", HB)).standing is Standing.CONFIRMED


def test_a_copy_that_lost_its_range() -> None:
    """The copy with the reference range stays; two ranges are two results."""
    ranged = observation("718-7", HB, referenceRange=[{"high": {"value": 16, "unit": "g/dL"}}], id="z9")
    other = observation("718-7", HB, referenceRange=[{"high": {"value": 17, "unit": "g/dL"}}], id="z8")
    assert only(observation("718-7", HB), ranged).upper == 160
    assert len(mapped(ranged, other)[0]["lab.hgb"]) == 2


def test_one_identifier() -> None:
    """A final result takes the place of its preliminary one; two finals of one identifier that differ are both shown."""
    identifier = [{"system": "urn:lab", "value": "77"}]
    final = observation("718-7", HB, identifier=identifier)
    later = observation("718-7", ucum(9, "g/dL"), identifier=identifier, id="o2")
    assert only(final, {**later, "status": "preliminary"}).standing is Standing.CONFIRMED
    assert len(mapped(final, later)[0]["lab.hgb"]) == 2
    assert only(final, {**final, "id": "o3", "effectiveDateTime": "2026-11-19"}).origin.reference == "Observation/o1"


@pytest.mark.parametrize(
    ("status", "more", "issued", "value"),
    [
        ("final", {}, None, 120),
        ("amended", {"issued": "2026-11-20T08:00:00Z"}, "2026-11-20T08:00:00+01:00", 120),
        ("corrected", {"issued": "2026-11-20T08:00:00Z"}, "2026-11-20T08:00:00-01:00", 81),
        ("corrected", {"issued": "2026-11-20T08:00:00Z"}, "soon", 120),
    ],
)
def test_the_latest_amended_version_wins(status: str, more: Json, issued: str | None, value: int) -> None:
    """Of one identifier, whatever the values; of what does not say when it was issued a final version is the older (spec 0.4)."""
    identifier = [{"system": "urn:lab", "value": "77"}]
    first = observation("718-7", HB, identifier=identifier, status=status, issued=issued)
    second = observation("718-7", ucum(12, "g/dL"), identifier=identifier, id="o2", status="corrected", **more)
    assert only(first, second).value == Range(Decimal(value), Decimal(value))


def test_a_correction_of_another_result_replaces_nothing() -> None:
    """Without an identifier in common it can't be told what was corrected: both are shown."""
    held = observation("718-7", HB, identifier=[{"system": "urn:lab", "value": "77"}])
    other = observation("718-7", ucum(12, "g/dL"), id="o2", status="corrected", identifier=[{"system": "urn:lab", "value": "78"}])
    assert len(mapped(held, other)[0]["lab.hgb"]) == 2
    assert len(mapped(held, {**other, "identifier": []})[0]["lab.hgb"]) == 2


def test_different_facts_stay() -> None:
    """Another value, another day, other domains of an assessment: nothing is merged."""
    assert len(mapped(observation("718-7", HB), observation("718-7", ucum(9, "g/dL"), id="o2"))[0]["lab.hgb"]) == 2
    assert len(mapped(observation("718-7", HB), observation("718-7", HB, id="o2", effectiveDateTime="2026-11-19"))[0]["lab.hgb"]) == 2
    bilag = [
        observation(coded("bilag-2004", LOCAL), id=grade, component=[{"code": coded("bilag-renal", LOCAL), "valueString": grade}])
        for grade in "AB"
    ]
    assert len(mapped(*bilag)[0]["score.bilag"]) == 2


def test_order_of_the_bundle_changes_nothing() -> None:
    """Shuffled entries give the same Results in the same order, newest last."""
    days = ["2026-11-20", "2026-11-18", "2026-11", "2026-11-20", None]
    resources = [
        observation(code, ucum(8 + n, "g/dL"), id=f"{code}{n}", effectiveDateTime=day)
        for n, day in enumerate(days)
        for code in ("718-7", "8061-4")
    ]
    first = mapped(*resources)
    assert [one.origin.reference for one in first[0]["lab.hgb"]] == [f"Observation/718-7{n}" for n in (4, 1, 0, 3, 2)]
    for seed in range(5):
        random.Random(seed).shuffle(resources)
        found = mapped(*resources)
        assert (list(found[0].items()), found[1]) == (list(first[0].items()), first[1])


def test_a_sex_specific_range() -> None:
    """The limits that hold for this patient."""
    ranges = [
        {"high": {"value": 170}, "appliesTo": [coded("248152002", SNOMED)]},
        {"high": {"value": 250}, "appliesTo": [coded("248153007", SNOMED)]},
    ]
    source = observation("2157-6", ucum(200, "U/L"), referenceRange=ranges)
    assert only(source).upper == 170
    assert only(source, patient={"gender": "male"}).upper == 250
    assert only(source, patient={"gender": "other"}).upper is None


def report(**fields: Any) -> Json:
    base = {"resourceType": "DiagnosticReport", "id": "r1", "status": "final", "code": {"text": "Myositis panel"}}
    return {**base, "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2026-11-20", **fields}


def test_a_report_that_names_an_antibody() -> None:
    """A conclusion without Observations is words: for a person, with no free text of its own shown."""
    result = only(report(conclusion="Jo-1 positive"))
    assert (result.concept, result.standing, result.positivity) == ("lab.jo1", Standing.TEXT, Positivity.POS)
    assert (result.origin.display, result.text, result.origin.grade) == ("Anti-Jo-1 named in a report (Myositis panel)", None, "parsed")


def test_a_report_that_names_several() -> None:
    """Which of several tests the words mean can't be told."""
    found, _ = mapped(report(conclusion="ANA positive, Jo-1 negative"))
    assert {one.positivity for held in found.values() for one in held} == {Positivity.UNKNOWN}


def test_a_report_by_its_code() -> None:
    """The code of the report names the test, the coded conclusion its result."""
    result = only(report(code=coded("8061-4"), conclusionCode=[coded("10828004", SNOMED, "Positive")]))
    assert (result.concept, result.positivity, result.standing) == ("lab.ana", Positivity.POS, Standing.TEXT)


@pytest.mark.parametrize(
    "fields",
    [
        {"conclusion": "hemoglobin low"},
        {"conclusion": "nothing here"},
        {},
        {"conclusion": "Jo-1 positive", "status": "entered-in-error"},
        {"conclusion": "Jo-1 positive", "effectiveDateTime": "2026-12-24"},
    ],
)
def test_reports_that_say_nothing(fields: Json) -> None:
    """No antibody, no words, no evidence, or not yet."""
    assert mapped(report(**fields))[0] == {}


def test_a_report_with_observations() -> None:
    """Its results are read as the Observations they are; the conclusion adds only what it finds positive of a test that is none of them."""
    whole = report(conclusion="Jo-1 positive", result=[{"reference": "Observation/o1"}])
    assert {name: one.standing for name, (one,) in mapped(whole, observation("718-7", HB))[0].items()} == {
        "lab.hgb": Standing.CONFIRMED,
        "lab.jo1": Standing.TEXT,
    }
    assert only(whole, observation("8076-2", {"valueString": "Positive"})).standing is Standing.CONFIRMED
    negative = report(conclusion="Jo-1 negative", result=[{"reference": "Observation/o1"}])
    assert only(negative, observation("718-7", HB)).concept == "lab.hgb"
    dangling = report(conclusion="Jo-1 positive", result=[{"reference": "Observation/none"}])
    assert only(dangling).concept == "lab.jo1"


def panel(nil: Any = 0.05, mitogen: Any = 9.5, *antigens: Any, **fields: Any) -> list[Json]:
    """The parts of a QuantiFERON panel; a part given as None is left out."""
    tubes = antigens or (0.8,)
    parts = [("71776-9", nil, "Nil"), ("71774-4", mitogen, "Mitogen-Nil")]
    parts += [("64084-7", one, f"TB{n}-Nil" if len(tubes) > 1 else "TB Ag-Nil") for n, one in enumerate(tubes, 1)]
    read = [(code, one if isinstance(one, dict) else ucum(one, "[IU]/mL"), name) for code, one, name in parts if one is not None]
    return [observation(coded(code, text=name), value, fields, id=f"q{n}") for n, (code, value, name) in enumerate(read)]


@pytest.mark.parametrize(
    ("parts", "reading"),
    [
        (panel(), Positivity.POS),
        (panel(0.05, 9.5, 0.35), Positivity.POS),
        (panel(0.05, 9.5, 0.34), Positivity.NEG),
        (panel(0.05, 9.5, 0.1, 0.5), Positivity.POS),
        (panel(0.05, 9.5, 0.1, 0.2), Positivity.NEG),
        (panel(4.0, 9.5, 0.9), Positivity.NEG),
        (panel(4.0, 9.5, 1.0), Positivity.POS),
        (panel(8.0, 9.5, 2.0), Positivity.POS),
        (panel(8.1, 9.5, 9.0), Positivity.BORDERLINE),
        (panel(0.05, 0.4, 0.1), Positivity.BORDERLINE),
        (panel(0.05, 0.4, 0.8), Positivity.POS),
        (panel(0.05, ucum(10, "[IU]/mL", comparator=">"), 0.1), Positivity.NEG),
        (panel(0.05, ucum(0.6, "[IU]/mL", comparator="<"), 0.1), None),
        (panel(0.05, 9.5, ucum(0.5, "[IU]/mL", comparator="<")), None),
        (panel(None), None),
        (panel(0.05, None), None),
        (panel(0.05, 9.5, 0.1, None), None),
        ([*panel(), observation("71776-9", ucum(0.9, "[IU]/mL"), id="other")], None),
        (panel(status="preliminary"), None),
        (panel(effectiveDateTime=None), None),
        ([*panel(), observation("71773-6", valueString="Indeterminate", id="said")], Positivity.BORDERLINE),
    ],
)
def test_quantiferon(parts: list[Json], reading: Positivity | None) -> None:
    """The parts make a result only where all are there and the laboratory gave none (spec E-23)."""
    results = mapped(*parts)[0].get("lab.igra", ())
    assert [one.positivity for one in results] == ([] if reading is None else [reading])


def test_an_unreadable_interpretation_does_not_stand_in_the_way() -> None:
    """A laboratory's result that says nothing leaves room for the computed one."""
    parts = [*panel(), observation("71773-6", valueString="see parts", id="said")]
    assert Positivity.POS in {one.positivity for one in mapped(*parts)[0]["lab.igra"]}
    computed = mapped(*panel())[0]["lab.igra"][0]
    assert computed.origin.display == "IGRA positive (computed: antigen minus nil 0.8 [IU]/mL)"


def test_an_interpretation_without_a_value_is_quoted() -> None:
    """What makes the result positive stands in its words."""
    assert only(observation("8061-4", flag("A"))).origin.display.endswith(" “A”")
    assert "“" not in only(observation("8061-4", flag("A"), valueString="positive")).origin.display


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats()
    | st.sampled_from(["", "1:80", "<5", "g/dL", "2026", "final", UCUM, "Patient/p1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "unit", "code", "coding", "text", "low"]), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = (
    "status", "focus", "effectiveDateTime", "effectivePeriod", "effectiveTiming", "issued", "identifier", "interpretation",
    "referenceRange", "valueQuantity", "valueString", "valueRatio", "valueCodeableConcept", "valueDateTime", "valueInteger",
    "valueBoolean", "dataAbsentReason", "component", "hasMember", "conclusion", "conclusionCode", "result", "meta",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6), st.sampled_from(["718-7", "8061-4", "2106-3", "64084-7", "88020-3"]))
def test_no_shape_raises(fields: Json, code: str) -> None:
    """Whatever stands where, reading gives Results and issues, never an exception."""
    part = {"code": coded(code), **{name: value for name, value in fields.items() if name != "meta"}}
    mapped(observation(code, fields), observation("8061-4", id="o2", component=[part]), report(code=coded(code), **fields))


def test_a_code_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand Observations of one code that no value set names cost one look-up."""
    asked: list[list[str]] = []
    monkeypatch.setattr(FewTerms, "named", lambda self, texts, resource_type: frozenset(asked.append(texts) or ()))
    resources = [observation(coded("8867-4", text="Heart rate"), quantity(70, "/min"), id=f"x{n}") for n in range(1000)]
    assert mapped(*resources) == ({}, [])
    assert asked == [["Heart rate"]]
