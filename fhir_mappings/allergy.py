"""AllergyIntolerances into Records by substance, with manifestations and severity; and "no known allergy" as a statement."""

from __future__ import annotations

from fhir_mappings.chart import Entry
from fhir_mappings.coded import Terms, codes_of
from fhir_mappings.inputs import Listed, Origin, Record, Standing
from fhir_mappings.onset import read_when
from fhir_mappings.record import Site, origin, starts_later, verification
from fhir_mappings.shapes import Json, as_dicts, as_text, label, status_of, words

# Both confirmed and unconfirmed allergies count (spec 0.4).
_VERIFICATION = {
    "confirmed": Standing.CONFIRMED,
    "unconfirmed": Standing.CONFIRMED,
    "presumed": Standing.CONFIRMED,
    "refuted": Standing.REFUTED,
    "entered-in-error": None,
}
_NONE_KNOWN = frozenset({"ae.nka", "ae.nkda"})
_NO_LIST = _NONE_KNOWN | {"ae.nk_other"}  # statements, not allergies
# Words of a reaction beside those of a substance are no second substance ("anaphylaxis to penicillin").
_SIGNS = frozenset({"ae.anaphylaxis", "ae.hypersensitivity", "ae.allergic_sign"})
_SUBSTANCE_UNTOLD = frozenset({"ae.anaphylaxis"})
_OVER = ("inactive", "resolved")
_SEVERITY = ("mild", "moderate", "severe")


def map_allergy(entry: Entry, site: Site) -> Record | None:
    """None where the resource is no evidence or names no substance of ours."""
    resource = entry.resource
    concepts, by_words = _substances(resource, site.terms)
    standing = verification(entry, site, _VERIFICATION) if concepts else None
    if standing is None:
        return None
    recorded = site.date(entry, "recordedDate")
    onset = read_when(entry, site, "onset")
    return Record(
        concepts=concepts,
        type="AllergyIntolerance",
        origin=origin(entry, resource.get("code"), by_words),
        standing=Standing.TEXT if by_words and standing is Standing.CONFIRMED else standing,
        when=onset or recorded,
        dated_by="event" if onset else "recorded" if recorded else None,
        onset=onset,
        recorded=recorded,
        planned=starts_later(onset or recorded, site.as_of),
        about=_manifestations(resource, site.terms),
        severity=_worst(resource),
        reaction=_reaction(resource),
        codes=codes_of(resource.get("code")),
    )


def _substances(resource: Json, terms: Terms) -> tuple[frozenset[str], bool]:
    """The substance as a code or as a drug's ingredient, on the resource or on a reaction; else by its words.

    A code of a class of drugs tells none of them: its words do, else it may be any.
    """
    reactions = [one.get("substance") for one in as_dicts(resource.get("reaction"))]
    held = [one for one in (resource.get("code"), *reactions) if one]
    coded = frozenset(name for one in held for name in terms.members(one) | terms.agents(one))
    any_of = [drugs for one in held if (drugs := terms.may_be(one)) is not None]
    if coded and not any_of:
        return coded, False
    texts = [text for one in held for text in words(one)]
    named = terms.named(texts, "AllergyIntolerance") | terms.named(texts, "Medication")
    return (named - _SIGNS) or (named & _SUBSTANCE_UNTOLD) or coded.union(*any_of), True


def _manifestations(resource: Json, terms: Terms) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for reaction in as_dicts(resource.get("reaction")):
        for one in as_dicts(reaction.get("manifestation")):
            found |= terms.members(one) or terms.named(words(one), "Condition")
    return found


def _worst(resource: Json) -> str | None:
    held = [as_text(one.get("severity")) for one in as_dicts(resource.get("reaction"))]
    return next((one for one in reversed(_SEVERITY) if one in held), None)


def _reaction(resource: Json) -> str:
    """Each reaction as its list words it, with its severity: `severe urticaria`."""
    told = []
    for reaction in as_dicts(resource.get("reaction")):
        severity = as_text(reaction.get("severity"))
        named = ", ".join(label(one)[:60] for one in as_dicts(reaction.get("manifestation")) if words(one))
        told.append(" ".join(part for part in (severity if severity in _SEVERITY else None, named) if part))
    return "; ".join(dict.fromkeys(one for one in told if one))


def listed(entries: tuple[Entry, ...], site: Site) -> Listed:
    """The entries of the allergy list that still hold. "No known food allergy" is none; one without words or known code is unnamed."""
    named, unnamed = 0, False
    for entry in entries:
        standing = verification(entry, site, _VERIFICATION)
        if standing in (None, Standing.REFUTED) or starts_later(site.date(entry, "recordedDate"), site.as_of):
            continue
        substances, _ = _substances(entry.resource, site.terms)
        if substances & _NO_LIST:
            continue
        readable = bool(substances or _texts(entry.resource))
        named, unnamed = named + readable, unnamed or not readable
    return Listed(named, unnamed)


def _texts(resource: Json) -> list[str]:
    reactions = [one.get("substance") for one in as_dicts(resource.get("reaction"))]
    return [text for one in (resource.get("code"), *reactions) if one for text in words(one)]


def none_known(entries: tuple[Entry, ...], site: Site) -> Origin | None:
    """The statement that no (drug) allergy is known, as far as it still holds at the evaluation date; one in words where none is coded."""
    worded = None
    for entry in entries:
        substances, by_words = _substances(entry.resource, site.terms)
        if substances & _NONE_KNOWN and _holds(entry, site):
            found = origin(entry, entry.resource.get("code"), by_words)
            if not by_words:
                return found
            worded = worded or found
    return worded


def _holds(entry: Entry, site: Site) -> bool:
    if status_of(entry.resource.get("clinicalStatus")) in _OVER or starts_later(site.date(entry, "recordedDate"), site.as_of):
        return False
    return verification(entry, site, _VERIFICATION) is Standing.CONFIRMED
