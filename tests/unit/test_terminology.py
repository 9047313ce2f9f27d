"""Codes of records are found in the value sets however the record spells them, and never by number alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fhir_mappings.code_systems import ICD_10, ICD_10_CM, ICD_10_GM, RXNORM
from fhir_mappings.terminology import Strength, certainty, load, normalise_code, normalise_system

SCT = "http://snomed.info/sct"
ATC = "http://www.whocc.no/atc"
HCPCS = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"


def concept(*codings: tuple[str | None, object]) -> dict[str, object]:
    return {"coding": [{"system": system, "code": code} for system, code in codings]}


@pytest.mark.parametrize(
    ("uri", "canonical"),
    [
        ("http://snomed.info/sct", SCT),
        ("http://snomed.info/sct/", SCT),
        ("HTTP://SNOMED.INFO/sct", SCT),
        ("http://snomed.info/sct|http://snomed.info/sct/900000000000207008/version/20240101", SCT),
        ("http://snomed.info/sct/900000000000207008/version/20240101", SCT),
        ("http://snomed.info/sct/900000000000207008", SCT),
        ("http://snomed.info/id/55464009", SCT),
        ("urn:oid:2.16.840.1.113883.6.96", SCT),
        ("URN:OID:2.16.840.1.113883.6.96", SCT),
        ("urn:oid:2.16.840.1.113883.6.1", "http://loinc.org"),
        ("http://loinc.org|2.77", "http://loinc.org"),
        (" http://loinc.org ", "http://loinc.org"),
        ("urn:oid:2.16.840.1.113883.6.88", RXNORM),
        ("urn:oid:2.16.840.1.113883.6.90", ICD_10_CM),
        ("http://terminology.hl7.org/CodeSystem/icd10CM", ICD_10_CM),
        ("http://fhir.de/CodeSystem/dimdi/icd-10-gm", ICD_10_GM),
        ("http://fhir.de/CodeSystem/bfarm/atc", ATC),
        ("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", HCPCS),
        ("https://www.clinicaltrials.gov", "https://clinicaltrials.gov"),
        ("http://terminology.hl7.org/CodeSystem/v2-0078", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"),
        ("http://hospital.example/codes/", "http://hospital.example/codes"),
        ("urn:cds-service:local", "urn:cds-service:local"),
        ("http://snomed.info/sctx", "http://snomed.info/sctx"),
        ("", ""),
    ],
)
def test_spellings_of_a_code_system_are_one_system(uri: str, canonical: str) -> None:
    """OIDs, versions, editions, case of scheme and host, and slashes at the end name the same system."""
    assert normalise_system(uri) == canonical


@pytest.mark.parametrize(
    ("system", "code", "written"),
    [
        (ICD_10_CM, "M3214", "M32.14"),
        (ICD_10_CM, "m32.14", "M32.14"),
        (ICD_10_CM, " M32.14 ", "M32.14"),
        (ICD_10_CM, "C4A0", "C4A.0"),
        (ICD_10_CM, "T8052XA", "T80.52XA"),
        (ICD_10_CM, "G35.A", "G35.A"),
        (ICD_10_CM, "M32.", "M32"),
        (ICD_10_GM, "M32.1+", "M32.1"),
        (ICD_10_GM, "M32.1†", "M32.1"),
        (ICD_10_GM, "M32.-", "M32"),
        (ICD_10_GM, "U07.1!", "U07.1"),
        (ICD_10_GM, "N08.5*", "N08.5"),
        (ICD_10_GM, "M32.1 G", "M32.1"),
        (ICD_10_GM, "M321G", "M32.1"),
        (ICD_10_GM, "Z94.0+Z L", "Z94.0"),
        (ICD_10, "B18.10", "B18.10"),
        (ICD_10, "nonsense", "NONSENSE"),
        ("http://hl7.org/fhir/sid/cvx", "3", "03"),
        ("http://hl7.org/fhir/sid/cvx", "003", "03"),
        ("http://hl7.org/fhir/sid/cvx", "121", "121"),
        ("http://loinc.org", "la6576-8", "LA6576-8"),
        (ATC, "l04aa06", "L04AA06"),
        ("http://hospital.example", "aB", "aB"),
        ("http://unitsofmeasure.org", "mg/dL", "mg/dL"),
        (SCT, "x" * 101, ""),
        (SCT, " ", ""),
    ],
)
def test_spellings_of_a_code_are_one_code(system: str, code: str, written: str) -> None:
    """Dots, case, German marks and leading zeros do not tell codes apart; a site's own codes keep their case."""
    assert normalise_code(system, code) == written


