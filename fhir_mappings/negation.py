"""A record's words into those that it affirms: what is denied, ruled out, screened for or a relative's is taken out (spec 0.4)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_LONGEST = 2000  # characters of one text that are read: a label, not a letter
_OTHER = re.compile(r"[^0-9a-z\u0370-\u03ff\u3400-\u9fff]+")
_SCRIPTS = re.compile(r"(?<=[0-9a-z])(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])(?=[0-9a-z])")

# The points of "V. a." and "Z. n." end no sentence.
_SENTENCE = re.compile(
    r"[;\n。!]|(?<!\bv)(?<!\bv\.a)(?<!\bv\. a)(?<!\bz)(?<!\bz\.n)(?<!\bz\. n)(?<!\bst\.[np])\.(?:\s|$)"
    r"|\b(?:but|however|aber|jedoch)\b|但是?"
)
_SEGMENT = re.compile(r"(?=[,、]|\b(?:and|und)\b)")  # the separators stay: "labor and delivery" is one name

_KIN = r"(?:grand)?(?:mother|father|parents?)|sister|brother|siblings?|aunt|uncle|cousin|daughter|son|mutter|vater|schwester|bruder"
_KIN += r"|m[èe]re|p[èe]re|s(?:oe|œ)ur|fr[èe]re|madre|padre|hermana|hermano"
_RELATIVE = re.compile(
    rf"family (?:history|hx)|\bfh\b|\bfhx\b|\bf/h\b|\bfamhx\b|familienanamnes|familiare belastung|家族史|history of family member"
    r"|antecedentes? familiar|historia familiar|ant[ée]c[ée]dents? familia|\batcd fam"
    rf"|(?<!from )(?<!to fetus from viral disease )\b(?:in|her|his|patient'?s|pt'?s|bei|chez)\s+(?:\w+\s+){{0,2}}(?:{_KIN})\b"
    rf"|^\s*(?:maternal |paternal )?(?:{_KIN})\b(?!\s+(?:is |currently |)?breast)"
    rf"|\b(?:{_KIN})\s+(?:has|had|with|mit|hat|died)\b|\(\s*(?:{_KIN})\s*\)|(?:母亲|父亲|姐姐|妹妹|哥哥|弟弟)"
)
_BEFORE = re.compile(
    r"\b(?:no(?! (?:\w+ )?treatment (?:yet )?(?:for|of)\b)|not|never(?! treated)|nor|without|denies|denied|deny"
    r"|absence of|free of|negative for|neg for|rules? out|ruling out|r/o|to exclude"
    r"|excludes?|excluding|(?:screening|screen|screened|tested) for|at risk (?:of|for)|risk (?:of|for|factors? for)|exposure to"
    r"|contact with|fear of|(?:prevention|prophylaxis) (?:of|for|against)|desir(?:es?|ing)|trying for"
    r"|(?:vaccination|vaccinated|immuni[sz]ation|immuni[sz]ed) (?:for|against)"
    r"|query|pas d[e'’]|aucune?|sans|absence d[e'’]|niega|sin|descartar"
    r"|keine?[mnrs]?|nicht(?! (?:näher|anderenorts))|ohne|ausschluss|verneint)(?!(?<!['’])\w)"
    r"|(?:^|[\s,(/])\?+\s*(?=\w)|无(?!肌病|症状)|未见|未发现|未检出|否认|排除|除外|没有|筛查"
)
_AFTER = re.compile(
    r"\b(?:(?:was |is |been |were )?(?:ruled out|excluded|not confirmed|not found|not seen|not detected)|(?:is |was )?unlikely"
    r"|ausgeschlossen|verneint|(?:is|was) negative|descartad[oa]|écarté\w*"
    r"|(?<!at )(?<!antenatal )(?<!prenatal )screening(?: (?:test|exam|examination|encounter|visit|declined))?\s*$)"
    r"|(?<!eye )\bcontacts?\s*$|[:(–-]\s*negative?\b|\?+\s*(?:$|(?=[,)]))|(?:已排除|已除外|待排除?|阴性)\s*$"
)
# A disease that is only to be kept away: what stands before, unless it is what came of it ("myocarditis after vaccination").
_AIMED = re.compile(
    r"^\W*(?:(?!(?:after|due|from|with|following|post|secondary|by|to|of|nach|durch|mit|bei|infolge)\b)\w+[\W]+){1,4}?"
    r"(?:prevention|prophylaxis|vaccin(?:e|es|ation|ations)|immuni[sz]ations?|exposure|impfung|prophylaxe|prävention"
    r"|(?<!high )(?<!high-)(?<!low )(?<!low-)(?<!intermediate )(?<!intermediate-)(?<!standard )(?<!standard-)risk)"
    r"(?!\w|[- ](?:associated|related|induced|injury|reaction|stratif|group|of|for|to|against|factor))"
)
# A doubt leaves words alone worth a review; beside a code it is what the code is not (spec 0.4: unconfirmed).
_MAYBE = (
    r"suspected|possible|possibly|probable|probably|likely|presumed|presumptive|questionable|fraglich\w*|wahrscheinlich\w*|vermutlich\w*"
)
_DOUBT_BEFORE = re.compile(
    rf"\b(?:{_MAYBE}|suspect|suspicion (?:of|for)|suspicious (?:of|for)|concern(?:ing|s)? for|consider|(?:evaluate|evaluation|work-?up) for"
    r"|differential diagnosis|verdacht|verdachtsdiagnose|sospecha de|suspicion de|v\.\s?a\.|möglich\w*)(?!\w)|疑似|怀疑|可疑|疑诊|考虑"
)
_DOUBT_AFTER = re.compile(
    rf"(?:\b(?:{_MAYBE}|rule[- ]out|r/o|v\.\s?a\.)|可疑|疑似|待查|待诊)\W*$|\bsuspected (?:on|by|clinically)\b"
    r"|[- ]like(?: (?:syndrome|disease|illness|disorder|picture|symptoms?|presentation|features))?\s*$"
)
_TO_SETTLE = re.compile(r"\brul(?:e|es|ed|ing)[- ]out\b|\br/o\b|\bto exclude\b|\?|\bverdacht|\bv\.\s?a\.|ausschluss|排除|除外|待排|待查")
# Said of what was, ended, or is back; anchored where the words of a title ("pregnancy with history of …") say something else.
_PAST = re.compile(
    r"^\W*(?:personal |past |prior |medical |remote |known )*"
    r"(?:history of|hx(?: of)?|h/o|s/p|status post|ant[ée]c[ée]dents? de|atcd|antecedentes? de|zustand nach|z\.?\s?n\.|st\.\s?[np]\.)(?!\w)"
    r"|\bhistory of\W*$|既往"
)
_OVER = re.compile(r"\b(?:resolved|in the past|abgeheilt|ausgeheilt|abgelaufen)\W*$|已愈|治愈")
_BACK = re.compile(r"\b(?:recurren(?:t|ce)|relaps(?:e|ed|ing)|rezidiv(?!frei)\w*)\b(?![- ]free)|复发")


def plain(text: str) -> str:
    """Words in lower case between single blanks, without accents and punctuation; Chinese stands apart from Latin letters and digits."""
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text[:_LONGEST]).casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(_SCRIPTS.sub(" ", _OTHER.sub(" ", bare)).split())


def affirmed(text: str, certainly: bool = False, aims: bool = False) -> str:
    """The plain words that a text says of the patient, parts that do not belong together set apart by `;`.

    With `certainly` what it says with a doubt is taken out too; `aims`: what stands before is the thing (a vaccination), not a disease.
    """
    parts = [plain(part) for sentence in _SENTENCE.split(_level(text)) for part in _said(sentence, certainly, aims)]
    return " ; ".join(part for part in parts if part)


def doubtful(text: str) -> bool:
    """Whether words of doubt stand in the text, of a disease to be ruled out, or of a relative's."""
    level = _level(text)
    return any(mark.search(level) for mark in (_DOUBT_BEFORE, _DOUBT_AFTER, _RELATIVE)) or to_settle(text)


