"""A record's words into those that it affirms: what is denied, ruled out, screened for or a relative's is taken out (spec 0.4)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_LONGEST = 2000  # characters of one text that are read: a label, not a letter
_OTHER = re.compile(r"[^0-9a-z\u0370-\u03ff\u3400-\u9fff]+")
_SCRIPTS = re.compile(r"(?<=[0-9a-z])(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])(?=[0-9a-z])")

_SENTENCE = re.compile(r"[;\n。!]|\.(?:\s|$)|\b(?:but|however|aber|jedoch)\b|但是?")
_SEGMENT = re.compile(r"(?=[,、]|\b(?:and|und)\b)")  # the separators stay: "labor and delivery" is one name

_KIN = r"(?:grand)?(?:mother|father|parents?)|sister|brother|siblings?|aunt|uncle|cousin|daughter|son|mutter|vater|schwester|bruder"
_RELATIVE = re.compile(
    rf"family (?:history|hx)|\bfh\b|\bfhx\b|\bf/h\b|\bfamhx\b|familienanamnes|familiare belastung|家族史"
    rf"|\b(?:in|her|his|patient'?s|pt'?s|bei)\s+(?:\w+\s+){{0,2}}(?:{_KIN})\b"
    rf"|^\s*(?:maternal |paternal )?(?:{_KIN})\b(?!\s+(?:is |currently |)?breast)"
    rf"|\b(?:{_KIN})\s+(?:has|had|with|mit|hat|died)\b|(?:母亲|父亲|姐姐|妹妹|哥哥|弟弟)"
)
_BEFORE = re.compile(
    r"\b(?:no|not|never|nor|without|denies|denied|deny|absence of|free of|negative for|neg for|rules? out|ruling out|r/o|to exclude"
    r"|excludes?|excluding|(?:screening|screen|screened|tested) for|at risk (?:of|for)|risk (?:of|for|factors? for)|exposure to"
    r"|contact with|fear of|prophylaxis (?:of|for|against)|(?:vaccination|vaccinated|immuni[sz]ation|immuni[sz]ed) (?:for|against)"
    r"|query|keine?[mnrs]?|nicht|ohne|ausschluss|verneint)(?!\w)"
    r"|(?:^|[\s,(/])\?+\s*(?=\w)|无(?!肌病)|未见|未发现|未检出|否认|排除|除外|没有|筛查"
)
_AFTER = re.compile(
    r"\b(?:(?:was |is |been |were )?(?:ruled out|excluded|not confirmed|not found|not seen|not detected)|(?:is |was )?unlikely"
    r"|ausgeschlossen|verneint|(?:is|was) negative"
    r"|(?<!at )screening(?: (?:test|exam|examination|encounter|visit|declined))?\s*$)"
    r"|[:(–-]\s*negative?\b|\?+\s*(?:$|(?=[,)]))|(?:已排除|已除外|待排除?|阴性)\s*$"
)


def plain(text: str) -> str:
    """Words in lower case between single blanks, without accents and punctuation; Chinese stands apart from Latin letters and digits."""
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text[:_LONGEST]).casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(_SCRIPTS.sub(" ", _OTHER.sub(" ", bare)).split())


def affirmed(text: str) -> str:
    """The plain words that a text says of the patient, parts that do not belong together set apart by `;`."""
    level = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()
    parts = [plain(part) for sentence in _SENTENCE.split(level) for part in _said(sentence)]
    return " ; ".join(part for part in parts if part)


def _said(sentence: str) -> Iterator[str]:
    """The parts of one sentence that are not denied. A denial reaches to the sentence's end, "… ruled out" back to the last comma."""
    if _RELATIVE.search(sentence):
        return
    kept: list[str] = []  # `;`, which no sentence holds, sets apart what a cut has made neighbours
    for segment in _SEGMENT.split(sentence):
        after = _AFTER.search(segment)
        if after:
            if kept and not plain(segment[: after.start()]):  # "suspected SLE, ruled out"
                kept.pop()
            segment = ";" + segment[after.end() :]
        before = _BEFORE.search(segment)
        if before:
            kept.append(segment[: before.start()])
            break
        kept.append(segment)
    yield from "".join(kept).split(";")
