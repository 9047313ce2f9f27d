"""The typed facts (criteria inputs) that a patient's chart is mapped into: what a criterion may look at, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import NamedTuple

from fhir_mappings.dates import EARLIEST, Interval


class Standing(Enum):
    """What a record is worth (spec 0.4): only CONFIRMED decides; REFUTED is a documented negative."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNCONFIRMED = "unconfirmed"  # unconfirmed, provisional, differential, preliminary: review
    TEXT = "text"  # named in words only, without a code of ours: review at most
    CLASS = "class"  # a code tells the class of the drug and nothing which drug of it: review at most
    DISPUTED = "disputed"  # its own words say that it was not so: review, never decides
    UNCLEAR = "unclear"  # a status that is not listed: review, never decides


class State(Enum):
    """How whole the retrieval of a resource type was (design 5)."""

    WHOLE = "whole"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_PROVIDED = "not-provided"


@dataclass(frozen=True, slots=True)
class DataIssue:
    """Something in the chart that could not be read. Never holds a patient's name or identifier."""

    code: str  # kebab-case: unit-unmapped, date-unreadable, status-unknown, wrong-subject, resource-unreadable …
    reference: str
    issue: str


@dataclass(frozen=True, slots=True)
class SourceState:
    type: str
    state: State
    count: int


class Origin(NamedTuple):
    """Where a fact was read: `Type/id` (or the entry's fullUrl), version, the record's own words, and the grade."""

    reference: str
    version: str | None
    display: str
    grade: str = "coded"  # coded | parsed (read from text) | reported (a person's recorded answer)


@dataclass(frozen=True, slots=True)
class Record:
    """A coded event: a Condition, Procedure, Immunization, AllergyIntolerance, FHIR Consent …

    `when` is the event date by the precedence of spec 0.3 (onset/performed > asserted > issued > recorded);
    `dated_by` says which it was. `end` is abatement or the end of a performedPeriod.
    """

    concepts: frozenset[str]  # value-set ids that the codes (or, with Standing.TEXT, the words) name
    type: str  # resource type
    origin: Origin
    standing: Standing
    when: Interval | None
    dated_by: str | None = None  # event | asserted | issued | recorded
    onset: Interval | None = None
    asserted: Interval | None = None
    recorded: Interval | None = None
    end: Interval | None = None
    active: bool | None = None  # clinicalStatus active/recurrence/relapse; False when over; None when not said
    planned: bool = False  # dated after as_of, or an order/recommendation: a plan, not history
    about: frozenset[str] = frozenset()  # value sets of manifestation, reaction, reason …
    severity: str | None = None  # AllergyIntolerance.reaction.severity, worst
    reaction: str = ""  # what the allergy list says of the reactions, in its own words
    codes: frozenset[tuple[str, str]] = frozenset()  # (system, code), normalised: what tells two records of one value set apart
    again: bool = False  # clinicalStatus recurrence or relapse: an old disease that is back
    reason_of: str = ""  # visit, procedure, drug: only named as what that was for; it asks, never confirms or refutes.
    # stay: a diagnosis of the chart, and the visit that it led to. finding: concluded by a report or found by an observation
    worded: frozenset[str] = frozenset()  # Condition: value sets that its words name, beside its code


class Positivity(Enum):
    """Spec 1.3."""

    POS = "positive"
    NEG = "negative"
    BORDERLINE = "borderline"
    UNKNOWN = "unknown"


class Range(NamedTuple):
    """A numeric interval: what a value (or a comparator such as `<7`) may be. None is unbounded; `open_*` excludes the bound."""

    low: Decimal | None
    high: Decimal | None
    open_low: bool = False
    open_high: bool = False

    @property
    def exact(self) -> Decimal | None:
        return self.low if self.low is not None and self.low == self.high else None

    def above(self, limit: Decimal) -> bool | None:
        """value > limit for all possible values (True), none (False), else None."""
        if self.low is not None and (self.low > limit or (self.low == limit and self.open_low)):
            return True
        return False if self.high is not None and self.high <= limit else None

    def at_least(self, limit: Decimal) -> bool | None:
        """value >= limit for all possible values (True), none (False), else None."""
        if self.low is not None and self.low >= limit:
            return True
        return False if self.high is not None and (self.high < limit or (self.high == limit and self.open_high)) else None


@dataclass(frozen=True, slots=True)
class Result:
    """One laboratory result, score or measured observation of one value set.

    `value` is in the analyte's canonical unit `unit` (`units.py`); `kind` tells two kinds of unit apart where
    no conversion is allowed (creatinine mass / amount, spec 1.4). `upper` and `lower` are the limits of this
    observation's own reference range in the same unit; None where it has none.
    """

    concept: str
    origin: Origin
    standing: Standing  # CONFIRMED for final, amended, corrected; UNCONFIRMED for preliminary
    when: Interval | None
    value: Range | None = None
    unit: str | None = None
    upper: Decimal | None = None
    lower: Decimal | None = None
    positivity: Positivity | None = None
    conflict: bool = False  # value and interpretation disagree, implausible value …: review
    titre: Decimal | None = None  # 640 for 1:640
    codes: frozenset[str] = frozenset()  # answer value sets of valueCodeableConcept (cv.nyha_3_4, repro.pregnant …)
    day: Interval | None = None  # valueDateTime (estimated delivery date …)
    components: Mapping[str, Result] = field(default_factory=dict)  # by component code (`bilag-renal`, `biopsy-used`)
    text: str | None = None  # the raw value as the laboratory wrote it
    boolean: bool | None = None
    problem: str | None = None  # why there is no value: "unit 'mg' cannot be read as g/L", "no unit", "not performed"
    concepts: frozenset[str] = frozenset()  # all value sets of Observation.code


