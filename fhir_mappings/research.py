"""ResearchSubjects with their ResearchStudy and Consent into Participations."""

from __future__ import annotations

from fhir_mappings.chart import Entry
from fhir_mappings.inputs import Origin, Participation
from fhir_mappings.record import Site
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text, codings, words
from fhir_mappings.terminology import normalise_system

_OBSERVATIONAL = ("observational", "registry", "non-interventional", "biobank")
_TRIAL = ("trial", "randomi")  # a title with these may be that of a trial within a registry


def map_subject(entry: Entry, site: Site) -> Participation | None:
    """None for a record entered in error."""
    resource = entry.resource
    status = as_text(resource.get("status")) or "unknown"
    if status == "entered-in-error":
        return None
    study = site.chart.resolve(resource.get("study"), resource)
    held = study.resource if study and study.resource.get("resourceType") == "ResearchStudy" else {}
    period = as_dict(resource.get("period"))
    form = _form(entry, site)
    title = as_text(held.get("title")) or as_text(as_dict(resource.get("study")).get("display"))
    return Participation(
        origin=Origin(entry.reference, entry.version, title or "research subject"),
        status=status,
        period_start=site.date(entry, "start", period),
        period_end=site.date(entry, "end", period),
        identifiers=_identifiers(resource, held),
        study_title=title,
        interventional=_interventional(held, title),
        study_read=bool(held),
        consent_status=as_text(form.resource.get("status")) if form else None,
        consent_origin=Origin(form.reference, form.version, "informed consent") if form else None,
        consent_date=site.date(form, "dateTime") if form else None,
    )


def _form(subject: Entry, site: Site) -> Entry | None:
    """The Consent that the ResearchSubject names, where it is this patient's own."""
    form = site.chart.resolve(subject.resource.get("consent"), subject.resource)
    if form is None or form.resource.get("resourceType") != "Consent":
        return None
    return form if form.reference.startswith("#") or form in site.chart.of("Consent") else None


def _identifiers(subject: Json, study: Json) -> frozenset[tuple[str, str]]:
    """The study's registry numbers, from the study or from a reference by identifier."""
    given = [*as_dicts(study.get("identifier")), *as_dicts(as_dict(subject.get("study")).get("identifier"))]
    pairs = [(as_text(one.get("system")), as_text(one.get("value"))) for one in given]
    return frozenset((normalise_system(system), value) for system, value in pairs if system and value)


def _interventional(study: Json, title: str | None) -> bool | None:
    """False for a study that calls itself observational, in its title where its category does not say; None where nothing does."""
    texts = [text.lower() for element in ("category", "keyword") for text in words(study.get(element))]
    codes = [code.lower() for element in ("category", "keyword") for _, code, _ in codings(study.get(element))]
    if _any_of(_OBSERVATIONAL, (*texts, *codes)):
        return False
    if any(text.startswith("interventional") for text in (*texts, *codes)):
        return True
    named = ((title or "").lower(),)
    return False if _any_of(_OBSERVATIONAL, named) and not _any_of(_TRIAL, named) else None


def _any_of(parts: tuple[str, ...], texts: tuple[str, ...]) -> bool:
    return any(part in text for part in parts for text in texts)
