"""What the words of a Condition say: doubt, the past, a disease beside the code, or all there is (spec 0.4)."""

from __future__ import annotations

import pytest

from fhir_mappings.inputs import Standing
from tests.support.builders import ICD10CM, ICD10GM, SLE, Json, condition, inputs_of, status
from tests.support.conditions import none, record


@pytest.mark.parametrize(
    "text",
    [
        "Rule out SLE",
        "R/O SLE",
        "rule out SLE, lupus unlikely",
        "Suspected SLE",
        "SLE, suspected",
        "SLE (suspected)",
        "Possible systemic lupus",
        "Probable SLE",
        "?SLE",
        "SLE?",
        "V.a. SLE",
        "V. a. SLE",
        "Verdacht auf SLE",
        "Ausschluss SLE",
        "FHx: SLE (mother)",
        "SLE (mother)",
        "Family history of SLE",
        "SLE screening",
        "Joint pain, r/o SLE",
        "Arthralgia, rule out CTD",
        "Lupus-like syndrome",
        "Lupus-like symptoms",
        "SLE suspected on biopsy",
        "SLE contact",
        "No evidence of SLE",
        "疑似系统性红斑狼疮",
        "系统性红斑狼疮待查",
    ],
)
def test_words_that_doubt_or_deny_a_code_leave_it_unconfirmed(text: str) -> None:
    """What is not confirmed can neither satisfy nor trigger alone (spec 0.4; SLE-1: a rule-out encounter code)."""
    assert record(condition(SLE, text=text)).standing is Standing.UNCONFIRMED


@pytest.mark.parametrize(
    "text",
    [
        "SLE",
        "Lupus",
        "SLE, no nephritis",
        "SLE, rule out nephritis",
        "SLE with possible nephritis",
        "Lupus, possible nephritis",
        "SLE, eye contact poor",
        "History of SLE",
        "M. Bechterew, z.Zt. ohne Beschwerden",
        "Connective tissue disease without renal involvement",
        "루푸스",
        "M32.9",
    ],
)
def test_words_that_do_not_doubt_a_code_leave_it_as_sure_as_it_is(text: str) -> None:
    """Its name, a denial or doubt of something else, words that no table knows, and letters that are not read."""
    assert record(condition(SLE, text=text)).standing is Standing.CONFIRMED


def test_only_the_records_own_words_doubt_its_code() -> None:
    """A display is the code's name; a German certainty that is given says it for the words."""
    shown = condition(SLE)
    shown["code"]["coding"][0]["display"] = "Suspected SLE"
    certain = condition((ICD10GM, "M32.1G"), text="V.a. SLE", verification=None)
    assert [record(one).standing for one in (shown, certain)] == [Standing.CONFIRMED, Standing.CONFIRMED]


@pytest.mark.parametrize("said", ["refuted", "provisional"])
def test_doubting_words_change_no_other_standing(said: str) -> None:
    """Refuted stays a documented negative."""
    assert record(condition(SLE, text="Rule out SLE", verification=said)).standing.value == {"provisional": "unconfirmed"}.get(said, said)


@pytest.mark.parametrize(
    ("text", "onset", "recorded", "when", "active"),
    [
        ("Breast cancer", "2026-11-02", "2026-11-02", "2026-11-02", True),
        ("History of breast cancer 2010", "2026-11-02", "2026-11-02", "until 2026-11-02", None),
        ("Z.n. Mammakarzinom 2010", None, "2026-11-02", "until 2026-11-02", None),
        ("Breast cancer, resolved", None, "2026-11-02", "until 2026-11-02", None),
        ("History of breast cancer", "2024-03-01", "2026-11-02", "2024-03-01", None),
    ],
)
def test_words_of_the_past_leave_the_day_open(text: str, onset: str | None, recorded: str, when: str, active: bool | None) -> None:
    """The code says that it is, the words that it was: some day until then, unless an onset is known that is not the day of recording."""
    found = record(condition((ICD10CM, "C50.911"), text=text, onsetDateTime=onset, recordedDate=recorded), "ca.malignancy")
    assert (str(found.when), found.active) == (when, active)


