"""A result's notes, interpretation and specimen into the doubt they cast on it: clumped, haemolysed, not whole, another fluid."""

from __future__ import annotations

from fhir_mappings.analytes import Analyte
from fhir_mappings.chart import Chart
from fhir_mappings.positivity import Lookup
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text, words

DOUBTFUL = "the laboratory doubts the specimen (clumped, haemolysed, incompletely collected or not fit for the test)"
OTHER_FLUID = "the specimen is not blood (cerebrospinal, pleural or joint fluid, urine, saliva), though the test's code is one of blood"
_DISTURBED, _UNUSABLE, _FLUID = "specimen.disturbed", "specimen.unusable", "specimen.other_fluid"


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


def another_fluid(specimen: tuple[str, ...], code: object, kind: Analyte, terms: Lookup) -> str | None:
    """A result of another fluid filed under a test of blood: the words of its specimen, else those of its test, say so."""
    if not kind.of_blood:
        return None
    own = [text for one in as_dicts(code) if (text := as_text(one.get("text")))]
    return OTHER_FLUID if _FLUID in terms.named([*specimen, *own], "Specimen") else None


def specimen_words(chart: Chart, resource: Json) -> tuple[str, ...]:
    """What the specimen of a result is called, in the reference or in the Specimen that it leads to."""
    pointer = resource.get("specimen")
    if not pointer:
        return ()
    found = chart.resolve(pointer, resource)
    shown = as_text(as_dict(pointer).get("display"))
    return (*([shown] if shown else ()), *(words(found.resource.get("type")) if found else ()))
