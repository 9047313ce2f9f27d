"""A patient's exposures and a trial into the rows of the drug history: which drug at which dose on which days."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from cds_service.criteria.model import Criterion, Trial
from cds_service.criteria.nodes.stability import ContinuousNode, UnchangedNode
from fhir_mappings.dates import EARLIEST
from fhir_mappings.dose_series import Dose, Step, plain_mg, steps
from fhir_mappings.dose_words import number, rate
from fhir_mappings.exposure_counting import taken
from fhir_mappings.glucocorticoids import is_depot
from fhir_mappings.inputs import Exposure, Inputs
from fhir_mappings.terminology import ValueSet

_HISTORY = ("exposed", "continuous", "unchanged")  # the kinds of node that look at a drug's history


@dataclass(frozen=True, slots=True)
class Bar:
    """Days at one dose. `sure` is False where whether, or how much, is taken is open; `why` then says so."""

    first: date
    last: date
    dose: str
    sure: bool
    why: str


@dataclass(frozen=True, slots=True)
class Row:
    """One drug: its bars in time, and injections that are no daily dose."""

    name: str
    bars: tuple[Bar, ...]
    marks: tuple[date, ...] = ()

    @property
    def first(self) -> date:
        return min((*(bar.first for bar in self.bars), *self.marks))


@dataclass(frozen=True, slots=True)
class Look:
    """So many days up to `as_of` that criteria look at, and in words what for: `SLE-5: background therapy without a gap`."""

    days: int
    what: str


@dataclass(frozen=True, slots=True)
class History:
    """All rows, oldest first; the days before `as_of` that background criteria look at, longest first."""

    rows: tuple[Row, ...]
    looks: tuple[Look, ...]
    as_of: date


def drug_history(inputs: Inputs, trial: Trial, value_sets: Mapping[str, ValueSet], arms: Collection[str] = ()) -> History:
    """The drugs whose history some criterion of the trial reads; of `arms`, where some are given, and of all patients."""
    criteria = [one for one in trial.criteria if not arms or not one.arm or one.arm in arms]
    nodes = [node for criterion in trial.criteria for node in criterion.nodes()]
    agents = sorted({agent for node in nodes if node.KEY in _HISTORY for agent in node.inputs()})
    rows = [_row(agent, inputs, str(value_sets[agent].title)) for agent in agents if taken(inputs.exposures.get(agent, ()))]
    return History(tuple(sorted((row for row in rows if row.bars or row.marks), key=lambda row: row.first)), _looks(criteria), inputs.as_of)


def _looks(criteria: Iterable[Criterion]) -> tuple[Look, ...]:
    """Criteria that ask for the same over the same days are named together."""
    found: dict[tuple[int, str], list[str]] = {}
    for criterion in criteria:
        for days, what in _asked(criterion):
            found.setdefault((days, what), []).append(criterion.id)
    return tuple(Look(days, f"{', '.join(names)}: {what}") for (days, what), names in sorted(found.items(), key=lambda one: -one[0][0]))


def _asked(criterion: Criterion) -> Iterator[tuple[int, str]]:
    """(84, "background therapy without a gap"), (30, "glucocorticoids and immunosuppressants unchanged")."""
    topics: dict[tuple[int, str], list[str]] = {}
    for node in criterion.nodes():
        if isinstance(node, ContinuousNode | UnchangedNode):
            how = "without a gap" if isinstance(node, ContinuousNode) else "unchanged"
            topics.setdefault((node.for_.days, how), []).append(node.topic)
    for (days, how), named in topics.items():
        yield days, f"{', '.join(dict.fromkeys(named))} {how}"


def _row(agent: str, inputs: Inputs, name: str) -> Row:
    exposures = taken(inputs.exposures[agent])
    begun = min((one.start.first for one in exposures if one.start and one.start.first > EARLIEST), default=inputs.as_of)
    series = steps({agent: exposures}, begun, inputs.as_of, inputs.as_of, plain_mg)
    marks = tuple(one.start.first for one in exposures if is_depot(one) and one.start)
    return Row(name, tuple(_joined([_bar(step) for step in series if step.dose.exposures and not step.dose.is_zero])), marks)


def _bar(step: Step) -> Bar:
    dose = step.dose
    if not dose.known:
        return Bar(step.first, step.last, "dose not read" if _has_dosage(dose.exposures) else "no dose", False, "; ".join(dose.reasons))
    return Bar(step.first, step.last, _words(dose), dose.sure, "; ".join(dose.reasons))


def _words(dose: Dose) -> str:
    """`15 mg a day`, `15 mg a week`; of a dose on some days of the week also the one dose: `10 mg, 5 mg a day on average`."""
    told = rate(dose)
    if dose.every_day or dose.peak is None or not told.endswith("a day"):
        return told
    return f"{number(dose.peak)} mg, {told} on average"


def _has_dosage(exposures: tuple[Exposure, ...]) -> bool:
    return any(one.doses for one in exposures)


def _joined(bars: list[Bar]) -> list[Bar]:
    """Neighbours that say the same, as one."""
    found: list[Bar] = []
    for bar in bars:
        last = found[-1] if found else None
        if last and (last.dose, last.sure) == (bar.dose, bar.sure) and (bar.first - last.last).days <= 1:
            found[-1] = Bar(last.first, bar.last, bar.dose, bar.sure, bar.why)
        else:
            found.append(bar)
    return found
