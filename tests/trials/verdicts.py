"""What the charts built for CC312 share: drugs, records with words of their own, and how a verdict is written and held."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.generative.charts import AS_OF, COVERING, SNOMED, bundle, observation
from tests.support.engine import criterion, evaluate
from tests.trials import parts as p

SLE, IIM, SSC = p.dx("M32.10"), p.dx("396230008"), p.dx("128460000")


PRED, HCQ, MMF, MTX, AZA, TAC, RTX, BEL, TOFA = "8640", "5521", "68149", "6851", "1256", "42316", "121191", "1092437", "1357536"


WEIGHT_60 = observation(("http://loinc.org", "29463-7"), p.ago(390), valueQuantity=p.quantity(60, "kg"))


CK_HIGH = p.lab("2157-6", 900, "U/L", high=170)


NOT_TAKEN = {"status": "not-taken"}


SAME_TEST = {"identifier": [{"system": "urn:lab", "value": "77"}]}


def named(resource: Any, display: str) -> Any:
    """The resource, its code with a display."""
    (coding,) = resource["code"]["coding"]
    return resource | {"code": {"coding": [coding | {"display": display}]}}


CPT = "http://www.ama-assn.org/go/cpt"


NO_ALLERGY = p.allergy((SNOMED, "716186003"))


AMBULATORY = {"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}}


FOR_AF = {"reasonCode": [p.concept((p.CM, "I48.91"))]}


def request(code: str, day: date | None) -> Any:
    """An active order of a procedure, written ten days ago."""
    due = {"occurrenceDateTime": day.isoformat()} if day else {}
    one = {"resourceType": "ServiceRequest", "id": "sr", "status": "active", "intent": "order", "code": p.concept((SNOMED, code))}
    return one | {"authoredOn": p.ago(10).isoformat(), **due}


def german(resource: Any, letter: str) -> Any:
    """A diagnosis with German certainty, recorded three weeks ago."""
    url = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"
    (coding,) = resource["code"]["coding"]
    coded = coding | {"extension": [{"url": url, "valueCoding": {"code": letter}}]}
    return resource | {"code": {"coding": [coded]}, "recordedDate": p.ago(21).isoformat()}


def worded(resource: Any, text: str) -> Any:
    """The resource, its code with a text of its own."""
    return resource | {"code": resource["code"] | {"text": text}}


def recorded(resource: Any, days: int) -> Any:
    """The diagnosis, of which only the day of recording is known."""
    return {name: value for name, value in resource.items() if name != "onsetDateTime"} | {"recordedDate": p.ago(days).isoformat()}


def called(resource: Any, text: str) -> Any:
    """The resource, its code in words alone."""
    return resource | {"code": {"text": text}}


BLOOD = [
    p.lab("718-7", 126, "g/L"), p.lab("6690-2", 5.7, "10*3/uL"), p.lab("777-3", 210, "10*3/uL"),
    p.lab("1920-8", 22, "U/L", high=40), p.lab("1742-6", 23, "U/L", high=40)]  # fmt: skip


def vaccinated(days: int, text: str, coding: tuple[str, str] | None = None) -> Any:
    """A vaccination in words, with or without a code."""
    return p.vaccine("03", days) | {"vaccineCode": (p.concept(coding) if coding else {}) | {"text": text}}


def named_drug(text: str, days: int) -> Any:
    """A statement of a drug that only words name."""
    return p.takes(HCQ, days) | {"medicationCodeableConcept": {"text": text}}


def words(one: Any) -> str:
    """A verdict as the table writes it."""
    if not one.applicable:
        return "not applicable"
    if one.verdict == "unknown":
        return f"unknown, leans {one.lean}" if one.lean else "unknown, review" if one.review else "unknown"
    return f"{one.verdict}, presumed" if one.presumed else str(one.verdict)


Row = tuple[str, str, str, list[Any], str]  # criterion, arm, what the chart holds, its records, the verdict


def ids_of(rows: tuple[Row, ...]) -> list[str]:
    """The names of the tests of a table."""
    return [f"{identity}-{arm}-{label}" for identity, arm, label, _, _ in rows]


def holds(row: Row, gender: str = "female") -> None:
    """The row's chart gives the row's verdict."""
    identity, arm, _, items, expected = row
    one = criterion(evaluate(bundle([*items, *COVERING], gender=gender), AS_OF), arm, identity)
    assert words(one) == expected, (one.reason, one.missing)


def told(rows: tuple[Row, ...]) -> list[tuple[str, ...]]:
    """The rows as the pages print them."""
    return [(identity, arm, label, verdict) for identity, arm, label, _, verdict in rows]