@pytest.mark.parametrize(
    ("system", "code", "letter"),
    [
        (ICD_10_GM, "M32.1A", "A"),
        ("http://fhir.de/CodeSystem/dimdi/icd-10-gm", "M32.1 V", "V"),
        (ICD_10_GM, "M32.1", None),
        (ICD_10_CM, "G35.A", None),
        (ICD_10, "rubbish", None),
    ],
)
def test_the_german_certainty_letter_is_read(system: str, code: str, letter: str | None) -> None:
    """A excluded, V suspected, Z history, G confirmed; no letter is taken out of ICD-10-CM codes, which may end in one."""
    assert certainty(system, code) == letter


@pytest.mark.parametrize(
    ("system", "code", "sets"),
    [
        (SCT, "55464009", {"dx.sle"}),
        (SCT, "68815009", {"dx.sle", "dx.lupus_nephritis"}),
        ("urn:oid:2.16.840.1.113883.6.96", "55464009", {"dx.sle"}),
        (ICD_10_CM, "M3214", {"dx.sle", "dx.lupus_nephritis"}),
        ("http://loinc.org", "8061-4", {"lab.ana"}),
        ("http://hl7.org/fhir/sid/cvx", "3", {"vax.live"}),
        ("urn:cds-service:local", "telitacicept", {"drug.telitacicept"}),
        ("urn:cds-service:local", "sae1-ab", {"lab.sae"}),
        ("urn:cds-service:local", "th-to-ab", {"lab.thto"}),
        ("urn:cds-service:local", "sledai-2k", {"score.sledai"}),
        (SCT, "1212005", set()),  # unverified
        (SCT, "65692009", set()),  # unverified
        (RXNORM, "2557247", set()),  # unverified
        (SCT, "999999", set()),
        ("", "55464009", set()),
        ("http://hospital.example", "55464009", set()),
        ("http://loinc.org", "55464009", set()),
        ("x" * 301, "55464009", set()),
        (SCT, "", set()),
    ],
)
def test_a_code_is_a_code_with_its_system(system: str, code: str, sets: set[str]) -> None:
    """The value sets of a code; without its system, or in a local one, a number means nothing."""
    assert load().concepts(system, code) == sets


@pytest.mark.parametrize(
    "anything",
    [None, 1, "55464009", [], {}, {"coding": None}, {"coding": "x"}, {"coding": [1, None, {"code": 5}, {"system": 5, "code": "55464009"}]}],
)
def test_any_json_can_be_asked(anything: object) -> None:
    """Wrong shapes are in no value set and raise nothing."""
    assert load().members(anything) == frozenset()
    assert load().agents(anything) == frozenset()


def test_members_are_those_of_all_codings() -> None:
    """Twin codings and several CodeableConcepts are put together."""
    one, two = concept((SCT, "55464009"), ("http://hospital.example", "1")), concept((ICD_10_CM, "M33.20"))
    assert load().members(one) == {"dx.sle"}
    assert load().members([one, two]) == {"dx.sle", "dx.pm"}