@pytest.mark.parametrize(
    ("text", "when", "active"),
    [
        ("Cellulitis", "2026-11-02", True),
        ("Cellulitis in 2019, resolved", "2019", False),
        ("Cellulitis, resolved", "2026-11-02", False),
        ("History of cellulitis in 2019", "2019", True),
    ],
)
def test_words_alone_of_the_past_date_it(text: str, when: str, active: bool) -> None:
    """In the year that they name; "history of" alone ends nothing that lasts."""
    found = record(condition(text=text, onsetDateTime=None, recordedDate="2026-11-02"), "inf.serious")
    assert (str(found.when), found.active) == (when, active)


@pytest.mark.parametrize(
    ("code", "text", "also"),
    [
        ("M34.89", "Scleroderma renal crisis", {"dx.src"}),
        ("M32.19", "Lupus cerebritis", {"cns.npsle", "cns.encephalitis"}),
        ("M32.19", "SLE with seizures", {"cns.seizure"}),
        ("M32.19", "SLE without seizures", set()),
        ("M32.19", "Rule out lupus cerebritis", set()),
        ("M33.20", "Sporadic inclusion body myositis", {"dx.ibm"}),
        ("M60.80", "Inclusion body myositis", {"dx.ibm"}),
        ("M33.90", "Juvenile dermatomyositis", {"dx.jdm"}),
        ("C50.911", "Metastatic breast cancer", {"ca.metastasis"}),
        ("I69.354", "Hemiplegia following cerebral infarction", set()),
        ("M32.9", "SLE with hypertension", set()),
    ],
)
def test_what_only_the_words_name_stands_beside_the_code(code: str, text: str, also: set[str]) -> None:
    """In words only and on no day; an ordinary title adds nothing (tables/beside.tsv)."""
    found = {one: name for name, held in inputs_of(condition((ICD10CM, code), text=text)).records.items() for one in held}
    assert {name for one, name in found.items() if one.standing is Standing.TEXT} <= also
    assert {name for one in found for name in one.concepts if one.standing is Standing.TEXT} == also
    assert all(one.when is None for one in found if one.standing is Standing.TEXT)


def test_what_a_refuted_record_names_is_nothing() -> None:
    """Nor is it a record of its own when the whole is over, but until then."""
    assert "dx.src" not in inputs_of(condition((ICD10CM, "M34.89"), text="Scleroderma renal crisis", verification="refuted")).records
    over = condition((ICD10CM, "M34.89"), text="Scleroderma renal crisis", onsetDateTime="2020-01-05", abatementDateTime="2020-03-01")
    assert str(record(over, "dx.src").when) == "2020-01-05..2020-03-01"


@pytest.mark.parametrize(
    ("code", "text", "more", "again"),
    [
        ("C83.30", "Recurrent DLBCL", {}, True),
        ("C83.30", "DLBCL, no evidence of recurrence", {}, False),
        ("C83.30", "DLBCL, Rezidiv", {}, True),
        ("C83.30", "DLBCL, rezidivfrei", {}, False),
        ("C83.30", "Recurrent DLBCL", {"clinicalStatus": status("condition-clinical", "resolved")}, False),
        ("J01.91", "Acute recurrent sinusitis", {}, False),
    ],
)
def test_a_cancer_whose_words_say_so_is_back(code: str, text: str, more: Json, again: bool) -> None:
    """E-20: a recurrence now of an old cancer; elsewhere a recurrent disease is one that lasts."""
    assert all(one.again is again for held in inputs_of(condition((ICD10CM, code), text=text, **more)).records.values() for one in held)


@pytest.mark.parametrize("codes", [(), (("urn:site", "4711"),)])
def test_words_alone_ask(codes: tuple[tuple[str, str], ...]) -> None:
    """Without a code, or with one of no value set, a name is worth a review (spec 0.4; ruling 16)."""
    found = record(condition(*codes, text="Systemic lupus erythematosus"))
    assert (found.standing, found.origin.grade, found.origin.display) == (Standing.TEXT, "parsed", "Systemic lupus erythematosus")


def test_words_that_are_refuted_stay_refuted() -> None:
    """A refutation is not made a review by having no code."""
    assert record(condition(text="SLE", verification="refuted")).standing is Standing.REFUTED


@pytest.mark.parametrize("text", ["No evidence of SLE", "rule out SLE", "?SLE", "FH of SLE", "Asthma"])
def test_denied_words_are_nothing(text: str) -> None:
    """And words of no concept."""
    assert none(condition(text=text))
