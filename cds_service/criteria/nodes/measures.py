"""Numeric results against limits into a Value: `measure` and `times_upper_limit` (spec 1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria.evaluation import Missing
from cds_service.criteria.fields import Limit, Window, declare
from cds_service.criteria.node import Context, Node
from cds_service.criteria.nodes.absence import absent, searched_types
from cds_service.criteria.nodes.pool import Pool, cite, contrary, none_usable, pool, sure, told, unreadable
from cds_service.criteria.nodes.windows import EVER, day_outside
from cds_service.criteria.value import Value, decided, on_date, silent, unsettled
from fhir_mappings.inputs import Range, Result, Standing


@dataclass(frozen=True, kw_only=True)
class NumberNode(Node):
    """What all numeric nodes share: which results, which window, which of several counts (ruling 7)."""

    within: Window = declare(kinds.WINDOW, EVER)
    pick: str = declare(kinds.choice("latest", "worst", "any"), "latest")
    policy: str = declare(kinds.choice("open", "quiet"), "open")

    def test(self, result: Result) -> bool | None:
        """Whether one result satisfies the node; None where it can't be told."""
        raise NotImplementedError(f"{type(self).__name__} has no test")

    def judge(self, context: Context) -> Value:
        found = pool(context, self.inputs(), self.within)
        if self.policy == "quiet" and not found.inside and not found.perhaps:
            return absent(self, context, self.inputs(), searched_types(context, self.inputs()), "quiet", self.within)
        held = found.inside + found.perhaps
        if self.weight == "note" and held and all(self.test(one) is False for one in held):
            return silent(self.topic)  # not even a result that is not final says what would be noted
        if self.pick == "any":
            return self._any(found, context)
        if not found.inside and not found.perhaps:
            return none_usable(self, context, self.inputs(), found, self.within)
        return self._newest(found, context)

    def _any(self, found: Pool, context: Context) -> Value:
        true = [one for one in found.inside if sure(one) and self.test(one) is True]
        if true:
            newest = true[-1]
            flip = on_date(day_outside(newest.when.last, self.within.duration)) if self.within.duration and newest.when else None
            value = decided(True, "; ".join(told(one) for one in true), tuple(cite(one) for one in true))
            return value if flip is None else decided(True, told(newest), value.evidence, flip)
        # A suspicious value may in truth be another one, whatever its number says.
        open_ = [one for one in found.inside + found.perhaps if self.test(one) is not False or one.conflict]
        if open_:
            return self._doubt(tuple(open_))
        if not found.inside:
            return none_usable(self, context, self.inputs(), found, self.within)
        if not any(sure(one) for one in found.inside):
            return self._doubt(found.inside)
        return decided(False, told(found.inside[-1]), tuple(cite(one) for one in found.inside))

    def _newest(self, found: Pool, context: Context) -> Value:
        newest = found.newest
        said = [(one, self.test(one)) for one in newest]
        verdicts = {verdict for _, verdict in said}
        if not newest or None in verdicts or not all(sure(one) for one in newest):
            if self.pick == "worst" and any(sure(one) and verdict for one, verdict in said):
                verdicts = {True}
            else:
                return self._doubt(newest or found.perhaps)
        if len(verdicts) > 1 and self.pick != "worst":
            return unsettled("results of one day differ: " + "; ".join(told(one) for one in newest), tuple(cite(one) for one in newest))
        truth = True in verdicts
        against = [one for one in found.perhaps if self.test(one) is not truth] + contrary(found, truth, self.test)
        if against:
            first = _why(against[0]) if against[0].standing is Standing.TEXT else f"{told(against[0])} may be newer"
            return unsettled(first, tuple(cite(one) for one in [*newest, *against]))
        telling = [one for one, verdict in said if verdict is truth]
        notes = ("worst of several results of one day",) if len(newest) > 1 and len(verdicts) > 1 else ()
        return decided(truth, "; ".join(dict.fromkeys(told(one) for one in telling)), tuple(cite(one) for one in telling), notes=notes)

    def _doubt(self, results: tuple[Result, ...]) -> Value:
        """Results that can't decide: undated, preliminary, named in words, suspicious, or without a readable value."""
        if all(self.test(one) is None and one.value is None for one in results):
            return unreadable(self, self.inputs(), results)
        doubtful = tuple(one for one in results if not sure(one) or one.when is None or not one.when.exact)
        why = "; ".join(dict.fromkeys(_why(one) for one in results))
        missing = Missing(self.inputs()[0], self.topic, f"check or repeat {self.topic}")
        return unsettled(why, tuple(cite(one) for one in results), review=bool(doubtful), missing=missing)


