"""What a dosage instruction in words says, before any strength is known: steps of parts, each so much and so often (spec 1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from fhir_mappings.dates import Duration
from fhir_mappings.dosage_amount import Amount
from fhir_mappings.dosage_timing import Schedule


@dataclass(frozen=True, slots=True)
class Part:
    """One amount with its frequency; either may be missing. `turns`: a second amount, which takes turns with it day by day."""

    amount: Amount | None = None
    schedule: Schedule | None = None
    turns: Amount | None = None


@dataclass(frozen=True, slots=True)
class Fall:
    """Down `by` so much after each `lasting`, `until` so much or (None) nothing is taken."""

    by: Amount
    lasting: Duration
    until: Amount | None


@dataclass(frozen=True, slots=True)
class Step:
    """Parts taken side by side, for a time; `most` is (the most, in so many days)."""

    parts: tuple[Part, ...] = ()
    lasting: Duration | None = None
    as_needed: bool = False
    most: tuple[Amount, Fraction] | None = None
    fall: Fall | None = None


@dataclass(frozen=True, slots=True)
class Sig:
    """`follows`: it begins with "then", after an instruction before it."""

    steps: tuple[Step, ...]
    follows: bool = False

    @property
    def only(self) -> Part | None:
        """Its one part where it has no other."""
        return self.steps[0].parts[0] if len(self.steps) == 1 and len(self.steps[0].parts) == 1 else None


class NotUnderstood(ValueError):
    """A word is left over, or words contradict each other."""