@pytest.mark.parametrize(
    ("system", "code", "agents"),
    [
        (RXNORM, "8640", {"drug.prednisone"}),
        (RXNORM, "312615", {"drug.prednisone"}),  # prednisone 20 MG Oral Tablet
        (RXNORM, "2105824", {"drug.rtx"}),  # rituximab-abbs
        (RXNORM, "2105835", {"drug.rtx"}),  # Truxima
        (ATC, "L04AG04", {"drug.bel"}),
        (ATC, "L04AA26", {"drug.bel"}),
        (ATC, "L04AK01", {"drug.lef"}),
        (ATC, "L04AA13", {"drug.lef"}),
        (ATC, "L01XC02", {"drug.rtx"}),
        (ATC, "H02AB07", {"drug.prednisone"}),
        (ATC, "D07AA03", set()),
        (ATC, "J01CA04", {"drug.antibacterial"}),
        (ATC, "J01EE01", {"drug.pjp_prophylaxis"}),
        (ATC, "L04AB04", {"drug.tnf"}),
        (ATC, "L04AA36", {"drug.ocre"}),  # the codes until 2023
        (ATC, "L04AA47", {"drug.ine"}),
        (ATC, "L04AA51", {"drug.anifro"}),
        (ATC, "L04AA52", {"drug.ofa"}),
        (ATC, "L04AA56", {"drug.deucra"}),
        (ATC, "L01FA", set()),
        (ATC, "L04AX05", {"drug.not_asked"}),  # pirfenidone
        (HCPCS, "J0491", {"drug.anifro"}),
        (HCPCS, "q5115", {"drug.rtx"}),
        (HCPCS, "J2350", {"drug.ocre"}),
        (RXNORM, "8560", set()),  # polysorbate 80: a value set, but no drug
    ],
)
def test_agents_of_a_medication(system: str, code: str, agents: set[str]) -> None:
    """Ingredients, clinical drugs, brands, old and new ATC codes and billing codes name the drug; an ATC class alone names none."""
    assert load().agents(concept((system, code))) == agents


@pytest.mark.parametrize(
    ("codes", "agents"),
    [
        ([(ATC, "L01FA")], {"drug.rtx", "drug.obi", "drug.ofa"}),
        ([(ATC, "L01FA99")], {"drug.rtx", "drug.obi", "drug.ofa"}),
        ([(ATC, "L04AD"), (ATC, "L01FA99")], {"drug.csa", "drug.tac", "drug.voc", "drug.rtx", "drug.obi", "drug.ofa"}),
        ([(ATC, "J04")], {"drug.tb"}),
        ([(ATC, "J04BA99")], set()),  # of the class, and not of the family that names the drugs
        ([(ATC, "D07AA03")], set()),
        ([(ATC, "L01FA"), (ATC, "L01FA01")], None),
        ([(RXNORM, "8640")], None),
        ([("urn:site:drugs", "L01FA")], None),
    ],
)
def test_a_class_code_may_be_any_drug_of_the_class(codes: list[tuple[str, str]], agents: set[str] | None) -> None:
    """By old codes too; none where a coding says which, or where no coding is of a class."""
    assert load().may_be(concept(*codes)) == agents


def test_strengths_of_a_clinical_drug() -> None:
    """Each ingredient of ours keeps its own strength, exactly as written and as a Decimal."""
    assert load().strengths("312615") == (Strength("drug.prednisone", "prednisone 20 MG", "Oral Tablet", Decimal("20")),)
    (injection,) = load().strengths("1655968")
    assert (injection.concept, injection.mg, injection.per, injection.form) == ("drug.mtx", Decimal("25"), "mL", "Injection")
    assert load().strengths("8640") == ()


def test_strengths_that_are_not_in_milligrams_stay_text() -> None:
    """Insulin units are no milligrams."""
    units = [one for code in ("1544490", "1544488") for one in load().strengths(code)]
    assert units
    assert all(one.mg is None and one.per is None for one in units)


def test_a_drug_of_two_ingredients_keeps_both() -> None:
    """Amoxicillin with clavulanate is an antibacterial and its partner."""
    found = load().strengths("617296")
    assert {one.concept for one in found} == {"drug.antibacterial", "drug.betalactamase_inhibitor"}


def test_names_are_asked_through_the_terminology() -> None:
    """`named` is one of the questions that mappers put to a Terminology."""
    assert load().named(["Systemic lupus erythematosus", "Dermatomyositis"], "Condition") == {"dx.sle", "dx.dm"}


def test_value_sets_say_what_they_read_and_whether_they_are_complete() -> None:
    """Types, completeness and its reason come with each value set; ids are the project's own."""
    sets = load().value_sets
    assert sets["cv.nyha_3_4"].id == "cv.nyha_3_4"
    assert sets["tx.organ"].types == {"Condition", "Procedure"}
    assert sets["drug.mmf"].types == {"MedicationRequest", "MedicationStatement"}
    assert sets["tx.organ"].complete
    assert not sets["proc.surgery"].complete
    assert not sets["dx.gave"].complete
    assert all(one.why and one.title for one in sets.values())
    with pytest.raises(TypeError):
        sets["x"] = sets["tx.organ"]  # type: ignore[index]


def test_the_terminology_is_loaded_once() -> None:
    """Loading again costs nothing."""
    assert load() is load()
