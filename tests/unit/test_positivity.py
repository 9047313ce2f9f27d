"""Words, values and reference ranges under the positivity reading, each on its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fhir_mappings.dates import read_date
from fhir_mappings.inputs import Positivity, Range
from fhir_mappings.observed import read_text, read_titre, read_value
from fhir_mappings.reference_range import Limits, Patient, Scale, read_limits
from fhir_mappings.result_words import say
from fhir_mappings.table import read_table
from fhir_mappings.terminology import load
from tests.support.observations import FEW, SNOMED, UTC, coded

D = Decimal
U = {"unit": "U/L"}
NORMAL = {"type": coded("normal", "http://terminology.hl7.org/CodeSystem/referencerange-meaning")}
WOMAN = Patient("female", read_date("1990-05-01"))


def limits(*ranges: Any, patient: Patient = WOMAN, written: Any = None, concept: str = "lab.ck", unit: str | None = "U/L") -> Limits:
    scale = Scale(concept, unit, U if written is None else written)
    return read_limits({"referenceRange": list(ranges)}, scale, patient, read_date("2026-11-20"))


def high(number: Any, **more: Any) -> Any:
    return {"high": {"value": number, **U}, **more}


FEMALE, MALE = {"appliesTo": [coded("248152002", SNOMED)]}, {"appliesTo": [{"text": "Men"}]}
ADULT = {"age": {"low": {"value": 18, "unit": "years"}, "high": {"value": 65, "code": "a"}}}
CHILD = {"age": {"high": {"value": 216, "code": "mo"}}}


@pytest.mark.parametrize(
    ("ranges", "upper"),
    [
        ([high(40)], "40"),
        ([high(40, **NORMAL)], "40"),
        ([high(40, type={"text": "Normal range"})], "40"),
        ([high(400, type=coded("critical", "x"))], None),
        ([high(400, type={"text": "therapeutic"})], None),
        ([high(40, **NORMAL), high(400, type=coded("critical", "x"))], "40"),
        ([], None),
        ([{}], None),
        ([high(40), high(50)], None),
        ([high(40), high(40)], "40"),
        ([high(40, **FEMALE), high(60, **MALE)], "40"),
        ([high(60, **MALE)], None),
        ([high(50), high(40, **FEMALE)], "40"),
        ([high(50), high(40, **ADULT)], "40"),
        ([high(50), high(40, **CHILD)], "50"),
        ([high(50), high(40, **FEMALE), high(30, **FEMALE, **ADULT)], "30"),
        ([high(40, appliesTo=[{"text": "pregnant"}])], None),
        ([high(40, appliesTo=[{"text": "Adults"}])], "40"),
        ([high(40, appliesTo=[{"text": "female"}, {"text": "pregnant"}])], None),
        ([high(40, age={"low": {"value": 1, "unit": "fortnight"}})], None),
        ([{"high": {"value": 0.6, "unit": "ukat/L"}}], "36"),
        ([{"high": {"value": 40}}], "40"),
        ([{"high": {"value": 40, "unit": "mg/dL"}}], None),
        ([{"high": {"value": "40", **U}}], None),
        ([{"text": "0-40"}], "40"),
        ([{"text": "0 – 40 U/L"}], "40"),
        ([{"text": "0,5 - 40,5"}], "40.5"),
        ([{"text": "0 to 40"}], "40"),
        ([{"text": "(5-40)"}], "40"),
        ([{"text": "<40"}], "40"),
        ([{"text": "≤ 40 U/L"}], "40"),
        ([{"text": "up to 40"}], "40"),
        ([{"text": "bis 40 U/l"}], "40"),
        ([{"text": "Normal: 0-40"}], "40"),
        ([{"text": "0-0.6 µkat/L"}], "36.0"),
        ([{"text": "0-40 mg/dL"}], None),
        ([{"text": "> 5"}], None),
        ([{"text": "negative <20, equivocal 20-30"}], None),
        ([{"text": "see report"}], None),
        ([{"text": 3}], None),
        ("no list", None),
    ],
)
def test_upper_limit(ranges: Any, upper: str | None) -> None:
    """The upper limit is of the one most specific normal range in the value's unit, or there is none."""
    found = limits(*ranges).upper
    assert found == (None if upper is None else D(upper))


def test_lower_limit() -> None:
    """The lower limit is read from its quantity, a span, or `> 5`."""
    assert limits({"low": {"value": 5, **U}}).lower == 5
    assert limits({"text": "5-40"}).lower == 5
    assert limits({"text": "> 5"}).lower == 5


def test_what_equals_the_limit() -> None:
    """A text says whether the limit itself is normal, also beside the quantity; else it is borderline."""
    readings = [
        limits(one).at_upper
        for one in ({"text": "<40"}, {"text": "<=40"}, {"text": "0-40"}, high(40), high(40, text="<40"), high(40, text="<50"))
    ]
    pos, neg, borderline = Positivity.POS, Positivity.NEG, Positivity.BORDERLINE
    assert readings == [pos, neg, borderline, borderline, pos, borderline]


def test_sex_or_age_that_is_not_known() -> None:
    """A range that may be the patient's leaves no limit, unless it says the same."""
    nobody = Patient()
    assert limits(high(50), high(40, **FEMALE), patient=nobody).upper is None
    assert limits(high(40), high(40, **FEMALE), patient=nobody).upper == 40
    assert limits(high(50), high(40, **ADULT), patient=nobody).upper is None
    assert limits(high(40, **FEMALE), high(40, **MALE), patient=nobody).upper is None
    assert limits(high(50, **FEMALE), high(40, **ADULT), patient=Patient("female")).upper is None