def _why(result: Result) -> str:
    words = {Standing.UNCONFIRMED: "preliminary", Standing.TEXT: "named in words only", Standing.UNCLEAR: "status unclear"}
    if result.standing in words:
        return f"{told(result)}: {words[result.standing]}"
    if result.problem:
        return f"{told(result)}: {result.problem}"
    return f"{told(result)} does not settle it"


@dataclass(frozen=True, kw_only=True)
class MeasureNode(NumberNode):
    """A laboratory value against limits in its own unit; a limit may be given for each kind of unit (spec 1.4)."""

    KEY: ClassVar[str] = "measure"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"Observation", "QuestionnaireResponse"})
    measure: tuple[str, ...] = declare(kinds.SETS)
    above: tuple[Limit, ...] = declare(kinds.LIMITS, ())
    at_least: tuple[Limit, ...] = declare(kinds.LIMITS, ())
    below: tuple[Limit, ...] = declare(kinds.LIMITS, ())
    at_most: tuple[Limit, ...] = declare(kinds.LIMITS, ())

    def inputs(self) -> tuple[str, ...]:
        return self.measure

    @cached_property
    def _limits(self) -> dict[str, dict[str | None, Decimal]]:
        """Of each limit that is given, its value by unit."""
        given = {name: getattr(self, name) for name in ("above", "at_least", "below", "at_most")}
        return {name: {one.unit: one.value for one in reversed(limits)} for name, limits in given.items() if limits}

    def test(self, result: Result) -> bool | None:
        in_unit = {name: by_unit.get(result.unit) for name, by_unit in self._limits.items()}
        if result.value is None or None in in_unit.values():
            return None
        return meets(result.value, **in_unit)


def meets(
    value: Range,
    *,
    above: Decimal | None = None,
    at_least: Decimal | None = None,
    below: Decimal | None = None,
    at_most: Decimal | None = None,
) -> bool | None:
    """Whether every possible value satisfies the limits that are given (True), none does (False), else None."""
    tests = [test(limit) for limit, test in ((above, value.above), (at_least, value.at_least)) if limit is not None]
    for limit, test in ((below, value.at_least), (at_most, value.above)):
        if limit is not None:
            outcome = test(limit)
            tests.append(None if outcome is None else not outcome)
    if False in tests:
        return False
    return None if None in tests else True


@dataclass(frozen=True, kw_only=True)
class UpperLimitNode(NumberNode):
    """A value as a multiple of the upper limit of its own reference range; without a range it is unknown (spec 1.4)."""

    KEY: ClassVar[str] = "times_upper_limit"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"Observation", "QuestionnaireResponse"})
    times_upper_limit: tuple[str, ...] = declare(kinds.SETS)
    above: Decimal | None = declare(kinds.NUMBER, None, "× the upper limit")
    at_least: Decimal | None = declare(kinds.NUMBER, None, "× the upper limit")

    def inputs(self) -> tuple[str, ...]:
        return self.times_upper_limit

    def test(self, result: Result) -> bool | None:
        if result.value is None or result.upper is None:
            return None
        above = None if self.above is None else self.above * result.upper
        at_least = None if self.at_least is None else self.at_least * result.upper
        return meets(result.value, above=above, at_least=at_least)


@dataclass(frozen=True, kw_only=True)
class LowerLimitNode(NumberNode):
    """A value under the lower limit of its own reference range; without a range it is unknown (spec 1.4)."""

    KEY: ClassVar[str] = "under_lower_limit"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"Observation"})
    under_lower_limit: tuple[str, ...] = declare(kinds.SETS)

    def inputs(self) -> tuple[str, ...]:
        return self.under_lower_limit

    def test(self, result: Result) -> bool | None:
        if result.value is None or result.lower is None:
            return None
        return meets(result.value, below=result.lower)