@dataclass(frozen=True, slots=True)
class DoseSegment:
    """One dosage instruction (or one administration): how many mg of the agent are taken a day, from `first` to `last`.

    `low` to `high` is the mean a day over the pattern (ranges and as-needed doses are intervals), `peak` the most on one
    day: 20 mg every other day is 10..10 with peak 20. All None where it can't be read; then `problem` says why. `first`
    and `last` are None where the record's own start and end bound it. Equal `pattern`s are one regimen: an alternating
    schedule is stable while its pattern is constant.
    """

    first: Interval | None
    last: Interval | None
    low: Fraction | None
    high: Fraction | None
    peak: Fraction | None
    pattern: str
    grade: str  # coded | parsed (read from text) | supply (dispensed quantity over days of supply)
    text: str  # the instruction as the record words it, to be quoted
    as_needed: bool = False
    problem: str | None = None
    final: bool = False  # nothing follows it by its own words: a single dose, "then stop"


class Denial(NamedTuple):
    """A statement that the drug is not taken on some days, from its date on unless it has an end."""

    origin: Origin
    days: Interval

    @property
    def words(self) -> str:
        return "recorded as not taken" + (f" since {self.days.first}" if self.days.first > EARLIEST else "")


class Product(NamedTuple):
    """What tells two products of one agent apart: milligrams in one tablet (or other unit of its form), and in one millilitre."""

    form: Fraction | None
    millilitre: Fraction | None


@dataclass(frozen=True, slots=True)
class Exposure:
    """One medication record as an exposure to one agent (spec 1.2). `agent` is a value-set id such as `drug.mmf`."""

    agent: str
    kind: str  # MedicationRequest | MedicationStatement | MedicationDispense | MedicationAdministration
    origin: Origin
    standing: Standing
    start: Interval | None
    end: Interval | None  # stated or derived end; None when open
    ongoing: bool  # active: without an end it covers as_of unless its last evidence is over 12 months old, with one perhaps still
    recorded: Interval | None  # the record's date: latest of authoredOn, dateAsserted, whenHandedOver, effective (ruling 12)
    route: str | None = None  # value-set id: route.oral …; None when not said
    systemic: bool | None = True  # False: topical, inhaled, nasal, ophthalmic …; None: to be reviewed (rectal, depot)
    planned: bool = False
    on_hold: bool = False
    reason: frozenset[str] = frozenset()  # value sets of reasonCode / reasonReference
    stopped_because: str | None = None
    doses: tuple[DoseSegment, ...] = ()  # empty where the record holds no dosage at all
    product: Product | None = None  # None where the record does not say which
    denial: Denial | None = None  # a statement of the same day or later that speaks against this record
    partial_end: bool = False  # `end` is stated, to the month or the year (spec 0.3), and not merely some day since the start (1.2)


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's recorded answer to one question (interfaces.md). value: True yes, False no, None unknown."""

    link_id: str
    value: bool | None
    origin: Origin
    authored: date
    author: str


@dataclass(frozen=True, slots=True)
class Participation:
    """A ResearchSubject with its study, as far as it could be resolved."""

    origin: Origin
    status: str
    period_start: Interval | None
    period_end: Interval | None
    identifiers: frozenset[tuple[str, str]]  # (system, value) of the ResearchStudy, normalised
    study_title: str | None
    interventional: bool | None  # False for an observational study or a registry; None where it is not said
    study_read: bool = True  # False where the study itself is not in the chart: what it is can't be told
    consent_status: str | None = None
    consent_origin: Origin | None = None
    consent_date: Interval | None = None


class Anatomy(Enum):
    """Reproductive anatomy by the precedence of spec 0.5; UNKNOWN asks, never skips."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Person:
    """What the Patient resource says that a criterion may use."""

    reference: str
    origin: Origin
    birth: Interval | None
    birth_problem: str | None
    deceased: bool
    replaced: bool
    active: bool
    anatomy: Anatomy
    anatomy_note: str | None = None


class Listed(NamedTuple):
    """A list's usable entries that name something, and whether there are others of which nothing can be told."""

    named: int
    unnamed: bool


NOTHING_LISTED = Listed(0, False)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a criterion may look at. Facts are in a stable order that does not depend on the order of the Bundle."""

    person: Person
    as_of: date
    records: Mapping[str, tuple[Record, ...]]  # value-set id -> records
    results: Mapping[str, tuple[Result, ...]]  # value-set id -> results
    exposures: Mapping[str, tuple[Exposure, ...]]  # agent -> exposures
    answers: Mapping[str, tuple[Answer, ...]]  # linkId -> answers
    participations: tuple[Participation, ...]
    sources: Mapping[str, SourceState]  # resource type -> how whole
    recording_dates: tuple[date, ...]  # sorted; for coverage (spec 0.2)
    medication_dates: tuple[date, ...]  # sorted dates of medication records (ruling 12)
    no_medication: Origin | None  # an explicit "no medication" statement
    no_allergies: Origin | None  # "no known (drug) allergy" asserted
    issues: tuple[DataIssue, ...]
    allergies: Listed = NOTHING_LISTED  # how many allergies the list names, and whether each can be read
    later_records: bool = False  # the chart holds records dated after as_of: an Evaluation for a past date
    months_silent: int | None = None  # for how long nobody wrote in the chart, where that is more than 12 months
