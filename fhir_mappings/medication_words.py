"""The words of a medication record (its instructions and notes) into whether they say that the drug is not taken (spec 0.4, 1.1)."""

from __future__ import annotations

import re

from fhir_mappings.remembered import remembered
from fhir_mappings.shapes import Json, as_dicts, as_text, words

_NOT = r"(?:not|n['’]t)"
# Never taken: no status of the record makes that an exposure.
_NEVER = re.compile(
    rf"\bnever (?:started|took|taken|begun|began|filled|picked up)\b|(?:\b(?:did|has|had|was)\s*{_NOT}|\bnot yet)"
    r" (?:yet )?(?:start|started|begin|begun|take|taken|fill|filled)\b(?! (?:with|on an?)\b)"
    r"|\b(?:nie|nicht) (?:ein)?genommen\b|\bnicht begonnen\b|\bnie begonnen\b|从未服用|未曾服用|未开始(?:服用|使用)",
    re.IGNORECASE,
)
# No longer taken: beside an active status it leaves open whether the drug is taken.
_STOPPED = re.compile(
    rf"{_NOT} (?:currently |been )?taking\b|\b(?:does|do)\s*{_NOT} take\b|\bno longer (?:taking|takes|on|using|uses)\b|\boff (?:of )?it\b"
    rf"|\b(?:self-?)?discontinued\b|\bd/?c['’]e?d\b|\bd/ced\b|\bd/c (?:on |as of )?(?=\d)|\bstopped\b|\bceased\b|\bquit taking\b"
    rf"|\b(?:did|does|could|can)\s*{_NOT} tolerate\b|\b{_NOT} tolerated\b|\b(?:on hold|held|holding) (?:since|from|as of|until)\b"
    r"|\b(?:currently |now |put |placed )on hold\b|\bon hold\s*[-:;,.(]|\bon hold\s*$|\brefus(?:es|ed|ing) (?:to take|it)\b"
    r"|\babgesetzt\b|\bpausiert\b|\bnimmt (?:\w+ ){0,3}nicht\b|\bnicht (?:mehr )?eingenommen\b|\bnicht vertragen\b"
    r"|已?停用|已停|停药|未服用|不再服用|未在服用|暂停(?:使用|服用)",
    re.IGNORECASE,
)
# What is only supposed, forbidden or denied: "if not tolerated", "do not stop", "until stopped", "请勿自行停药".
_SUPPOSED = re.compile(
    r"\b(?:if|when|whenever|until|till|then|dann|unless|before|once|after|be|not|never|without|cannot|wenn|falls|bis|nicht|sobald)\s+"
    r"(?:(?:it|this|you|the patient|patient|symptoms?|dose|is|are|was|has been|have been|to be|otherwise)\s+){0,3}$"
    r"|(?:勿|不要|不可|不能|不得|如|若|直到|直至|避免)\w{0,4}$",
    re.IGNORECASE,
)
_TEXTS = ("text", "patientInstruction")
NEVER, STOPPED = "never", "stopped"


def denial_in(resource: Json) -> str | None:
    """NEVER where they say that it was never taken, STOPPED where not now: EHRs write "Patient not taking: reported on …" into
    an active record. None where they say neither."""
    found = {_instructed(text) for name in ("dosage", "dosageInstruction") if name in resource for text in _said(resource[name])}
    if "note" in resource:
        found.update(map(_denial, _said(resource["note"])))
    return NEVER if NEVER in found else STOPPED if STOPPED in found else None


def _said(dosages: object) -> list[str]:
    said: list[str] = []
    for held in as_dicts(dosages):
        said += [text for name in _TEXTS if (text := as_text(held.get(name)))]
        if "additionalInstruction" in held:
            said += [text for more in as_dicts(held["additionalInstruction"]) for text in words(more)]
    return said


def _denial(text: str) -> str | None:
    return NEVER if _says(_NEVER, text) else STOPPED if _says(_STOPPED, text) else None


# Instructions come again and again; what a person notes does not, and is not kept.
_instructed = remembered(4096)(_denial)


def _says(pattern: re.Pattern[str], text: str) -> bool:
    return any(not _SUPPOSED.search(text[: found.start()]) for found in pattern.finditer(text))
