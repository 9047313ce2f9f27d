"""The draft orders of order-sign into the records they would become, were they signed and followed from the day they name on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from cds_service.errors import Problem, RequestError
from fhir_mappings.code_systems import CVX, normalise_system
from fhir_mappings.dates import Interval, read_date, read_period
from fhir_mappings.dosage import Reader, doses_of
from fhir_mappings.dosage_amount import UNKNOWN
from fhir_mappings.dosage_sig import Sig
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text, codings, words
from fhir_mappings.table import read_table

_NO_ORDER = ("cancelled", "entered-in-error", "stopped", "completed")
_DRUG = ("medicationCodeableConcept", "medicationReference", "contained", "reasonCode", "reasonReference")
_FORMS = frozenset(row["unit"] for row in read_table("dose_units") if row["kind"] == "form")
_INSIDE = "ordered-drug"  # the id of a Medication once it is held inside its order
_COUNTS = {1: "once", 2: "twice"}
_PERIODS = {"h": "hour", "d": "day", "wk": "week", "mo": "month"}


@dataclass(frozen=True, slots=True)
class Draft:
    """One order: its name and dose in its own words, the day from which it would be followed, and the records it would become."""

    name: str
    dose: str
    begins: date
    records: tuple[Json, ...] = field(hash=False)

    @property
    def references(self) -> frozenset[str]:
        return frozenset(f"{one['resourceType']}/{one['id']}" for one in self.records)


def drafts_of(context: Mapping[str, Any], patient: str, day: date, zone: ZoneInfo) -> list[Draft]:
    """Raises RequestError where draftOrders is no Bundle; what is no order of a drug or vaccine says nothing here."""
    orders = context.get("draftOrders")
    if orders is None:
        raise RequestError(Problem("is required", "context.draftOrders"))
    if not isinstance(orders, dict) or orders.get("resourceType") != "Bundle":
        raise RequestError(Problem("must be a Bundle", "context.draftOrders"))
    entries = as_dicts(orders.get("entry"))
    drugs = _medications(entries)
    drafts = [_with_its_drug(as_dict(entry.get("resource")), drugs) for entry in entries]
    read = (_draft(draft, f"draft-{number}", patient, day, zone) for number, draft in enumerate(drafts))
    return [draft for draft in read if draft is not None]


def _medications(entries: list[Json]) -> dict[str, Json]:
    """The Medications that stand among the orders, by each way to refer to them."""
    found: dict[str, Json] = {}
    for entry in entries:
        drug, url = as_dict(entry.get("resource")), as_text(entry.get("fullUrl"))
        if drug.get("resourceType") == "Medication":
            identity = as_text(drug.get("id"))
            found |= {key: drug for key in (url, f"Medication/{identity}" if identity else None) if key}
    return found


def _with_its_drug(order: Json, drugs: Mapping[str, Json]) -> Json:
    """The order with the Medication it refers to held inside: the patient's chart does not have it yet."""
    reference = as_dict(order.get("medicationReference"))
    drug = drugs.get((as_text(reference.get("reference")) or "").partition("/_history/")[0])
    if drug is None:
        return order
    held = [*as_dicts(order.get("contained")), {**drug, "id": _INSIDE}]
    return {**order, "medicationReference": {**reference, "reference": f"#{_INSIDE}"}, "contained": held}


def _code(order: Json) -> object:
    """What the order calls its drug or vaccine: its own code, or that of the Medication inside it or of what it is made of."""
    if order.get("resourceType") != "MedicationRequest":
        return order.get("code")
    inside = (as_text(as_dict(order.get("medicationReference")).get("reference")) or "").removeprefix("#")
    drug = next((one for one in as_dicts(order.get("contained")) if inside and one.get("id") == inside), {})
    made_of = [one.get("itemCodeableConcept") for one in as_dicts(drug.get("ingredient"))]
    return next((one for one in (order.get("medicationCodeableConcept"), drug.get("code"), *made_of) if as_dict(one)), None)


def _draft(order: Json, identity: str, patient: str, day: date, zone: ZoneInfo) -> Draft | None:
    if as_text(order.get("status")) in _NO_ORDER or order.get("doNotPerform") is True or not _is_for(order, patient):
        return None
    kind = order.get("resourceType")
    code = _code(order)
    begins = max([day, *_starts(order, zone)])
    subject = {"reference": f"Patient/{patient}"}
    name = _name(code, order)
    if any(normalise_system(system) == CVX for system, _, _ in codings(code)):
        given = {"resourceType": "Immunization", "id": identity, "status": "completed", "vaccineCode": code, "patient": subject}
        return Draft(name, "", begins, ({**given, "occurrenceDateTime": begins.isoformat()},))
    if kind != "MedicationRequest":
        return None
    instructions = as_dicts(order.get("dosageInstruction"))
    dose = "; ".join(worded for one in instructions if (worded := _worded(one)))
    single = _single(instructions, tuple(words(code)), zone)
    end = begins if single else _last_day(order, tuple(words(code)), begins, zone)
    return Draft(name, dose, begins, tuple(_records(order, instructions, single, identity, subject, day, begins, end)))


