"""Infections, neoplasms and substance use in both classifications (E-14, E-16, E-20, E-22, E-23)."""

from __future__ import annotations

from fhir_mappings.code_systems import ICD_10, ICD_10_CM
from tests.spec.icd_table import table

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
