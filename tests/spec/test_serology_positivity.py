"""Spec 1.3, the serology positivity normaliser: every form of value that it lists, one row a form."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from fhir_mappings.inputs import Positivity
from tests.support.observations import LOINC, SNOMED, coded, flag, observation, only, quantity, ucum

POS, NEG, BORDERLINE, UNKNOWN = Positivity.POS, Positivity.NEG, Positivity.BORDERLINE, Positivity.UNKNOWN
Json = dict[str, Any]
ANA, TITRE, DSDNA, JO1, HCG, RNA = "8061-4", "5048-4", "31348-6", "8076-2", "2106-3", "20447-9"


class Row(NamedTuple):
    """`test` is the LOINC code; `value` holds the Observation's value, interpretation and reference range."""

    label: str
    value: Json
    reading: Positivity
    titre: int | None = None
    conflict: bool = False
    test: str = ANA


def answer(code: str, system: str = SNOMED) -> Json:
    return {"valueCodeableConcept": coded(code, system)}


def text(words: str) -> Json:
    return {"valueString": words}


def ratio(number: int, sign: str | None = None, at: str = "denominator") -> Json:
    parts: dict[str, Json] = {"numerator": {"value": 1}, "denominator": {"value": number}}
    if sign:
        parts[at]["comparator"] = sign
    return {"valueRatio": parts}


def under(limit: Any, unit: str = "[IU]/mL") -> Json:
    return {"referenceRange": [{"high": {"value": limit, "unit": unit}}]}


def says(words: str) -> Json:
    return {"referenceRange": [{"text": words}]}


IU = "[IU]/mL"
ABSENT = {"dataAbsentReason": coded("not-performed", "http://terminology.hl7.org/CodeSystem/data-absent-reason")}

