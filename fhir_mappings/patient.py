"""The Patient resource into a Person: birth date, death, merged records, and reproductive anatomy (spec 0.4, 0.5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from fhir_mappings.chart import Chart
from fhir_mappings.coded import Terms
from fhir_mappings.dates import Interval, read_date
from fhir_mappings.inputs import Anatomy, DataIssue, Origin, Person
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text, codings

_FHIR = "http://hl7.org/fhir/StructureDefinition"
_US = "http://hl7.org/fhir/us/core/StructureDefinition"
_FEMALE = {"female", "f", "female-typical", "248152002", "1086007"}
_MALE = {"male", "m", "male-typical", "248153007"}
_RECORDED = (f"{_US}/us-core-birthsex", f"{_US}/us-core-sex", f"{_US}/us-core-individual-sex", f"{_FHIR}/individual-recordedSexOrGender")
_CLINICAL = (f"{_FHIR}/patient-sexParameterForClinicalUse",)
_VOID = ("entered-in-error", "cancelled", "registered")
_IDENTITY = (f"{_FHIR}/individual-genderIdentity", f"{_US}/us-core-genderIdentity", f"{_FHIR}/patient-genderIdentity")


def map_patient(chart: Chart, terms: Terms, as_of: date, zone: ZoneInfo) -> tuple[Person, list[DataIssue]]:
    entry, resource = chart.patient, chart.patient.resource
    birth, problem = _birth(resource, as_of, zone)
    issues = [DataIssue("date-unreadable", entry.reference, problem)] if problem else []
    anatomy, note = _anatomy(resource, _observed_sex(chart, terms))
    person = Person(
        reference=entry.reference,
        origin=Origin(entry.reference, entry.version, "Patient"),
        birth=birth,
        birth_problem=problem,
        deceased=deceased_by(resource, as_of, zone),
        replaced=any(as_text(link.get("type")) == "replaced-by" for link in as_dicts(resource.get("link"))),
        active=resource.get("active") is not False,
        anatomy=anatomy,
        anatomy_note=note,
    )
    return person, issues


def _birth(resource: Json, as_of: date, zone: ZoneInfo) -> tuple[Interval | None, str | None]:
    raw = resource.get("birthDate")
    birth = read_date(raw, zone)
    if raw is not None and birth is None:
        return None, "birthDate is not a date"
    if birth is not None and birth.first > as_of:
        return None, "birthDate lies after the evaluation date"
    return birth, None


def deceased_by(resource: Json, as_of: date, zone: ZoneInfo) -> bool:
    """A death after the evaluation date has not happened yet; an unreadable one has."""
    if resource.get("deceasedDateTime") is not None:
        when = read_date(resource.get("deceasedDateTime"), zone)
        return when is None or when.first <= as_of
    return resource.get("deceasedBoolean") is True


def _anatomy(resource: Json, observed: list[str]) -> tuple[Anatomy, str | None]:
    """Clinical use, then recorded or birth sex, then gender; what disagrees asks (spec 0.5)."""
    clinical, recorded, identity = (list(_extension_values(resource, urls)) for urls in (_CLINICAL, _RECORDED, _IDENTITY))
    gender = as_text(resource.get("gender"))
    ranked = [clinical, recorded + observed, [gender] if gender not in (None, "unknown") else []]
    said = {_meaning(value) for values in (*ranked, identity) for value in values if value}
    if not any(ranked):
        return Anatomy.UNKNOWN, "reproductive anatomy is not recorded"
    if len(said) > 1 or Anatomy.UNKNOWN in said:
        return Anatomy.UNKNOWN, "records of sex, gender or gender identity do not settle the reproductive anatomy"
    return said.pop(), None


def _meaning(value: str) -> Anatomy:
    low = value.lower()
    return Anatomy.FEMALE if low in _FEMALE else Anatomy.MALE if low in _MALE else Anatomy.UNKNOWN


def _extension_values(resource: Json, urls: tuple[str, ...]) -> Iterator[str]:
    """The codes of simple extensions, and of the `value` part of complex ones."""
    for one in as_dicts(resource.get("extension")):
        if one.get("url") in urls:
            parts = [part for part in as_dicts(one.get("extension")) if part.get("url") == "value"] or [one]
            for part in parts:
                yield from _value(part)


def _value(part: Json) -> Iterator[str]:
    code = as_text(part.get("valueCode")) or as_text(as_dict(part.get("valueCoding")).get("code"))
    if code:
        yield code
        return
    concept = part.get("valueCodeableConcept")
    coded = [code for _, code, _ in codings(concept)]
    yield from coded or [text for text in [as_text(as_dict(concept).get("text"))] if text]


def _observed_sex(chart: Chart, terms: Terms) -> list[str]:
    """Sex assigned at birth where it is an Observation (LOINC 76689-9)."""
    found = []
    for entry in chart.of("Observation"):
        value = entry.resource.get("valueCodeableConcept")
        if value and as_text(entry.resource.get("status")) not in _VOID and "sex.obs_birth" in terms.members(entry.resource.get("code")):
            found += [code for _, code, _ in codings(value)]
    return found