def _name(code: object, order: Json) -> str:
    """What the order calls its drug or vaccine; a bare code is told as one."""
    shown = as_text(as_dict(order.get("medicationReference")).get("display"))
    coded = next((f"the order coded {one}" for _, one, _ in codings(code)), "this order")
    return next(iter(words(code)), None) or shown or coded


def _records(
    order: Json, instructions: list[Json], dose: Json | None, identity: str, subject: Json, day: date, begins: date, end: date | None
) -> Iterator[Json]:
    """The order; a statement of the same, the newest word on what is taken; of a single `dose` that too, given that day."""
    period = {"start": begins.isoformat()} | ({"end": end.isoformat()} if end else {})
    status = "completed" if end else "active"
    ordered: Json = {"id": identity, "status": status, "intent": "order", "subject": subject, "authoredOn": day.isoformat()}
    yield {**order, **ordered} | ({"dispenseRequest": {"validityPeriod": period}} if end else {})
    same = {"subject": subject} | {name: order[name] for name in _DRUG if name in order}
    taken: Json = {"resourceType": "MedicationStatement", "id": f"{identity}-taken", "status": status, "effectivePeriod": period}
    yield {**same, **taken, "dateAsserted": day.isoformat(), "dosage": instructions}
    if dose:
        given: Json = {"resourceType": "MedicationAdministration", "id": f"{identity}-given", "status": "completed", "dosage": dose}
        yield {**same, **given, "effectiveDateTime": begins.isoformat()}


def _single(instructions: list[Json], names: tuple[str, ...], zone: ZoneInfo) -> Json | None:
    """An order without a frequency, in structure and in words, as one dose: a pulse of a gram is ordered so."""
    if len(instructions) != 1 or "timing" in instructions[0]:
        return None
    instruction = instructions[0]
    amount = as_dict(as_dict(instruction.get("doseAndRate")).get("doseQuantity"))
    text = as_text(instruction.get("text")) or as_text(instruction.get("patientInstruction"))
    if text and not _is_once(Reader(UNKNOWN, names, None, zone).sig(text)):
        return None
    held: Json = {"text": text} if text else {"dose": amount} if amount else {}
    return held | ({"route": instruction["route"]} if "route" in instruction else {}) if held else None


def _last_day(order: Json, names: tuple[str, ...], begins: date, zone: ZoneInfo) -> date | None:
    """The last day of an order whose instructions all end, in structure or in words; as if followed, nothing is taken after it."""
    segments = doses_of(order, "MedicationRequest", Reader(UNKNOWN, names, Interval(begins, begins), zone))
    ends = [one.last for one in segments]
    known = [end.last for end in ends if end]
    return max(known) if known and len(known) == len(ends) else None


def _is_once(sig: Sig | None) -> bool:
    """Whether words tell of one dose: an amount that does not come again, lasts no time and is not for when it is needed."""
    part = sig.only if sig else None
    if sig is None or part is None or part.amount is None or part.turns or sig.steps[0].lasting or sig.steps[0].as_needed:
        return False
    return part.schedule is None or part.schedule.once


def _starts(order: Json, zone: ZoneInfo) -> Iterator[date]:
    """The first day that the order itself names; a supply that may begin later begins no earlier."""
    timings = [as_dict(one.get("timing")) for one in as_dicts(order.get("dosageInstruction"))]
    bounds = [as_dict(timing.get("repeat")).get("boundsPeriod") for timing in timings]
    begun = [start.first for one in bounds if (start := read_period(one, zone)[0])]
    valid, _ = read_period(as_dict(order.get("dispenseRequest")).get("validityPeriod"), zone)
    occurrence = read_date(order.get("occurrenceDateTime"), zone) or read_period(order.get("occurrencePeriod"), zone)[0]
    if begun and len(begun) == len(bounds):
        yield min(begun)
    yield from (one.first for one in (valid, occurrence) if one)


def _worded(instruction: Json) -> str:
    """The instruction's text, else dose and frequency spelled out."""
    quantity = as_dict(as_dict(instruction.get("doseAndRate")).get("doseQuantity"))
    unit = as_text(quantity.get("unit")) or as_text(quantity.get("code")) or ""
    several = f"{unit}s" if quantity.get("value") != 1 and f"{unit}s".lower() in _FORMS else unit
    amount = f"{quantity['value']} {several}".strip() if "value" in quantity else ""
    often = _often(as_dict(as_dict(instruction.get("timing")).get("repeat")))
    return as_text(instruction.get("text")) or " ".join(one for one in (amount, often) if one)


def _often(repeat: Json) -> str:
    """`twice a day`, `once every 2 weeks`; nothing where it is more than frequency and period."""
    times, period, unit = repeat.get("frequency", 1), repeat.get("period"), _PERIODS.get(as_text(repeat.get("periodUnit")) or "")
    if not isinstance(times, int) or not isinstance(period, int) or unit is None:
        return ""
    count = _COUNTS.get(times, f"{times} times")
    return f"{count} a {unit}" if period == 1 else f"{count} every {period} {unit}s"


def _is_for(draft: Json, patient: str) -> bool:
    """Whether the order names the patient, or nobody: an unsigned draft may lack its subject, one for another patient says nothing here."""
    reference = as_text(as_dict(draft.get("subject")).get("reference"))
    return reference is None or reference.partition("/_history/")[0].rpartition("/")[2] == patient