def test_age_on_the_day_of_the_result() -> None:
    """Someone who turned 18 that week, and someone whose birth year alone is known."""
    turned = Patient("female", read_date("2008-11-18"))
    somewhen = Patient("female", read_date("2008"))
    assert limits(high(50), high(40, **ADULT), patient=turned).upper == 40
    assert limits(high(50), high(40, **ADULT), patient=somewhen).upper is None


def test_creatinine_limits_of_the_other_kind_are_not_limits() -> None:
    """A range in umol/L is none for a value in mg/dL: nothing converts between the two (spec 1.4)."""
    assert limits({"high": {"value": 90, "unit": "umol/L"}}, concept="lab.creat", unit="mg/dL", written={"unit": "mg/dL"}).upper is None


def test_titre_limits_are_for_titres() -> None:
    """`<1:80` is the limit of a titre and not of a concentration."""
    assert limits({"text": "<1:80"}, concept="lab.ana", unit="{titer}", written={}).upper == 80
    assert limits({"text": "<1:80"}, concept="lab.ana", unit="U/mL", written={"unit": "U/mL"}).upper is None
    assert limits({"high": {"value": 80}}, concept="lab.ana", unit="{titer}", written={}).upper == 80


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Not Detected", {"negative"}),
        ("  NON–REACTIVE ", {"negative"}),
        ("undetectable", {"negative"}),
        ("repeatedly reactive", {"positive"}),
        ("false positive", {"borderline"}),
        ("position 3", set()),
        ("++ speckled", {"positive", "pattern"}),
        ("假阳性", {"borderline"}),
        ("阴性(-)", {"negative"}),
        ("强阳性", {"positive"}),
        ("weakly positive; control positive", {"borderline", "positive"}),
        ("-", {"negative"}),
        ("5.4 - see comment", set()),
        ("Nil", {"negative"}),
        ("Nil 0.03; TB1-Nil 2.5", set()),
        ("1:100 (-)", {"negative"}),
        ("+ / -", {"borderline"}),
        ("no reactivo", {"negative"}),
        ("Preliminary reactive", {"borderline"}),
        ("ND", set()),
        ("Reflex to titer if positive", {"aside"}),
        ("Reactive; negative control valid", {"positive", "aside"}),
        ("", set()),
    ],
)
def test_words(text: str, said: set[str]) -> None:
    """Longer phrases and negatives are used up before what they contain."""
    assert say(text) == said


def test_words_have_one_reading_each() -> None:
    """No phrase of the table stands under two readings."""
    rows = [(row["words"], row["match"]) for row in read_table("result_words")]
    assert len(rows) == len(set(rows))


def test_the_few_terms_are_the_packaged_ones() -> None:
    """The codes that stand in for the terminology in these tests mean the same in it."""
    terminology = load()
    assert [code for code, concept in FEW.items() if concept not in terminology.concepts(*code)] == []


@pytest.mark.parametrize(
    ("text", "titre"),
    [
        ("1:640", Range(D(640), D(640))),
        ("< 1:40", Range(None, D(40), open_high=True)),
        ("<=1/40", Range(None, D(40))),
        ("greater than 1:1280", Range(D(1280), None, open_low=True)),
        ("1:1.280", Range(D(1280), D(1280))),
        ("1:320, <1:40", Range(D(320), D(320))),
        ("11:320", None),
        ("2021:320", None),
        ("1:320:5", None),
        ("1.1:320", None),
    ],
)
def test_titre(text: str, titre: Range | None) -> None:
    """A titre is 1 to N and nothing else that holds a colon."""
    assert read_titre(text) == titre


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [("12.5 g/dL", "12.5", "g/dL"), ("12,5", "12.5", None), ("< 0.5 IU/mL", "0.5", "IU/mL"), ("3", "3", None)],
)
def test_number_in_words(text: str, number: str, unit: str | None) -> None:
    """A text that is a number with a unit is read as one, and marked as parsed."""
    observed = read_text(text)
    assert observed.parsed
    assert observed.quantity is not None
    assert (observed.quantity["value"], observed.quantity["unit"]) == (D(number), unit)


@pytest.mark.parametrize("text", ["1,234", "3 times a year: often", "about 5", "5-10", "", "12.5.1"])
def test_no_number_in_words(text: str) -> None:
    """What may be two numbers, or is none, is not read as one."""
    assert read_text(text).quantity is None


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ({"dataAbsentReason": coded("not-performed", "x")}, "not performed"),
        ({"dataAbsentReason": {"text": "refused by Jane"}}, "no value reported"),
        ({"valueQuantity": {"unit": "g/L"}}, "no value"),
        ({"valueInteger": "x"}, "no value"),
        ({"valueString": " "}, "no value"),
        ({"valueBoolean": "yes"}, "no value"),
        ({"valueRatio": {}}, "the ratio is no titre"),
        ({"valueDateTime": "soon"}, "the date cannot be read"),
        ({"valueSampledData": {}}, "this form of value is not read"),
        ({"valueString": None}, None),
        ({}, None),
    ],
)
def test_why_there_is_no_value(source: Any, problem: str | None) -> None:
    """A form that is not read says so, without the words of the record."""
    observed = read_value(source, UTC)
    assert (observed.text, observed.problem) == (None, problem)
    assert observed.empty == (problem is None)


def test_a_comparator_is_not_shown_as_it_came() -> None:
    """Only FHIR's comparators are shown: any text might stand there."""
    assert read_value({"valueQuantity": {"value": 5, "comparator": "Jane", "unit": "%"}}, UTC).text == "?5%"
    assert read_value({"valueQuantity": {"value": 5, "comparator": "<", "unit": "g/L"}}, UTC).text == "<5 g/L"
