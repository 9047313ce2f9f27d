"""Who is on hold: the one rule by which every door labels, counts, compares and leaves out."""

from __future__ import annotations

from collections.abc import Iterable

ON_HOLD = "on-hold"  # stands where people read a status, in place of it; an Evaluation keeps its status
# A trial that is not open holds everybody back: it is said beside the status, and tells no patient from another.
_OF_THE_PATIENT = ("deceased", "replaced")


def held_by(codes: Iterable[str]) -> tuple[str, ...]:
    """Of the codes of an Evaluation's holds those that are the patient's own: whoever has one is on hold, in every arm."""
    return tuple(code for code in codes if code in _OF_THE_PATIENT)


def shown_status(status: str, codes: Iterable[str]) -> str:
    """The status, of the whole or of an arm, as people are to read it."""
    return ON_HOLD if held_by(codes) else status
