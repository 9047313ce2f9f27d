"""Statuses, verdicts and tags as people see them: one set of words, signs and colours for the demo's pages and the cohort report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tone:
    """A colour that is read as text or filled, and the pale ground it may stand on."""

    id: str
    ink: str
    ground: str


@dataclass(frozen=True, slots=True)
class Look:
    """How a status, a verdict or a group of criteria is shown. The sign says it without colour; the words are the card's where it has
    any."""

    id: str
    sign: str
    words: str
    tone: str
    means: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """A mark beside a criterion or a patient: `example` is how it reads, `means` what it says, in plain words."""

    id: str
    example: str
    means: str


TONES = (
    Tone("good", "#14633f", "#e0f2e8"),
    Tone("bad", "#a02a2a", "#fbe6e4"),
    Tone("ask", "#7a4a00", "#fdf0d5"),
    Tone("data", "#23528c", "#e4edf9"),
    Tone("none", "#55666c", "#eceff0"),
    Tone("held", "#84306a", "#f6e3ef"),
    Tone("secret", "#5b2f86", "#efe6f7"),
)
STATUS_LOOKS = {
    look.id: look
    for look in (
        Look("potentially-eligible", "●", "May fit", "good", "no criterion fails, and those that must be shown are"),
        Look("needs-data", "◐", "Needs data", "data", "no criterion fails, but something decisive is not recorded"),
        Look("ineligible-now", "◷", "Not now", "ask", "what fails can change or ends on a date"),
        Look("ineligible", "✕", "Does not fit", "bad", "what fails does not change"),
        Look("out-of-scope", "–", "Out of scope", "none", "no record of the arm's disease"),
    )
}
# Stands in place of every status of a patient on hold (criteria/holding.py).
HOLD_LOOK = Look("on-hold", "‖", "On hold", "held", "nobody should be approached, whatever the criteria say")
SHOWN_LOOKS = {**STATUS_LOOKS, HOLD_LOOK.id: HOLD_LOOK}
VERDICT_LOOKS = {
    look.id: look
    for look in (
        Look("passes", "✓", "Passes", "good"),
        Look("unknown", "○", "Unknown", "data"),
        Look("fails", "✕", "Fails", "bad"),
    )
}
# The unknown ones apart: what a person must say, and what must be got.
GROUP_LOOKS = (
    VERDICT_LOOKS["fails"],
    Look("person", "?", "To confirm", "ask"),
    Look("data", VERDICT_LOOKS["unknown"].sign, "Missing", "data"),
    VERDICT_LOOKS["passes"],
    Look("not-applicable", "–", "Does not apply", "none"),
)
TAGS = {
    tag.id: tag
    for tag in (
        Tag(
            "verdict",
            "inclusion: unknown",
            "what the records say of it; an exclusion passes where it is clear, fails where it is triggered",
        ),
        Tag("presumed", "presumed", "no record was found in a chart that covers the time: taken as absent, not verified"),
        Tag("review", "review", "a record speaks of it but does not settle it: look at that record"),
        Tag("lean", "leans met", "where the records point until a person confirms it"),
        Tag("confidential", "confidential", "its reason and its records never stand on a card"),
        Tag("open", "open Q1", "the protocol leaves this open; the reading in use stands with its words"),
        Tag("recheck", "recheck on a date", "from that day on the answer may be another one"),
        Tag("grade", "read from text", "the record was found by its words, or reported by somebody: it has no code that is known"),
        Tag("hold", "hold", "why nobody should be approached, of the patient or of the trial"),
    )
}


def verdict_words(verdict: str) -> str:
    """`not met` of `not-met`: a criterion's verdict, of an inclusion or an exclusion, as it is read."""
    return verdict.replace("-", " ")


def style() -> str:
    """The colours as CSS: `--good` and `--good-soft` of each tone, and for each look the class that has them as `--c` and `--s`."""
    tones = "".join(f"--{tone.id}:{tone.ink};--{tone.id}-soft:{tone.ground};" for tone in TONES)
    looks = [*(("status", one) for one in SHOWN_LOOKS.values()), *(("group", one) for one in (*GROUP_LOOKS, VERDICT_LOOKS["unknown"]))]
    classes = "".join(f".{kind}-{one.id}{{--c:var(--{one.tone});--s:var(--{one.tone}-soft)}}\n" for kind, one in looks)
    return f":root{{{tones}}}\n{classes}"
