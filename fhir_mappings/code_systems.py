"""A Coding's system and code, as records spell them, into the canonical URI and the code as the value sets write it."""

from __future__ import annotations

import re
from functools import lru_cache

from fhir_mappings.table import read_table

ICD_10 = "http://hl7.org/fhir/sid/icd-10"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD_10_GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CVX = "http://hl7.org/fhir/sid/cvx"
CPT = "http://www.ama-assn.org/go/cpt"

# Systems whose codes are capitals; in all others (UCUM, a site's own) case may tell two codes apart.
_CAPITALS = frozenset(
    {
        "http://loinc.org",
        "http://www.whocc.no/atc",
        CPT,
        "http://www.cms.gov/Medicare/Coding/ICD10",
        "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
        "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
        "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration",
        "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation",
    }
)
_LONGEST_CODE = 100  # no code of any system here is longer; what is, is not worth a place in a cache
# WHO and GM codes end in digits; then come the dagger, asterisk and point marks, the certainty letter and the side (README of the codes).
_WHO_OR_GM = re.compile(r"([A-Z]\d\d)(?:\.?(\d{1,3}))?\.?[-!+*†‡]*\s*([AGVZ])?\s*[RLB]?[-!+*†‡]*")
# Billing systems write the modifiers (side, staged procedure …) behind the number.
_CPT = re.compile(r"(\d{4}[0-9A-Z])(?:[-,\s]*[0-9A-Z]{2})*")
_CM = re.compile(r"([A-Z]\d[0-9A-Z])(?:\.?([0-9A-Z]{1,4}))?\.?[-!+*†‡]*")

_ROWS = read_table("system_aliases")
_ALIASES = {row["alias"]: row["canonical"] for row in _ROWS if row["kind"] != "prefix"}
_PREFIXES = tuple((row["alias"], row["canonical"]) for row in _ROWS if row["kind"] == "prefix")


@lru_cache(maxsize=4096)
def normalise_system(uri: str) -> str:
    """The canonical URI of a code system; one that is not known comes back tidied: no `|version`, no trailing slash, host in lower case."""
    text = uri.partition("|")[0].strip()
    scheme, mark, rest = text.partition("://")
    if mark:
        host, slash, path = rest.partition("/")
        text = f"{scheme.lower()}://{host.lower()}{slash}{path}"
    elif text[:8].lower() == "urn:oid:":
        text = "urn:oid:" + text[8:]
    for prefix, canonical in _PREFIXES:
        if text.startswith(prefix):
            return canonical
    text = text.rstrip("/")
    return _ALIASES.get(text, text)


def normalise_code(system: str, code: str) -> str:
    """The code as the value sets write it; `system` is canonical. '' for what cannot be a code."""
    text = code.strip()
    if not text or len(text) > _LONGEST_CODE:
        return ""
    if system in (ICD_10, ICD_10_GM):
        return _dotted(_WHO_OR_GM.fullmatch(text.upper())) or text.upper()
    if system == ICD_10_CM:
        return _dotted(_CM.fullmatch(text.upper())) or text.upper()
    if system == CPT:
        found = _CPT.fullmatch(text.upper())
        return found[1] if found else text.upper()
    if system == CVX and text.isascii() and text.isdigit():
        return text.lstrip("0").zfill(2)
    return text.upper() if system in _CAPITALS else text


def _dotted(found: re.Match[str] | None) -> str:
    """`M3214` and `M32.14` are one code."""
    if found is None:
        return ""
    return f"{found[1]}.{found[2]}" if found[2] else found[1]


def certainty(system: str, code: str) -> str | None:
    """The German certainty letter that a WHO or GM code carries: A excluded, G confirmed, V suspected, Z history of (spec 0.6, 13)."""
    if normalise_system(system) not in (ICD_10, ICD_10_GM):
        return None
    found = _WHO_OR_GM.fullmatch(code.strip().upper())
    return found[3] if found else None