ROWS = (
    Row("dataAbsentReason before everything", {**ABSENT, **flag("POS")}, UNKNOWN),
    Row("no value and no interpretation (an order without a result)", {}, UNKNOWN),
    Row("SNOMED positive", answer("10828004"), POS),
    Row("SNOMED detected", answer("260373001"), POS),
    Row("SNOMED reactive", answer("11214006"), POS),
    Row("SNOMED negative", answer("260385009"), NEG),
    Row("SNOMED not detected", answer("260415000"), NEG),
    Row("SNOMED non-reactive", answer("131194007"), NEG),
    Row("SNOMED equivocal", answer("42425007"), BORDERLINE),
    Row("SNOMED indeterminate", answer("82334004"), BORDERLINE),
    Row("SNOMED weakly positive", answer("260408008"), BORDERLINE),
    Row("SNOMED presumptive positive", answer("720735008"), BORDERLINE),
    Row("SNOMED specimen unsatisfactory", answer("125154007"), UNKNOWN),
    Row("SNOMED specimen unsatisfactory, flagged all the same", {**answer("125154007"), **flag("POS")}, UNKNOWN),
    Row(
        "SNOMED positive with the words weakly positive", {"valueCodeableConcept": coded("10828004", SNOMED, "weakly positive")}, BORDERLINE
    ),
    Row(
        "SNOMED positive with the words not detected",
        {"valueCodeableConcept": coded("10828004", SNOMED, "not detected")},
        POS,
        conflict=True,
    ),
    Row("LOINC answer positive", answer("LA6576-8", LOINC), POS),
    Row("LOINC answer negative", answer("LA6577-6", LOINC), NEG),
    Row("LOINC answer detected", answer("LA11882-0", LOINC), POS),
    Row("LOINC answer not detected", answer("LA11883-8", LOINC), NEG),
    Row("answer in words only", {"valueCodeableConcept": {"text": "Non-reactive"}}, NEG),
    Row("answer of an unknown code and words", {"valueCodeableConcept": coded("X1", "urn:lab", "Positive")}, POS),
    Row("interpretation POS", flag("POS"), POS),
    Row("interpretation DET", flag("DET"), POS),
    Row("interpretation RR", flag("RR"), POS),
    Row("interpretation WR", flag("WR"), BORDERLINE),
    Row("interpretation NEG", flag("NEG"), NEG),
    Row("interpretation ND", flag("ND"), NEG),
    Row("interpretation NR", flag("NR"), NEG),
    Row("interpretation IND", flag("IND"), BORDERLINE),
    Row("interpretation E", flag("E"), BORDERLINE),
    Row("interpretation in words", {"interpretation": [{"text": "Positive"}]}, POS),
    Row("interpretation H, value missing", flag("H"), POS),
    Row("interpretation A, value missing", flag("A"), POS),
    Row("interpretation N, value missing", flag("N"), NEG),
    Row("interpretation POS, Quantity without a number", {"valueQuantity": {"unit": IU}, **flag("POS")}, POS),
    Row("interpretation H, Quantity without a number", {"valueQuantity": {"unit": IU}, **flag("H")}, POS),
    Row("interpretation H, a form that is not read", {"valueSampledData": {}, **flag("H")}, BORDERLINE),
    Row("interpretation H, value agrees", {**ucum(45, IU), **under(30), **flag("H")}, POS, test=DSDNA),
    Row("interpretation H, value below its range", {**ucum(20, IU), **under(30), **flag("H")}, NEG, conflict=True, test=DSDNA),
    Row("interpretation H, value equal to the limit", {**ucum(30, IU), **under(30), **flag("H")}, POS, test=DSDNA),
    Row("interpretation H beside a value without a range asks", {**ucum(45, IU), **flag("H")}, BORDERLINE, test=DSDNA),
    Row("interpretation N beside a value without a range", {**ucum(45, IU), **flag("N")}, UNKNOWN, test=DSDNA),
    Row("interpretation A against a negative word", {**text("negative"), **flag("A")}, NEG, conflict=True),
    Row("interpretation POS before an equal number", {**ucum(30, IU), **under(30), **flag("POS")}, POS, test=DSDNA),
    Row("number above the own range", {**ucum(31, IU), **under(30)}, POS, test=DSDNA),
    Row("number below the own range", {**ucum(29.9, IU), **under(30)}, NEG, test=DSDNA),
    Row("number equal to the limit", {**ucum(30, IU), **under(30)}, BORDERLINE, test=DSDNA),
    Row("number equal to '<30' is not under it", {**ucum(30, IU), **says("<30")}, POS, test=DSDNA),
    Row("number equal to '<=30' is in it", {**ucum(30, IU), **says("<= 30 IU/mL")}, NEG, test=DSDNA),
    Row("number with a range in another unit", {**ucum(31, IU), **under(30, "U/mL")}, UNKNOWN, test=DSDNA),
    Row("number without a range", ucum(500, IU), UNKNOWN, test=DSDNA),
    Row("number without a unit, range without a unit", {**quantity(31), "referenceRange": [{"high": {"value": 30}}]}, POS, test=DSDNA),
    Row("number in words, own range", {**text("45,5 IU/mL"), **under(30)}, POS, test=DSDNA),
    Row("number in words without a unit, range with one", {**text("45"), **under(30)}, UNKNOWN, test=DSDNA),
    Row("titre 1:160", text("1:160"), POS, 160, test=TITRE),
    Row("titre 1/160", text("1/160"), POS, 160, test=TITRE),
    Row("titre 1:1,280 with a thousands comma", text("1:1,280"), POS, 1280, test=TITRE),
    Row("titre with a full-width colon", text("1\uff1a320"), POS, 320, test=TITRE),
    Row("valueRatio 1/160", ratio(160), POS, 160, test=TITRE),
    Row("valueRatio <1:40", ratio(40, "<"), NEG, test=TITRE),
    Row("valueRatio with the sign at the numerator", ratio(40, "<", "numerator"), NEG, test=TITRE),
    Row("valueRatio that is no titre", {"valueRatio": {"numerator": {"value": 3}, "denominator": {"value": 4}}}, UNKNOWN, test=TITRE),
    Row("valueQuantity 160 {titer}", ucum(160, "{titer}"), POS, 160, test=TITRE),
    Row("valueQuantity 160 of unit 1 in a titre test", ucum(160, "1"), POS, 160, test=TITRE),
    Row("valueQuantity 160 without a unit in a titre test", quantity(160), POS, 160, test=TITRE),
    Row("valueQuantity 160 {titer} in another test", ucum(160, "{titer}"), POS, 160),
    Row("valueQuantity 0 {titer}", ucum(0, "{titer}"), NEG, 0, test=TITRE),
    Row("valueInteger 320 in a titre test", {"valueInteger": 320}, POS, 320, test=TITRE),
    Row("valueString 320 in a titre test", text("320"), POS, 320, test=TITRE),
    Row("a number with a unit in a titre test is no titre", ucum(160, IU), UNKNOWN, test=TITRE),
    Row("titre >=1:1280", text(">=1:1280"), POS, 1280, test=TITRE),
    Row("titre ≥ 1:1280", text("≥ 1:1280"), POS, 1280, test=TITRE),
    Row("titre <1:40", text("<1:40"), NEG, test=TITRE),
    Row("titre < 1:80", text("less than 1:80"), NEG, test=TITRE),
    Row("titre <1:640 does not tell", text("<1:640"), UNKNOWN, test=TITRE),
    Row("titre under its own range", {**text("1:40"), **says("<1:80")}, NEG, 40, test=TITRE),
    Row("titre at the limit of '<1:80'", {**text("1:80"), **says("<1:80")}, POS, 80, test=TITRE),
    Row("titre 1:40 alone keeps its titre for the trial's cut-off", text("1:40"), POS, 40, test=TITRE),
    Row("highest of several titres", text("1:320 speckled, 1:80 nucleolar"), POS, 320),
    Row("a date is no titre", text("1/12/2025"), UNKNOWN),
    Row("word Positive", text("Positive"), POS),
    Row("POS (+)", text("POS (+)"), POS),
    Row("+", text("+"), POS),
    Row("+ of a line blot is weak (IIM-2)", text("+"), BORDERLINE, test=JO1),
    Row("++", text("++"), POS),
    Row("+++ of a line blot", text("+++"), POS, test=JO1),
    Row("+-", text("+-"), BORDERLINE),
    Row("±", text("±"), BORDERLINE),
    Row("-", text("-"), NEG),
    Row("weakly positive", text("weakly positive"), BORDERLINE),
    Row("Positive 1:320 speckled", text("Positive 1:320 speckled"), POS, 320),
    Row("Positive 1:40 keeps its titre for the trial's cut-off", text("Positive 1:40"), POS, 40),
    Row("equivocal", text("Equivocal"), BORDERLINE),
    Row("German positiv", text("positiv"), POS),
    Row("German negativ", text("Negativ"), NEG),
    Row("German schwach positiv", text("schwach positiv"), BORDERLINE),
    Row("German grenzwertig", text("grenzwertig"), BORDERLINE),
    Row("German nicht nachweisbar", text("nicht nachweisbar"), NEG),
    Row("German nachweisbar", text("nachweisbar"), POS),
    Row("German keine … nachweisbar", text("Keine Antikörper nachweisbar"), NEG),
    Row("Chinese 阳性", text("阳性"), POS),
    Row("Chinese 阴性", text("阴性"), NEG),
    Row("Chinese 弱阳性", text("弱阳性"), BORDERLINE),
    Row("Chinese 可疑", text("可疑"), BORDERLINE),
    Row("Chinese 阳性(1:320)", text("阳性\uff081\uff1a320\uff09"), POS, 320),
    Row("Chinese 未检出", text("未检出"), NEG),
    Row("comparator under the cut-off", {**ucum(20, IU, comparator="<"), **under(30)}, NEG, test=DSDNA),
    Row("comparator at the cut-off", {**ucum(30, IU, comparator="<"), **under(30)}, NEG, test=DSDNA),
    Row("comparator above the cut-off does not tell", {**ucum(50, IU, comparator="<"), **under(30)}, UNKNOWN, test=DSDNA),
    Row("comparator > over the cut-off", {**ucum(200, IU, comparator=">"), **under(30)}, POS, test=DSDNA),
    Row("comparator > under the cut-off does not tell", {**ucum(10, IU, comparator=">"), **under(30)}, UNKNOWN, test=DSDNA),
    Row("comparator in words", {**text("<0.5 IU/mL"), **under(30)}, NEG, test=DSDNA),
    Row("comparator without a range", ucum(20, IU, comparator="<"), UNKNOWN, test=DSDNA),
    Row("not detected", text("Not detected"), NEG),
    Row("non-reactive", text("non-reactive"), NEG),
    Row("negative for … antibodies", text("Negative for antinuclear antibodies"), NEG),
    Row("no antibody detected", text("No antibody detected"), NEG),
    Row("no … antibodies detected", text("No HIV-1 antibodies detected"), NEG),
    Row("positive and negative in one text", text("ANA positive; anti-dsDNA negative"), BORDERLINE, conflict=True),
    Row(
        "positive and negative in one text, flagged",
        {**text("ANA positive; anti-dsDNA negative"), **flag("POS")},
        BORDERLINE,
        conflict=True,
    ),
    Row(
        "contradictory flags",
        {"interpretation": [*flag("POS")["interpretation"], *flag("NEG")["interpretation"]]},
        BORDERLINE,
        conflict=True,
    ),
    Row("value against interpretation", {**text("Negative"), **flag("POS")}, POS, conflict=True),
    Row("coded value against interpretation", {**answer("260385009"), **flag("POS")}, NEG, conflict=True),
    Row("number against interpretation", {**ucum(10, IU), **under(30), **flag("POS")}, POS, conflict=True, test=DSDNA),
    Row("word against its own titre", text("Negative 1:640"), NEG, 640, conflict=True),
    Row("negative at the first dilution is no conflict", text("Negative 1:40"), NEG, 40),
    Row("positive flagged weak", {**text("Positive"), **flag("WR")}, BORDERLINE),
    Row("negative flagged indeterminate", {**answer("42425007"), **flag("NEG")}, BORDERLINE, conflict=True),
    Row("pattern only", text("speckled"), BORDERLINE, test="14611-8"),
    Row("pattern only in an ANA result", text("homogeneous"), BORDERLINE),
    Row("a pattern means nothing elsewhere", text("diffuse"), UNKNOWN, test=DSDNA),
    Row("pending", text("pending"), UNKNOWN),
    Row("reactive, but not confirmed yet", text("Reactive, confirmatory test pending"), BORDERLINE),
    Row("negative, but not confirmed yet", text("Negative, confirmatory test pending"), UNKNOWN),
    Row("not performed", text("Test not performed"), UNKNOWN),
    Row("words that say nothing", text("see comment"), UNKNOWN),
    Row("valueBoolean is not a listed form", {"valueBoolean": True}, UNKNOWN),
    Row("hCG '<5' is negative (E-21)", ucum(5, "m[IU]/mL", comparator="<"), NEG, test=HCG),
    Row("hCG above its own range", {**ucum(800, "[IU]/L"), **under(5, "m[IU]/mL")}, POS, test=HCG),
    Row("hCG without a range, which may be positive", ucum(800, "[IU]/L"), BORDERLINE, test=HCG),
    Row("hCG without a range, under 5", ucum(3, "[IU]/L"), UNKNOWN, test=HCG),
    Row("hCG above the range of those not pregnant", {**ucum(5400, "m[IU]/mL"), **says("Non-pregnant: <5")}, POS, test=HCG),
    Row("hCG below the range of those not pregnant", {**ucum(2, "m[IU]/mL"), **says("Nicht schwanger: <5")}, NEG, test=HCG),
    Row("hCG with ranges by week", {**ucum(5400, "m[IU]/mL"), **says("Non-pregnant <5; 6 wk 1000-50000")}, BORDERLINE, test=HCG),
    Row("viral load that was counted", ucum(120, "{copies}/mL"), POS, test=RNA),
    Row("viral load of nought", ucum(0, "{copies}/mL"), NEG, test=RNA),
    Row("viral load under what assays can count", ucum(20, "{copies}/mL", comparator="<"), NEG, test=RNA),
    Row("viral load under a limit of older assays", ucum(400, "{copies}/mL", comparator="<"), UNKNOWN, test=RNA),
    Row("viral load under the limit, but detected", text("<20 copies/mL, detected"), POS, test=RNA),
    Row("viral load: target not detected", text("Target not detected"), NEG, test=RNA),
)


TITLE = "When a test is positive"
COLUMNS = ("how the laboratory says it", "is read as", "for review")


def printed() -> list[tuple[str, ...]]:
    """The rows as words, for the manual."""
    return [(row.label, row.reading.value, "yes" if row.conflict else "") for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.label)
def test_reading(row: Row) -> None:
    """Each form of value that spec 1.3 lists reads as it says."""
    result = only(observation(row.test, row.value))
    assert (result.positivity, result.conflict) == (row.reading, row.conflict)
    if row.titre is not None:
        assert result.titre == row.titre


def test_a_panel_headline_makes_no_member_positive() -> None:
    """An abnormal panel whose member is negative gives the member's negative and nothing else."""
    panel = observation("8061-4", flag("A"), id="panel", hasMember=[{"reference": "Observation/o1"}])
    assert only(panel, observation("31348-6", text("negative"))).positivity is NEG


def test_a_panel_flag_does_not_reach_its_components() -> None:
    """The interpretation of an Observation is its own, not that of its components."""
    panel = observation(coded("ENA", "urn:lab"), flag("A"), component=[{"code": coded("31348-6"), "valueString": "not detected"}])
    assert only(panel).positivity is NEG
