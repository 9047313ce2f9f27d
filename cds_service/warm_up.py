"""A new Engine into one that has read its tables: done before the first call, and before workers are forked, which then share them."""

from __future__ import annotations

from datetime import date
from typing import Any

from cds_service.engine import Engine
from fhir_mappings.chart import chart_of_bundle

_AS_OF = date(2000, 1, 1)
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def warmed(engine: Engine) -> Engine:
    """The same Engine. Nobody's chart: a record of each kind of table that is read at its first use, by a code and by words."""
    chart = chart_of_bundle(_bundle())
    for trial in engine.trials.values():
        engine.evaluate(trial, chart, _AS_OF)
    return engine


def _bundle() -> dict[str, Any]:
    by_words, test, drug = {"text": "unnamed"}, {"text": "IgA"}, {"coding": [{"system": _RXNORM, "code": "0"}], "text": "unnamed"}
    records: list[dict[str, Any]] = [
        {"resourceType": "Condition", "code": by_words},
        {"resourceType": "Observation", "status": "final", "code": test, "effectiveDateTime": "2000-01-01", "valueString": "1"},
        {"resourceType": "Immunization", "status": "completed", "vaccineCode": by_words, "patient": {"reference": "Patient/0"}},
        {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "medicationCodeableConcept": drug},
    ]
    told = [{**record, "id": str(number), "subject": {"reference": "Patient/0"}} for number, record in enumerate(records)]
    patient = {"resourceType": "Patient", "id": "0", "birthDate": "1960-01-01"}
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in (patient, *told)]}
