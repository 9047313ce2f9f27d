"""QuestionnaireResponses into a person's Answers by linkId (interfaces.md)."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_mappings.chart import Entry
from fhir_mappings.dates import Interval
from fhir_mappings.inputs import Answer, Origin
from fhir_mappings.record import Site
from fhir_mappings.shapes import Json, as_dict, as_dicts, as_text
from fhir_mappings.terminology import normalise_system

_SAID: dict[str, bool | None] = {"y": True, "yes": True, "n": False, "no": False, "unk": None, "unknown": None}
_YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0532"
_USED = ("completed", "amended")


def map_response(entry: Entry, site: Site) -> Iterator[Answer]:
    """Answers of a finished response; without author or date they are set aside and named."""
    resource = entry.resource
    if as_text(resource.get("status")) not in _USED:
        return
    author = as_dict(resource.get("author"))
    who = as_text(author.get("reference")) or as_text(as_dict(author.get("identifier")).get("value"))
    authored = site.date(entry, "authored")
    if who is None or authored is None or not authored.exact:
        site.issue("answer-without-author", entry, "an answer counts only with its author and date")
        return
    yield from _items(resource, entry, who, authored)


def _items(holder: Json, entry: Entry, who: str, authored: Interval) -> Iterator[Answer]:
    for item in as_dicts(holder.get("item")):
        link = as_text(item.get("linkId"))
        for one in as_dicts(item.get("answer")):
            said = _said(one)
            if link and said in _SAID:
                origin = Origin(entry.reference, entry.version, f"answer to {link}", "reported")
                yield Answer(link, _SAID[said], origin, authored.first, who)
            yield from _items(one, entry, who, authored)
        yield from _items(item, entry, who, authored)


def _said(answer: Json) -> str:
    """y, n, unk … of a coded, boolean or written answer; of a code of another system only its words; '' of anything else."""
    if isinstance(answer.get("valueBoolean"), bool):
        return "y" if answer["valueBoolean"] else "n"
    coding = as_dict(answer.get("valueCoding"))
    system = as_text(coding.get("system"))
    code = as_text(coding.get("code")) if system is None or normalise_system(system) == _YES_NO else None
    return (code or as_text(coding.get("display")) or as_text(answer.get("valueString")) or "").lower()
