"""The Value that every node of a criterion yields: Kleene truth with lean, review, firmness, reasons, evidence and cure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from cds_service.criteria.evaluation import Evidence, Missing

# An evaluation makes hundreds of these, most of them of a clause of which nothing is recorded: tuples are made and altered several times
# as fast as frozen dataclasses, and what says nothing of a patient is made once for all.
CONSTANTS = 4096


class Flip(NamedTuple):
    """When a decided value would change, all else unchanged: on a date, on one that is not known, with the patient's state, or never."""

    rank: int  # 0 date, 1 some date, 2 state, 3 never: so that `min` is the earliest and `max` the latest
    day: date = date.min

    @property
    def cure(self) -> str:
        return ("date", "date", "state", "never")[self.rank]

    @property
    def recheck_on(self) -> date | None:
        return self.day if self.rank == 0 else None


SOME_DAY, STATE, NEVER = Flip(1), Flip(2), Flip(3)


def on_date(day: date | None) -> Flip:
    """A flip on `day`; the patient's state where no day can be told."""
    return STATE if day is None else Flip(0, day)


class Reason(NamedTuple):
    """Why a value is what it is. Reasons with a `topic` and the same text are told together: "no result: ANA, anti-Sm".

    `holds_of`: the names of which the text holds, told before it and once each: "azathioprine, prednisone: each at least 3 months".
    `rests_on`: a `record`, what is `settled` already though the whole is open, `nothing` found, or what a `person` has not said.
    """

    text: str
    topic: str | None = None
    rests_on: str = "record"
    holds_of: tuple[str, ...] = ()


class Value(NamedTuple):
    """`truth` is decided or None. `lean` is the truth where decided, else which way the record points (or None).

    `firm` is what the truth would be were everything presumed unknown (spec head, "How values combine").
    `by_person`: unknown only because a person has not said; `blank`: unknown and no record speaks at all; `silent`: decided by
    clauses that only speak where a record exists, none of which did. `answered`: decided by a person's recorded answer alone.
    """

    truth: bool | None
    lean: bool | None
    firm: bool | None
    review: bool = False
    by_person: bool = False
    blank: bool = False
    silent: bool = False
    answered: bool = False
    reasons: tuple[Reason, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[Missing, ...] = ()
    questions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    flip: Flip = STATE
    applicable: bool = True
    recheck_on: date | None = None

    @property
    def presumed(self) -> bool:
        return self.truth is not None and (self.firm is None or self.silent)


def decided(
    truth: bool, reason: str | Reason, evidence: tuple[Evidence, ...] = (), flip: Flip = STATE, notes: tuple[str, ...] = ()
) -> Value:
    """A value that records decide."""
    told_by = Reason(reason) if isinstance(reason, str) else reason
    return Value(truth, truth, truth, reasons=(told_by,), evidence=evidence, flip=flip, notes=notes)


@lru_cache(CONSTANTS)
def silent(topic: str) -> Value:
    """False because a whole search found nothing, for a clause that only speaks where a record exists (policy `quiet`)."""
    return Value(False, False, False, silent=True, reasons=(Reason("no record", topic, "nothing"),))


@lru_cache(CONSTANTS)
def presumed(topic: str) -> Value:
    """False because nothing was found in a whole search of a chart with coverage (policy `closed`, spec 0.2)."""
    return Value(False, False, None, reasons=(Reason("no record found (presumed)", topic, "nothing"),))


def blank(text: str, topic: str | None, missing: Missing | None = None) -> Value:
    """Unknown because no record speaks."""
    return Value(None, None, None, blank=True, reasons=(Reason(text, topic, "nothing"),), missing=(missing,) if missing else ())


def unsettled(
    reason: str,
    evidence: tuple[Evidence, ...] = (),
    *,
    lean: bool | None = None,
    review: bool = True,
    missing: Missing | None = None,
    recheck_on: date | None = None,
    notes: tuple[str, ...] = (),
) -> Value:
    """Unknown although records were read: a person must look (review), or the value must be got again."""
    return Value(
        None,
        lean if review else None,
        None,
        review=review,
        reasons=(Reason(reason),),
        evidence=evidence,
        missing=(missing,) if missing else (),
        recheck_on=recheck_on,
        notes=notes,
    )


def asked(question: str, lean: bool | None = None) -> Value:
    """Unknown until a person answers. With a lean the record satisfies the documented part: a review (spec head, ii)."""
    reason = Reason("a person must say", rests_on="person")
    return Value(None, lean, None, review=lean is not None, by_person=True, reasons=(reason,), questions=(question,))


TRUE = Value(True, True, True, silent=True)
FALSE = Value(False, False, False, silent=True)


def told(reasons: tuple[Reason, ...], limit: int = 4) -> str:
    """Reasons as one line: those of the same text told together with their topics or names, repeats left out."""
    grouped: dict[tuple[str, bool], dict[str, None]] = {}
    for reason in reasons:
        names = reason.holds_of or ((reason.topic,) if reason.topic else ())
        grouped.setdefault((reason.text, bool(reason.holds_of)), {}).update(dict.fromkeys(names))
    parts = _each_once(_part(text, list(names), names_first) for (text, names_first), names in grouped.items())
    more = [f"and {len(parts) - limit} more"] if len(parts) > limit else []
    return "; ".join(parts[:limit] + more)


def _each_once(parts: Iterable[str]) -> list[str]:
    """Two clauses may give the same reason, one of them with its topic: what was said is not said again."""
    kept: list[str] = []
    for part in parts:
        said = "; ".join(kept)
        new = [one for one in part.split("; ") if one not in said]
        if new:
            kept.append("; ".join(new))
    return kept


def _part(text: str, names: list[str], names_first: bool) -> str:
    if names_first:
        return f"{', '.join(names)}: {'each ' if len(names) > 1 else ''}{text}"
    return f"{text}: {', '.join(names)}" if names else text
