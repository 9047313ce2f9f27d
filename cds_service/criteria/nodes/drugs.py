"""Exposures to drugs into a Value: `exposed` (how long, how many agents), `last_dose`, `taking` (spec 1.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria import logic
from cds_service.criteria.evaluation import Evidence, Missing
from cds_service.criteria.fields import Window, declare
from cds_service.criteria.node import Context, Node, evidence_of
from cds_service.criteria.nodes.windows import day_outside
from cds_service.criteria.value import SOME_DAY, STATE, Flip, Reason, Value, blank, decided, on_date, presumed, silent, told, unsettled
from fhir_mappings.dates import EARLIEST, Duration, Interval
from fhir_mappings.exposure import Exposed, LastDose, combined_regimen, currently_on, exposed_at_least, last_dose, taken
from fhir_mappings.half_lives import washout
from fhir_mappings.inputs import Exposure

MEDICATION = frozenset({"MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration"})
Used = dict[str, tuple[Exposure, ...]]


def cite(exposures: Iterable[Exposure], told: str = "") -> tuple[Evidence, ...]:
    """Each record, and beside it the statement that speaks against it; `told` is what they show together."""
    found: dict[Evidence, None] = {}
    for one in exposures:
        found[evidence_of(one.origin, one.start or one.recorded, told=told)] = None
        if one.denial:
            day = one.denial.days.first
            found[evidence_of(one.denial.origin, Interval(day, day) if day > EARLIEST else None, told=told)] = None
    return tuple(found)


def _cite_all(used: Iterable[tuple[Exposure, ...]]) -> tuple[Evidence, ...]:
    """One record may tell of several drugs, or of any of a class."""
    return tuple(dict.fromkeys(found for exposures in used for found in cite(exposures)))


def _once(told: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(told))


def name_of(exposures: tuple[Exposure, ...]) -> str:
    return exposures[0].origin.display


def used_of(context: Context, agents: Iterable[str]) -> Used:
    """By agent what was taken of it, if anything: no plans, and nothing that stays on the skin or in the eye."""
    found = context.inputs.exposures
    return {agent: used for agent in agents if agent in found and (used := taken(found[agent]))}


def no_drug(node: Node, context: Context, sets: tuple[str, ...], policy: str) -> Value:
    """No record of the drugs: presumed absent only over whole medication retrieval that holds something (spec 0.2)."""
    unsearched = context.unsearched(MEDICATION)
    missing = Missing(sets[0], node.topic, f"take the medication history for {node.topic}", way="history", unsent=tuple(unsearched))
    if unsearched:
        return blank(f"source unavailable ({', '.join(unsearched)})", node.topic, missing)
    if policy == "open":
        return blank("no record", node.topic, missing)
    if not all(context.value_sets[name].complete for name in sets):
        return blank("no record, but not every code for it is known here", node.topic, missing)
    if not context.searched.medicated:
        return blank("no record, but no medication was recorded in the last 12 months", node.topic, missing)
    return presumed(node.topic)


def earlier(value: Value, exposures: Iterable[Exposure], words: str) -> Value:
    """What is presumed absent now, told with the earlier records that there are: "no record" would be untrue."""
    cited = cite(exposures)
    return value._replace(reasons=(Reason(words),), evidence=cited) if cited and value.presumed and not value.silent else value


def not_taken(node: Node, context: Context, sets: tuple[str, ...], used: Used) -> Value:
    """True because the drugs are not taken: what the clause demands of a dose is then met; unknown where absence is not shown."""
    records = [one for held in used.values() for one in held]
    words = f"not taken now by the record: {', '.join(dict.fromkeys(one.origin.display for one in records))}"
    return logic.negated(earlier(no_drug(node, context, sets, "closed"), records, words))


def not_whole(node: Node, words: str, evidence: tuple[Evidence, ...], failed: tuple[str, ...]) -> Value:
    """A dose that holds by the records that were had: a search that failed may hide another (spec head, 0.2)."""
    missing = Missing(node.inputs()[0], node.topic, f"take the medication history for {node.topic}", way="history", unsent=failed)
    return unsettled(f"{words}; source unavailable ({', '.join(failed)})", evidence, review=False, missing=missing)


@dataclass(frozen=True, kw_only=True)
class ExposedNode(Node):
    """At least `agents` different drugs of the list, each taken for a duration; never false for want of records.

    Enough agents documented but not each long enough, only in one combined regimen, or of uncertain length asks.
    `unsure` drugs count for review at most.
    """

    KEY: ClassVar[str] = "exposed"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"MedicationRequest", "MedicationStatement"})
    TYPES: ClassVar[frozenset[str]] = MEDICATION
    exposed: tuple[str, ...] = declare(kinds.SETS)
    for_: Duration | None = declare(kinds.DURATION, None)
    longer_than: Duration | None = declare(kinds.DURATION, None)
    agents: int = declare(kinds.INTEGER, 1)
    unsure: tuple[str, ...] = declare(kinds.SETS, ())

    def inputs(self) -> tuple[str, ...]:
        return (*self.exposed, *self.unsure)

    def judge(self, context: Context) -> Value:
        used = used_of(context, self.inputs())
        found = {agent: self._how_exposed(exposures, context) for agent, exposures in used.items()}
        documented = {agent: used[agent] for agent, one in found.items() if one.truth or one.documented or one.review}
        long = [agent for agent in self.exposed if agent in found and found[agent].truth]
        if len(long) >= self.agents:
            return self._enough(long, documented, context)
        return self._not_enough(long, documented, [one.reason for agent, one in found.items() if agent not in long], context)

    def _how_exposed(self, exposures: tuple[Exposure, ...], context: Context) -> Exposed:
        if self.longer_than:
            return exposed_at_least(exposures, self.longer_than, context.as_of, strictly=True)
        return exposed_at_least(exposures, self.for_ or Duration(), context.as_of)

    def _enough(self, long: list[str], used: Used, context: Context) -> Value:
        names = tuple(name_of(used[agent]) for agent in long)
        reason = Reason(self._how_long(), holds_of=names)
        evidence = tuple(one for agent in long for one in cite(used[agent], told((reason,))))
        pairs = list(combinations(long, 2)) if self.agents > 1 else []
        if len(long) == self.agents and pairs and all(combined_regimen(used[left], used[right], context.as_of) for left, right in pairs):
            return unsettled(f"{', '.join(names)}: only taken together, one regimen", evidence)
        return decided(True, reason, evidence)

    def _how_long(self) -> str:
        return f"longer than {self.longer_than}" if self.longer_than else f"at least {self.for_}"

    def _not_enough(self, long: list[str], used: Used, why: list[str], context: Context) -> Value:
        evidence = _cite_all(used.values())
        missing = Missing(self.exposed[0], f"{self.topic} {self._how_long()}", f"ask about earlier {self.topic}, also elsewhere")
        if len(used) >= self.agents:
            reasons = "; ".join(dict.fromkeys(one for one in why if one))
            words = f"{self.topic}: {len(long)} of {self.agents} {self._how_long()}" + (f" ({reasons})" if reasons else "")
            return unsettled(words, evidence, missing=missing)
        if used:
            return unsettled(f"{self.topic}: {len(used)} of {self.agents} documented", evidence, review=False, missing=missing)
        return no_drug(self, context, self.exposed, "open")


@dataclass(frozen=True, kw_only=True)
class LastDoseNode(Node):
    """Whether a last dose of one of the drugs lies in the window; with `routes` only doses given so.

    With `half_lives` the window reaches back so many half-lives of each drug where that is longer. A drug whose half-life
    is not known asks until `unknown_half_life` after its last dose, and then no longer counts (ruling 11).
    """

    KEY: ClassVar[str] = "last_dose"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"MedicationRequest", "MedicationStatement"})
    TYPES: ClassVar[frozenset[str]] = MEDICATION
    last_dose: tuple[str, ...] = declare(kinds.SETS)
    within: Window = declare(kinds.WINDOW)
    routes: tuple[str, ...] = declare(kinds.SETS, ())
    half_lives: int = declare(kinds.INTEGER, 0)
    unknown_half_life: Duration | None = declare(kinds.DURATION, None)
    policy: str = declare(kinds.choice("closed", "open", "quiet", "beside"), "closed")

    def inputs(self) -> tuple[str, ...]:
        return self.last_dose

    def judge(self, context: Context) -> Value:
        doses = {agent: last_dose(given, context.as_of) for agent, given in self._used(context).items()}
        inside = [(agent, dose, self._inside(agent, dose, context)) for agent, dose in doses.items()]
        hits = [(agent, dose) for agent, dose, is_in in inside if is_in is True and not dose.review]
        if hits:
            return self._hit(hits)
        doubts = [dose for _, dose, is_in in inside if is_in is not False]
        if doubts:
            return _doubt(doubts)
        if self.policy in ("quiet", "beside"):
            unsearched = context.unsearched(MEDICATION) if self.policy == "quiet" else context.failed(MEDICATION)
            return no_drug(self, context, self.last_dose, "open") if unsearched else silent(self.topic)
        before = [dose for _, dose, _ in inside]
        words = _once(f"{name_of(dose.exposures)}, last dose {_days(dose)}, none recorded since" for dose in before)
        return earlier(no_drug(self, context, self.last_dose, self.policy), [one for dose in before for one in dose.exposures], words)

    def _used(self, context: Context) -> Used:
        used = used_of(context, self.last_dose)
        if not self.routes:
            return used
        given = {agent: tuple(one for one in held if one.route in self.routes) for agent, held in used.items()}
        return {agent: held for agent, held in given.items() if held}

    def _inside(self, agent: str, dose: LastDose, context: Context) -> bool | None:
        if dose.interval is None:
            return None
        inside = dose.interval.within(self._opens(agent, context), context.as_of)
        if inside is not False or self._washout(agent) is not None or self.unknown_half_life is None:
            return inside
        # Ruling 11: a drug with no known half-life asks.
        return None if dose.interval.last >= self.unknown_half_life.before(context.as_of) else False

    def _washout(self, agent: str) -> int | None:
        """Days of so many half-lives; 0 where the window alone counts, None where the half-life is not known."""
        return washout(agent, self.half_lives) if self.half_lives else 0

    def _opens(self, agent: str, context: Context) -> date:
        days = self._washout(agent) or 0
        return min(context.opens(self.within), Duration(days=days).before(context.as_of))

    def _hit(self, hits: list[tuple[str, LastDose]]) -> Value:
        words = "; ".join(f"{name_of(dose.exposures)}, last dose {_days(dose)}" for _, dose in hits)
        evidence = tuple(one for _, dose in hits for one in cite(dose.exposures))
        return decided(True, words, evidence, max(self._flip(agent, dose) for agent, dose in hits))

    def _flip(self, agent: str, dose: LastDose) -> Flip:
        """The first day outside: of the window and of the half-lives the longer."""
        days = self._washout(agent)
        if self.within.duration is None or dose.interval is None:
            return STATE
        if days is None:
            return SOME_DAY
        windows = (self.within.duration, Duration(days=days))
        return max(on_date(day_outside(dose.interval.first, one)) for one in windows)


def _days(dose: LastDose) -> str:
    first, is_range, last = str(dose.interval).partition("..")
    return f"between {first} and {last}" if is_range else first


def _doubt(doubts: list[LastDose]) -> Value:
    words = _once(f"{name_of(dose.exposures)}: {dose.reason or f'last dose {_days(dose)}'}" for dose in doubts)
    return unsettled(words, _cite_all(dose.exposures for dose in doubts))


@dataclass(frozen=True, kw_only=True)
class TakingNode(Node):
    """Whether one of the drugs is taken on the evaluation day."""

    KEY: ClassVar[str] = "taking"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"MedicationRequest", "MedicationStatement"})
    TYPES: ClassVar[frozenset[str]] = MEDICATION
    taking: tuple[str, ...] = declare(kinds.SETS)
    policy: str = declare(kinds.choice("closed", "open"), "closed")

    def inputs(self) -> tuple[str, ...]:
        return self.taking

    def judge(self, context: Context) -> Value:
        used = used_of(context, self.taking)
        states = {agent: currently_on(exposures, context.as_of) for agent, exposures in used.items()}
        on = [agent for agent, state in states.items() if state.truth is True]
        if on:
            words = "taking " + ", ".join(name_of(used[agent]) for agent in on)
            return decided(True, words, tuple(one for agent in on for one in cite(used[agent])))
        doubts = [agent for agent, state in states.items() if state.truth is None]
        if doubts:
            words = _once(f"{name_of(used[agent])}: {states[agent].reason}" for agent in doubts)
            return unsettled(words, _cite_all(used[agent] for agent in doubts))
        names = dict.fromkeys(name_of(held) for held in used.values())
        records = [one for held in used.values() for one in held]
        return earlier(no_drug(self, context, self.taking, self.policy), records, f"not taken now by the record: {', '.join(names)}")


@dataclass(frozen=True, kw_only=True)
class TreatedForNode(Node):
    """Whether one of the drugs `by`, taken now, is given for one of the conditions: its record's reason says so (E-06, E-04)."""

    KEY: ClassVar[str] = "treated_for"
    ONLY_INPUTS: ClassVar[bool] = True
    TYPES: ClassVar[frozenset[str]] = MEDICATION
    treated_for: tuple[str, ...] = declare(kinds.SETS)
    by: tuple[str, ...] = declare(kinds.SETS)

    def inputs(self) -> tuple[str, ...]:
        return (*self.treated_for, *self.by)

    def judge(self, context: Context) -> Value:
        wanted = frozenset(self.treated_for)
        used = [tuple(one for one in held if one.reason & wanted) for held in used_of(context, self.by).values()]
        states = [(exposures, currently_on(exposures, context.as_of)) for exposures in used if exposures]
        on = [exposures for exposures, state in states if state.truth is True]
        if on:
            return decided(
                True, f"{', '.join(name_of(one) for one in on)} for {self.topic}", tuple(each for one in on for each in cite(one))
            )
        doubts = [(exposures, state) for exposures, state in states if state.truth is None]
        if doubts:
            words = _once(f"{name_of(exposures)} for {self.topic}: {state.reason}" for exposures, state in doubts)
            return unsettled(words, _cite_all(exposures for exposures, _ in doubts))
        # A record without a reason says nothing about what the drug is for.
        return blank("no treatment linked to it", self.topic)
