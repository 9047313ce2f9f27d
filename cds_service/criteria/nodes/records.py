"""Coded events (diagnoses, procedures, vaccinations) against a window into a Value: `record`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria.evaluation import Evidence
from cds_service.criteria.fields import Window, declare
from cds_service.criteria.node import Context, Node, evidence_of
from cds_service.criteria.nodes.absence import POLICIES, absent, searched_types
from cds_service.criteria.nodes.histories import is_told_after, long_before
from cds_service.criteria.nodes.windows import EVER, day_outside
from cds_service.criteria.value import STATE, Flip, Value, decided, on_date, unsettled
from fhir_mappings.inputs import Record, Standing

_WEAK = {
    Standing.UNCONFIRMED: "not confirmed",
    Standing.TEXT: "named in words only",
    Standing.UNCLEAR: "status unclear",
}
_FINDERS = frozenset({"Observation", "DiagnosticReport"})
_ALL_REASONS = ("visit", "procedure", "drug")
_NAMED_BY = {one: f"named as the reason of a {one}" for one in (*_ALL_REASONS, "stay")} | {"finding": "found, but no recorded diagnosis"}


@dataclass(frozen=True, slots=True)
class Reading:
    """How one record counts: hit (True), miss (False) or a matter for review (None) with a lean."""

    record: Record
    counts: bool | None
    lean: bool | None = None
    why: str = ""


def gather(context: Context, sets: Iterable[str], types: tuple[str, ...] = (), of: tuple[str, ...] = ("",)) -> list[Record]:
    """The records of these value sets, each once, in a stable order; what a visit, procedure or drug was for only where `of` names it."""
    held = context.inputs.records
    if held.keys().isdisjoint(sets):
        return []
    found: dict[int, Record] = {}
    for name in sets:
        for record in held.get(name, ()):
            if (not types or record.type in types) and record.reason_of in of:
                found[id(record)] = record
    return sorted(found.values(), key=lambda record: (str(record.when), record.origin.reference))


def cite(record: Record) -> Evidence:
    dating = ("since" if record.dated_by == "event" else "recorded") if record.type == "Condition" else ""
    return evidence_of(record.origin, record.when, dating=dating)


@dataclass(frozen=True, kw_only=True)
class RecordNode(Node):
    """True where a confirmed record of one of the value sets lies in the window.

    `earlier` says what a record counts for that began before the window and is not known to be over.
    What a report concludes or an observation finds asks, unless the same code is a diagnosis.
    With `visits` what a visit, procedure or drug was for asks, and no absence is presumed without the visits; with
    `reasons` it asks too, but absence is presumed without it, and beside the same code as a diagnosis it says nothing.
    `about` wants the visit that a record was the reason of to be of one of these classes; it leans true (admitted for it).
    A record that is also in one of the sets of `apart_from` does not count (a catheter among operations).
    `active` wants a condition that is active now. `planned` looks at plans instead of history, but not at those for a
    day before the window. With `repeats: review` a record in the window asks where the same code was recorded before
    it: it may be a copy of the old one. So does one of which only the recording is dated after a record of `history`, which
    tells of such a condition without its day. A record from before the onset of `since`, by more than `lead`, does not
    count: it is no part of that disease. A later refuted record cancels the same code; with `one_disease` the value
    sets hold one disease, and another code asks.
    """

    KEY: ClassVar[str] = "record"
    ONLY_INPUTS: ClassVar[bool] = True
    FOUND: ClassVar[tuple[str, ...]] = ("finding",)  # what asks beside diagnoses, whatever the criterion
    record: tuple[str, ...] = declare(kinds.SETS)
    within: Window = declare(kinds.WINDOW, EVER)
    strictly: bool = declare(kinds.FLAG, False)
    earlier: str = declare(kinds.choice("clear", "review", "lean-true"), "clear")
    active: bool = declare(kinds.FLAG, False)
    planned: bool = declare(kinds.FLAG, False)
    repeats: str = declare(kinds.choice("count", "review"), "count")
    history: tuple[str, ...] = declare(kinds.SETS, ())
    since: tuple[str, ...] = declare(kinds.SETS, ())
    lead: Window = declare(kinds.WINDOW, EVER)
    one_disease: bool = declare(kinds.FLAG, False)
    apart_from: tuple[str, ...] = declare(kinds.SETS, ())
    policy: str = declare(kinds.choice(*POLICIES), "closed")
    visits: bool = declare(kinds.FLAG, False)
    reasons: bool = declare(kinds.FLAG, False)
    about: tuple[str, ...] = declare(kinds.SETS, ())

    def inputs(self) -> tuple[str, ...]:
        return (*self.record, *self.history, *self.since, *self.apart_from, *self.about)

    def judge(self, context: Context) -> Value:
        records = self._records(context)
        return self._of(records, context) if records else self._none(context)

    def _of(self, records: list[Record], context: Context) -> Value:
        confirmed = [one for one in records if one.standing is not Standing.REFUTED]
        refuted = [one for one in records if one.standing is Standing.REFUTED]
        readings = [_with_refuted(self._read(one, context), refuted, self.one_disease) for one in confirmed]
        if self.repeats == "review":
            readings = _without_repeats(readings, context.opens(self.within))
        if self.history:
            history = gather(context, self.history)
            readings = [_of_old(one, history) for one in readings]
        hits = [one for one in readings if one.counts is True]
        if hits:
            return self._hit(hits, context)
        doubts = [one for one in readings if one.counts is None]
        if doubts:
            return _doubtful(doubts)
        if refuted and not confirmed and all(any(name in one.concepts for one in refuted) for name in self.record):
            return decided(False, f"{self.topic} refuted", tuple(cite(one) for one in refuted))
        return self._none(context)

    def _none(self, context: Context) -> Value:
        beside = context.failed(_FINDERS) if self.FOUND else ()  # a search that failed may have held a finding (law 6)
        types = searched_types(context, self.record, frozenset((*beside, *(("Encounter",) if self.visits else ()))))
        return absent(self, context, self.record, types, self.policy, self.within)

    def _records(self, context: Context) -> list[Record]:
        reasons = _ALL_REASONS if self.visits or self.reasons else ()
        found = gather(context, self.record, of=("", *self.FOUND, *reasons, *(("stay",) if self.about else ())))
        if not found:
            return found
        found = [one for one in found if one.planned is self.planned and one.concepts.isdisjoint(self.apart_from)]
        if self.about:
            found = [one for one in found if not one.about.isdisjoint(self.about)]
        if self.since:
            disease = gather(context, self.since)
            found = [one for one in found if not long_before(one, disease, self.lead.duration)]
        told = frozenset[tuple[str, str]]().union(*(one.codes for one in found if not one.reason_of))
        return [one for one in found if self.visits or not one.reason_of or one.codes.isdisjoint(told)]

    def _hit(self, hits: list[Reading], context: Context) -> Value:
        names = "; ".join(dict.fromkeys(named(one.record) for one in hits))
        names = f"planned: {names}" if self.planned else names
        return decided(True, names, tuple(cite(one.record) for one in hits), max(self._flip(one.record, context) for one in hits))

    def _flip(self, record: Record, context: Context) -> Flip:
        if self.within.duration is None or record.when is None or self.active:
            return STATE
        return on_date(day_outside(record.when.first, self.within.duration, self.strictly))

    def _read(self, record: Record, context: Context) -> Reading:
        if self.active:
            reading = _activity(record, context.as_of)
        elif self.planned:
            reading = Reading(record, not self._is_past(record, context))
        elif self.within.duration is None:
            reading = Reading(record, True)
        else:
            reading = self._in_window(record, context)
        if reading.counts is True and record.standing in _WEAK:
            why = _NAMED_BY.get(record.reason_of) or _WEAK[record.standing]
            return Reading(record, None, True if self.about else None, why)
        return reading

    def _is_past(self, record: Record, context: Context) -> bool:
        """A plan for a day before the window was carried out or given up."""
        return record.dated_by == "event" and record.when is not None and record.when.last < context.opens(self.within)

    def _in_window(self, record: Record, context: Context) -> Reading:
        opens = context.opens(self.within)
        if record.when is None:
            return Reading(record, None, None, "undated")
        inside = record.when.within(opens, context.as_of)
        if self.strictly and inside is True and record.when.first <= opens:
            # "within <5 years": the day exactly that long ago is outside (E-20).
            inside = False if record.when.last <= opens else None
        if inside is None:
            return Reading(record, None, None, f"dated {record.when}, which may or may not be in the period")
        if inside and _dated_afterwards(record):
            return Reading(record, None, None, "over, and only the day of recording is known")
        if inside or record.when.first > context.as_of:
            return Reading(record, inside)
        return self._before(record, opens)

    def _before(self, record: Record, opens: date) -> Reading:
        """A record from before the window whose condition may still run in it (E-02, E-18: the window is on activity)."""
        if record.again:
            return Reading(record, None, True, f"since {record.when}, recorded as back")  # "concurrent" (E-20)
        if record.reason_of == "finding":  # seen on that day: of later days it says nothing
            return Reading(record, False)
        if self.earlier == "clear" or (record.end is not None and record.end.last < opens):
            return Reading(record, False)
        lean = True if self.earlier == "lean-true" and record.standing not in _WEAK else None
        if record.end is not None:
            return Reading(record, None, lean, f"since {record.when}, until {record.end}")
        if record.active is not False:
            return Reading(record, None, lean, f"since {record.when}, not known to be over")
        return (
            Reading(record, None, None, f"since {record.when}, over on a day not stated")
            if self._recent(record, opens)
            else Reading(record, False)
        )

    def _recent(self, record: Record, opens: date) -> bool:
        """Begun so shortly before the window that it may have run into it: no longer before than the window is long."""
        assert self.within.duration is not None
        return self.earlier == "lean-true" and record.when is not None and record.when.last >= self.within.duration.before(opens)


def _without_repeats(readings: list[Reading], opens: date) -> list[Reading]:
    """A hit whose condition stands in the chart from before the window, over or not, or undated, asks (visits code it again)."""
    told = [one.record for one in readings if one.counts is not True and one.record.standing is not Standing.REFUTED]
    old = [one for one in told if not one.reason_of and (one.when is None or one.when.first < opens)]
    return [_repeated(one, old) if one.counts is True else one for one in readings]


def _repeated(reading: Reading, old: list[Record]) -> Reading:
    likeness = {_same_condition(reading.record, other) for other in old if reading.record.concepts & other.concepts}
    if True in likeness:
        return Reading(reading.record, None, None, "the same condition was recorded earlier")
    if None in likeness:
        return Reading(reading.record, None, True, "it may be the condition that was recorded earlier")
    return reading


def _of_old(reading: Reading, history: list[Record]) -> Reading:
    if reading.counts is True and is_told_after(reading.record, history):
        return Reading(reading.record, None, True, "it may be the condition of the history recorded earlier")
    return reading


def _same_condition(one: Record, other: Record) -> bool | None:
    """A value set holds many diseases. True: one code; False: two codes of one system; None: not to be compared."""
    if "parsed" in (one.origin.grade, other.origin.grade):
        return None
    if one.codes & other.codes:
        return True
    shared = {system for system, _ in one.codes} & {system for system, _ in other.codes}
    return False if shared else None


def _activity(record: Record, as_of: date) -> Reading:
    if record.end is not None and record.end.last <= as_of:
        return Reading(record, False)
    if record.active is False:
        return Reading(record, False)
    if record.active is None and record.type == "Condition":
        return Reading(record, None, True, "whether still active is not recorded")
    return Reading(record, True)


def _with_refuted(reading: Reading, refuted: list[Record], one_disease: bool) -> Reading:
    """A refuted record later than the confirmed one decides; of the same date or undated it asks (spec 0.4, ruling 9)."""
    if reading.counts is False:
        return reading
    doubts = []
    for other in refuted:
        same = _same_condition(other, reading.record) if other.concepts & reading.record.concepts else False
        later = _later(other, reading.record)
        if (same is False and not (one_disease and other.concepts & reading.record.concepts)) or later is False:
            continue
        if same is True and later is True:
            return Reading(reading.record, False, None, "refuted later")
        doubts.append(same)
    if not doubts:
        return reading
    return Reading(reading.record, None, None if True in doubts or one_disease else True, "a refuted record contradicts it")


def _later(refuted: Record, confirmed: Record) -> bool | None:
    for left, right in ((refuted.recorded, confirmed.recorded), (refuted.when, confirmed.when)):
        if left is None or right is None:
            continue
        if left.first > right.last:
            return True
        return False if left.last < right.first else None
    return None


def _dated_afterwards(record: Record) -> bool:
    """A condition that was over may have been written down years later: `recordedDate` is then no onset (spec 0.3)."""
    return record.type == "Condition" and record.active is False and record.end is None and record.dated_by in ("asserted", "recorded")


def named(record: Record) -> str:
    day = f"recorded {record.when}" if record.dated_by == "recorded" else str(record.when)
    return f"{record.origin.display} ({day})" if record.when else record.origin.display


def _doubtful(doubts: list[Reading]) -> Value:
    lean = True if any(one.lean for one in doubts) else None
    why = "; ".join(dict.fromkeys(f"{named(one.record)}: {one.why}" for one in doubts))
    return unsettled(why, tuple(cite(one.record) for one in doubts), lean=lean)
