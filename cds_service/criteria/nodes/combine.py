"""The combinators: `all_of`, `any_of`, `at_least … of`, `not`, and `arm`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria import logic
from cds_service.criteria.fields import declare
from cds_service.criteria.node import Context, Node, evaluate_node
from cds_service.criteria.value import FALSE, TRUE, Value, unsettled
from fhir_mappings.dates import Duration


@dataclass(frozen=True, kw_only=True)
class AllOfNode(Node):
    """True where all hold. With `apart_at_most`, facts that lie further apart than that ask instead (SLE-4)."""

    KEY: ClassVar[str] = "all_of"
    ONLY_INPUTS: ClassVar[bool] = True
    all_of: tuple[Node, ...] = declare(kinds.NODES)
    apart_at_most: Duration | None = declare(kinds.DURATION, None)

    def judge(self, context: Context) -> Value:
        value = logic.all_of(_judged([evaluate_node(node, context) for node in self.all_of]))
        if value.truth is True and self.apart_at_most and _apart(value, self.apart_at_most):
            return unsettled(f"the assessments lie more than {self.apart_at_most} apart", value.evidence, notes=value.notes)
        return value


def _judged(values: list[Value]) -> list[Value]:
    """A judgement that only a person can make leans once the documented part is satisfied, and not before (spec head, ii)."""
    documented = all(value.lean is True for value in values if not value.by_person)
    return values if documented else [value._replace(lean=None, review=False) if value.by_person else value for value in values]


def _apart(value: Value, most: Duration) -> bool:
    days = [date.fromisoformat(one.date) for one in value.evidence if one.date and len(one.date) == 10]
    return bool(days) and most.after(min(days)) < max(days)


@dataclass(frozen=True, kw_only=True)
class AnyOfNode(Node):
    """True where at least one holds."""

    KEY: ClassVar[str] = "any_of"
    ONLY_INPUTS: ClassVar[bool] = True
    any_of: tuple[Node, ...] = declare(kinds.NODES)

    def judge(self, context: Context) -> Value:
        return logic.any_of([evaluate_node(node, context) for node in self.any_of])


@dataclass(frozen=True, kw_only=True)
class AtLeastNode(Node):
    """True where at least so many of the nodes hold, each counted as often as it is `worth` (points of a score)."""

    KEY: ClassVar[str] = "at_least"
    ONLY_INPUTS: ClassVar[bool] = True
    at_least: int = declare(kinds.INTEGER)
    of: tuple[Node, ...] = declare(kinds.NODES)

    def unit(self, name: str) -> str:
        return "points" if name == "at_least" and any(node.worth != 1 for node in self.of) else super().unit(name)

    def judge(self, context: Context) -> Value:
        values = [value for node in self.of for value in [evaluate_node(node, context)] * node.worth]
        value = logic.at_least(self.at_least, values)
        held = sum(one.truth is True for one in values)
        count = f"{held} {self.unit('at_least')} shown, {self.at_least} needed".replace("  ", " ")
        return value._replace(reasons=(value.reasons[0]._replace(text=count, topic=None), *value.reasons)) if value.reasons else value


@dataclass(frozen=True, kw_only=True)
class NotNode(Node):
    """True where the node does not hold."""

    KEY: ClassVar[str] = "not"
    ONLY_INPUTS: ClassVar[bool] = True
    not_: Node | None = declare(kinds.NODE)

    def judge(self, context: Context) -> Value:
        assert self.not_ is not None
        return logic.negated(evaluate_node(self.not_, context))


@dataclass(frozen=True, kw_only=True)
class ArmNode(Node):
    """True while this arm is evaluated (E-08's exception is the IIM arm's)."""

    KEY: ClassVar[str] = "arm"
    ONLY_INPUTS: ClassVar[bool] = True
    VARIES: ClassVar[bool] = True
    arm: str = declare(kinds.ARM)

    def judge(self, context: Context) -> Value:
        return TRUE if context.arm == self.arm else FALSE
