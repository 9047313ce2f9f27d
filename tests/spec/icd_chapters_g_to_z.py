"""Nervous system, heart, connective tissue, pregnancy and transplants in both classifications (E-02, E-05, E-18, E-21, SLE-1, IIM-1, SSC-1)."""

from __future__ import annotations

from fhir_mappings.code_systems import ICD_10, ICD_10_CM
from tests.spec.icd_table import table

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
