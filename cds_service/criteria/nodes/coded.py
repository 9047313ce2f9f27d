"""Coded answers and recorded dates of Observations into a Value: `coded_result` and `future_date`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria.fields import Window, declare
from cds_service.criteria.node import Context, Node
from cds_service.criteria.nodes.absence import absent, searched_types
from cds_service.criteria.nodes.pool import Pool, cite, contrary, none_usable, pool, sure, told
from cds_service.criteria.nodes.windows import EVER, day_outside
from cds_service.criteria.value import STATE, Flip, Value, decided, on_date, unsettled
from fhir_mappings.dates import Duration, add_days
from fhir_mappings.inputs import Positivity, Result, Standing


@dataclass(frozen=True, kw_only=True)
class CodedResultNode(Node):
    """Whether the latest coded answer in the window is one of `answers`; false where it is one of `otherwise` (NYHA class).

    Without `answers` the code of the observation is itself the finding: it holds where nothing is said of it, or yes.
    `pick: any` — one such answer anywhere in the window is enough (an event within 6 months, E-18).
    """

    KEY: ClassVar[str] = "coded_result"
    ONLY_INPUTS: ClassVar[bool] = True
    coded_result: tuple[str, ...] = declare(kinds.SETS)
    answers: tuple[str, ...] = declare(kinds.SETS, ())
    otherwise: tuple[str, ...] = declare(kinds.SETS, ())
    within: Window = declare(kinds.WINDOW, EVER)
    pick: str = declare(kinds.choice("latest", "any"), "latest")
    policy: str = declare(kinds.choice("open", "quiet"), "open")

    def inputs(self) -> tuple[str, ...]:
        return (*self.coded_result, *self.answers, *self.otherwise)

    def judge(self, context: Context) -> Value:
        found = pool(context, self.coded_result, self.within)
        hits = [one for one in found.inside if self.pick == "any" and sure(one) and self._test(one) is True]
        if hits:
            return decided(True, told(hits[-1]), tuple(cite(one) for one in hits), self._flip(hits[-1]))
        if not found.newest:
            return self._none(found, context)
        verdicts = {self._test(one) for one in found.newest}
        evidence = tuple(cite(one) for one in found.newest)
        words = "; ".join(told(one) for one in found.newest)
        if len(verdicts) == 1 and None not in verdicts and all(sure(one) for one in found.newest):
            truth = verdicts.pop() is True
            named = [one for one in found.inside if self.pick == "any" and self._test(one) is True and one.standing is Standing.TEXT]
            against = named or contrary(found, truth, self._test)
            if against:
                return unsettled("; ".join(told(one) for one in [*found.newest, *against]), (*evidence, *(cite(one) for one in against)))
            return decided(truth, words, evidence, self._flip(found.newest[-1]))
        return unsettled(words, evidence)

    def _flip(self, newest: Result) -> Flip:
        if self.within.duration is None or newest.when is None:
            return STATE
        return on_date(day_outside(newest.when.last, self.within.duration))

    def _none(self, found: Pool, context: Context) -> Value:
        if self.policy == "quiet" and not found.perhaps:
            return absent(self, context, self.coded_result, searched_types(context, self.coded_result), "quiet", self.within)
        if found.perhaps:
            return unsettled("; ".join(told(one) for one in found.perhaps), tuple(cite(one) for one in found.perhaps))
        return none_usable(self, context, self.coded_result, found, self.within)

    def _test(self, result: Result) -> bool | None:
        if not self.answers:
            return _affirmed(result)
        if result.codes & set(self.answers):
            return None if result.codes & set(self.otherwise) else True
        return False if result.codes & set(self.otherwise) else None


def _affirmed(result: Result) -> bool | None:
    """What an observation whose code is a finding says of it: that it is there, that it is not, or what can't be told."""
    if result.boolean is not None:
        return result.boolean
    if result.positivity in (Positivity.POS, Positivity.NEG):
        return result.positivity is Positivity.POS
    return True if result.text is None and result.problem is None else None


@dataclass(frozen=True, kw_only=True)
class FutureDateNode(Node):
    """Whether a recorded date (estimated delivery) is still to come; one passed by less than `grace` asks (E-21)."""

    KEY: ClassVar[str] = "future_date"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"Observation", "QuestionnaireResponse"})
    future_date: tuple[str, ...] = declare(kinds.SETS)
    grace: Duration = declare(kinds.DURATION, Duration(days=0))

    def inputs(self) -> tuple[str, ...]:
        return self.future_date

    def judge(self, context: Context) -> Value:
        found = pool(context, self.future_date, EVER)
        dated = [one for one in found.inside + found.perhaps if one.day is not None]
        if not dated:
            return absent(self, context, self.future_date, searched_types(context, self.future_date), "quiet", EVER)
        newest = dated[-1]
        assert newest.day is not None
        if newest.day.first > context.as_of and sure(newest):
            flip = on_date(add_days(newest.day.last, 1))
            return decided(True, f"{self.topic} {newest.day}", (cite(newest),), flip)
        if self.grace.after(newest.day.last) >= context.as_of:
            return unsettled(f"{self.topic} {newest.day} has passed, no outcome recorded", (cite(newest),))
        return decided(False, f"{self.topic} {newest.day} has passed", (cite(newest),))
