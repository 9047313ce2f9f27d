"""What people have settled: the recorded answers to the trial's questions, and a signed consent form."""

from __future__ import annotations

from cds_service.demo import records
from cds_service.demo.records import Json, concept
from cds_service.demo.sheet import Sheet

_REGISTRY = "https://clinicaltrials.gov"
_YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0532"


def study(sheet: Sheet, title: str, number: str) -> str:
    """A registered study; returns the reference to it."""
    identifier = [{"system": _REGISTRY, "value": number}]
    return sheet.add({"resourceType": "ResearchStudy", "status": "active", "title": title, "identifier": identifier})


def takes_part(sheet: Sheet, reference: str, status: str, days: int, consent: str | None = None) -> None:
    one: Json = {"resourceType": "ResearchSubject", "status": status, "study": {"reference": reference}}
    one["period"] = {"start": sheet.ago(days).isoformat()}
    sheet.add(one | ({"consent": {"reference": consent}} if consent else {}))


def signed_form(sheet: Sheet, days: int) -> str:
    one = {"resourceType": "Consent", "status": "active", "scope": concept("consent-research"), "category": [concept("consent-document")]}
    return sheet.add(one | {"dateTime": sheet.ago(days).isoformat(), "policyRule": {"text": "The trial's informed consent form"}})


def answered(sheet: Sheet, answers: dict[str, str], days: int) -> None:
    """`answers`: by criterion, or criterion and clause, Y or N."""
    items = [{"linkId": link, "answer": [{"valueCoding": {"system": _YES_NO, "code": said}}]} for link, said in answers.items()]
    one = {"resourceType": "QuestionnaireResponse", "status": "completed", "authored": f"{sheet.ago(days)}T10:00:00+00:00"}
    sheet.add(one | {"author": {"display": "A made-up investigator", "identifier": records.demo_identifier("investigator")}, "item": items})
