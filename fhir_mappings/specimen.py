"""A result's notes and interpretation into the doubt they cast on it: a specimen clumped, haemolysed, not whole or not fit for the test."""

from __future__ import annotations

from fhir_mappings.analytes import Analyte
from fhir_mappings.positivity import Lookup
from fhir_mappings.shapes import Json, as_dicts, as_text, words

DOUBTFUL = "the laboratory doubts the specimen (clumped, haemolysed, incompletely collected or not fit for the test)"
_DISTURBED, _UNUSABLE = "specimen.disturbed", "specimen.unusable"


def doubt(source: Json, kind: Analyte, terms: Lookup) -> str | None:
    """Why a value should be looked at; what only disturbs a number leaves a word (positive, negative) alone.

    The note is never quoted: it is free text about a patient.
    """
    if "note" not in source and "interpretation" not in source:
        return None
    texts = [text for one in as_dicts(source.get("note")) if (text := as_text(one.get("text")))]
    texts += words(source.get("interpretation"))
    if not texts:
        return None
    found = terms.named(texts, "Specimen")
    return DOUBTFUL if _UNUSABLE in found or (_DISTURBED in found and kind.reads in ("quantity", "both")) else None
