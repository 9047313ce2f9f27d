"""The Evaluation: verdicts of one trial on one patient, in the shape that `interfaces.md` fixes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cds_service.criteria.holding import held_by, shown_status
from fhir_mappings.inputs import DataIssue, Origin, SourceState

# Best first: an Evaluation's status is the best over its arms.
STATUSES = ("potentially-eligible", "needs-data", "ineligible-now", "ineligible", "out-of-scope")

STALE = "chart-stale"  # the issue of a chart in which nobody wrote lately


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record that was read, how to find it in the chart, and what it says.

    `told`: the same in the criterion's words, with its date ("ANA positive 1:640, 2026-11-16"), where a line of a card is too short
    for the record's own; '' where there is no better way to say it. `dating`: what a diagnosis's date is, `since` (onset) or `recorded`.
    """

    origin: Origin
    date: str | None
    display: str
    told: str = field(default="", compare=False)
    dating: str = field(default="", compare=False)

    def to_json(self) -> dict[str, Any]:
        return {
            "reference": self.origin.reference,
            "versionId": self.origin.version,
            "date": self.date,
            "display": self.display,
            "grade": self.origin.grade,
        }


@dataclass(frozen=True, slots=True)
class Missing:
    """What would settle an unknown, and how to get it.

    `way`: it can be got (`obtain`), nothing is recorded and somebody must be asked (`history`), or the chart must be read with a
    `question`. `unsent`: the resource types in which it would stand and that could not be had whole.
    """

    input: str
    what: str
    action: str
    way: str = "obtain"
    unsent: tuple[str, ...] = ()

    def to_json(self) -> dict[str, str]:
        return {"input": self.input, "what": self.what, "action": self.action}


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion's verdict: met | not-met | unknown of an inclusion, clear | triggered | unknown of an exclusion."""

    id: str
    kind: str
    text: str
    verdict: str
    applicable: bool
    presumed: bool
    review: bool
    lean: str | None
    open: str | None
    cure: str
    reason: str
    evidence: tuple[Evidence, ...]
    missing: tuple[Missing, ...]
    question: str | None
    notes: tuple[str, ...]
    open_questions: tuple[str, ...]
    sensitive: bool
    recheck_on: date | None
    finding: str = ""  # of an unknown, what the records say that a person must look at, without what was not found
    settled: str = ""  # of an unknown, the first thing that the records have settled already

    @property
    def passes(self) -> bool:
        return self.verdict in ("met", "clear")

    @property
    def fails(self) -> bool:
        return self.verdict in ("not-met", "triggered")

    @property
    def leans_to_fail(self) -> bool:
        return self.lean in ("not-met", "triggered")

    @property
    def opens(self) -> bool:
        """Whether an arm's gate opens here: met, leaning met, or a person's to say without leaning to fail (spec head, Status)."""
        return self.passes or self.lean == "met" or (self.open == "person" and not self.leans_to_fail)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "text": self.text,
            "verdict": self.verdict,
            "applicable": self.applicable,
            "presumed": self.presumed,
            "review": self.review,
            "lean": self.lean,
            "open": self.open,
            "cure": self.cure,
            "reason": self.reason,
            "evidence": [one.to_json() for one in self.evidence],
            "missing": [one.to_json() for one in self.missing],
            "question": self.question,
            "notes": list(self.notes),
            "openQuestions": list(self.open_questions),
            "sensitive": self.sensitive,
            "recheckOn": _day(self.recheck_on),
        }


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One arm: its status and every criterion that binds it or concerns it, in protocol order."""

    id: str
    title: str
    text: str
    status: str
    recheck_on: date | None
    criteria: tuple[CriterionResult, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "text": self.text,
            "status": self.status,
            "recheckOn": _day(self.recheck_on),
            "criteria": [one.to_json() for one in self.criteria],
        }


@dataclass(frozen=True, slots=True)
class Hold:
    """Why no one should be approached whatever the criteria say: deceased | replaced | trial-not-open."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All arms of one trial for one patient on one day. There is no status "eligible"."""

    trial: str
    definition: str
    as_of: date
    patient: str
    status: str
    holds: tuple[Hold, ...]
    arms: tuple[ArmResult, ...]
    sources: tuple[SourceState, ...]
    data_issues: tuple[DataIssue, ...]

    @property
    def stale(self) -> str:
        """That nobody wrote in the chart lately, in words; '' where somebody did. It changes no verdict: old results are unknown by
        their own windows."""
        return next((one.issue for one in self.data_issues if one.code == STALE), "")

    @property
    def unread(self) -> tuple[DataIssue, ...]:
        """The records that could not be read or used."""
        return tuple(one for one in self.data_issues if one.code != STALE)

    @property
    def held(self) -> tuple[str, ...]:
        """Why the patient is on hold; () where she is not. Her verdicts stand, but are no headline."""
        return held_by(one.code for one in self.holds)

    def shown(self, status: str) -> str:
        """The Evaluation's status, or an arm's, as people are to read it."""
        return shown_status(status, self.held)

    def to_json(self) -> dict[str, Any]:
        return {
            "trial": self.trial,
            "definition": self.definition,
            "asOf": self.as_of.isoformat(),
            "patient": self.patient,
            "status": self.status,
            "holds": [{"code": one.code, "reason": one.reason} for one in self.holds],
            "arms": [arm.to_json() for arm in self.arms],
            "sources": [{"type": one.type, "state": one.state.value, "count": one.count} for one in self.sources],
            "dataIssues": [{"code": one.code, "reference": one.reference, "issue": one.issue} for one in self.data_issues],
        }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