def to_settle(text: str) -> bool:
    """Whether something is still to be ruled out or found, by the words of an order, a visit or a bill."""
    return bool(_TO_SETTLE.search(_level(text)))


def is_past(text: str) -> bool:
    """Whether the text says of the whole that it was: "history of …"; what lasts may be so called while it does."""
    return bool(_PAST.search(_level(text)))


def is_over(text: str) -> bool:
    """Whether the text says of the whole that it ended: "…, resolved"."""
    return bool(_OVER.search(_level(text)))


def is_back(text: str) -> bool:
    """Whether the text affirms that it came back."""
    return bool(_BACK.search(_level(text))) and bool(_BACK.search(affirmed(text, certainly=True)))


def _level(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()


def _said(sentence: str, certainly: bool, aims: bool) -> Iterator[str]:
    """The parts of one sentence that are not denied. A denial reaches to the sentence's end, "… ruled out" back to the last comma."""
    if _RELATIVE.search(sentence):
        return
    kept: list[str] = []  # `;`, which no sentence holds, sets apart what a cut has made neighbours
    for segment in _SEGMENT.split(sentence):
        if not aims:
            segment = _AIMED.sub(";", segment)
        after = _AFTER.search(segment) or (_DOUBT_AFTER.search(segment) if certainly else None)
        if after:
            if kept and not plain(segment[: after.start()]):  # "suspected SLE, ruled out"
                kept.pop()
            segment = ";" + segment[after.end() :]
        before = _BEFORE.search(segment) or (_DOUBT_BEFORE.search(segment) if certainly else None)
        if before:
            kept.append(segment[: before.start()])
            break
        kept.append(segment)
    yield from "".join(kept).split(";")
