"""Recorded scores and assessments into a Value: `score`, `graded_domains` and `trend` (spec 1.5)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria.evaluation import Evidence, Missing
from cds_service.criteria.fields import Window, declare
from cds_service.criteria.node import Context, Node
from cds_service.criteria.nodes.measures import NumberNode, meets
from cds_service.criteria.nodes.pool import cite, contrary, none_usable, pool, sure, told
from cds_service.criteria.value import Value, blank, decided, unsettled
from fhir_mappings.dates import Duration
from fhir_mappings.inputs import Range, Result
from fhir_mappings.units import SCORE, canonical_unit

_SCALES = frozenset({"maximum", "other_maximum"})
_CUT_OFFS = frozenset({"at_least", "at_most", "review_from", "where_true", "review_from_where_true"}) | _SCALES


@dataclass(frozen=True, kw_only=True)
class ScoreNode(NumberNode):
    """A recorded score against a cut-off; under it (down to `review_from`) it may ask instead of deciding (ruling 14).

    With `depends_on` the cut-off depends on a yes/no component: `at_least` where it is false, `where_true` where it
    is true; where it is not told both must agree (IIM-1: whether a biopsy contributed). `part` tests a component's
    value instead of the score's. `scale` names the component that holds the score's maximum, which must be `maximum`;
    a score that does not say it, and that `other_maximum` does not rule out, may be on that other scale.
    """

    KEY: ClassVar[str] = "score"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"Observation", "QuestionnaireResponse"})
    score: tuple[str, ...] = declare(kinds.SETS)
    at_least: Decimal | None = declare(kinds.NUMBER, None)
    at_most: Decimal | None = declare(kinds.NUMBER, None)
    review_from: Decimal | None = declare(kinds.NUMBER, None)
    below: str = declare(kinds.choice("false", "lean-false"), "false")
    depends_on: str = declare(kinds.TEXT, "")
    where_true: Decimal | None = declare(kinds.NUMBER, None)
    review_from_where_true: Decimal | None = declare(kinds.NUMBER, None)
    part: str = declare(kinds.TEXT, "")
    scale: str = declare(kinds.TEXT, "")
    maximum: Decimal | None = declare(kinds.NUMBER, None)
    other_maximum: Decimal | None = declare(kinds.NUMBER, None)

    def unit(self, name: str) -> str:
        """That of the score, or of the part that is tested in its place; most have none but points."""
        if name not in _CUT_OFFS:
            return super().unit(name)
        held = canonical_unit(self.part if self.part and name not in _SCALES else self.score[0])
        return "points" if held in (None, SCORE) else str(held)

    def inputs(self) -> tuple[str, ...]:
        return self.score

    def test(self, result: Result) -> bool | None:
        value = self._value(result)
        if value is None or not self._same_scale(result):
            return None
        reached = {self._reaches(value, cut_off) for cut_off, _ in self._cut_offs(result)}
        return reached.pop() if len(reached) == 1 else None

    def _value(self, result: Result) -> Range | None:
        if not self.part:
            return result.value
        part = result.components.get(self.part)
        return part.value if part else None

    def _cut_offs(self, result: Result) -> list[tuple[Decimal | None, Decimal | None]]:
        """(cut-off, start of the review band) of each reading that is possible."""
        plain, other = (self.at_least, self.review_from), (self.where_true, self.review_from_where_true)
        if not self.depends_on:
            return [plain]
        part = result.components.get(self.depends_on)
        answer = part.boolean if part else None
        return [plain, other] if answer is None else [other if answer else plain]

    def _reaches(self, value: Range, cut_off: Decimal | None) -> bool | None:
        return meets(value, at_least=cut_off, at_most=self.at_most)

    def _same_scale(self, result: Result) -> bool:
        """Where the score says its maximum it must be this one (MMT-8: /150, not /80)."""
        part = result.components.get(self.scale) if self.scale else None
        if part is not None and part.value is not None:
            return part.value.exact == self.maximum
        return self.other_maximum is None or (result.value is not None and result.value.above(self.other_maximum) is True)

    def judge(self, context: Context) -> Value:
        value = super().judge(context)
        if value.truth is not False or self.below == "false":
            return value
        return self._under(pool(context, self.score, self.within).newest, value)

    def _under(self, newest: tuple[Result, ...], value: Value) -> Value:
        """Under the cut-off a recorded classification does not refute: review, lean false outside the review band (Q4)."""
        reason = "; ".join(one.text for one in value.reasons) + ", under the cut-off"
        in_band = any(
            band is not None and one.value is not None and self._reaches(one.value, band) is True
            for one in newest
            for _, band in self._cut_offs(one)
        )
        return unsettled(reason, value.evidence, lean=None if in_band else False)


@dataclass(frozen=True, kw_only=True)
class GradedDomainsNode(Node):
    """At least so many domains of one assessment with a grade (BILAG A or B); the latest assessment in the window counts."""

    KEY: ClassVar[str] = "graded_domains"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"Observation", "QuestionnaireResponse"})
    graded_domains: tuple[str, ...] = declare(kinds.SETS)
    grade: str = declare(kinds.TEXT)
    at_least: int = declare(kinds.INTEGER, 1, "domains")
    domains: int = declare(kinds.INTEGER, 0)
    within: Window = declare(kinds.WINDOW)

    def inputs(self) -> tuple[str, ...]:
        return self.graded_domains

    def judge(self, context: Context) -> Value:
        found = pool(context, self.graded_domains, self.within)
        if not found.newest:
            return none_usable(self, context, self.graded_domains, found, self.within)
        evidence = tuple(cite(one, self._summary(one)) for one in found.newest)
        if not all(sure(one) for one in found.newest):
            return unsettled(f"{self.topic} on {found.newest[-1].when} is not final", evidence)
        panels = [_grades(one) for one in found.newest]
        if len(panels) > 1 and any(panel != panels[0] for panel in panels):
            # One assessment's grades count together (SLE-4): two that differ can't be added up.
            return unsettled(f"several {self.topic} assessments of {found.newest[-1].when} differ", evidence)
        value = self._counted(panels[0], found.newest[-1], evidence)
        later = contrary(found, True, lambda _: None)  # its grades are not read: newer, it may say anything
        if value.truth is None or not later:
            return value
        return unsettled(f"{told(later[-1])}: named in words only", (*evidence, *(cite(one) for one in later)))

    def _summary(self, assessment: Result) -> str:
        """`BILAG-2004: A mucocutaneous`; what has no better grade than the one asked for is not told."""
        having = _having(_grades(assessment), self.grade)
        return f"{self.topic}: {self.grade} {', '.join(having)}" if having else ""

    def _counted(self, graded: dict[str, str], newest: Result, evidence: tuple[Evidence, ...]) -> Value:
        having = _having(graded, self.grade)
        plural = "domain" if len(having) == 1 else "domains"
        names = f" ({', '.join(having)})" if having else ""
        words = f"{len(having)} {plural} {self.grade} on {newest.when}{names}"
        if len(having) >= self.at_least:
            return decided(True, words, evidence)
        # Domains without a grade may have it: then the assessment does not settle it.
        ungraded = max(0, self.domains - sum(1 for grade in graded.values() if grade))
        if len(having) + ungraded >= self.at_least:
            return unsettled(f"{words}; {ungraded} not graded", evidence, review=False)
        return decided(False, words, evidence)


def _having(graded: dict[str, str], wanted: str) -> list[str]:
    """The names of the domains with this grade."""
    return [code.rpartition("-")[2] for code in sorted(code for code, grade in graded.items() if grade == wanted)]


def _grades(assessment: Result) -> dict[str, str]:
    return {code: (part.text or "").strip().upper() for code, part in assessment.components.items()}


@dataclass(frozen=True, kw_only=True)
class TrendNode(Node):
    """Whether the newest value in the window is above an earlier one of the look-back: points, never decides (SSC-5 b, Q10)."""

    KEY: ClassVar[str] = "trend"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"Observation", "QuestionnaireResponse"})
    trend: tuple[str, ...] = declare(kinds.SETS)
    within: Window = declare(kinds.WINDOW)
    look_back: Duration = declare(kinds.DURATION)

    def inputs(self) -> tuple[str, ...]:
        return self.trend

    def judge(self, context: Context) -> Value:
        now = pool(context, self.trend, self.within)
        usable = [one for one in now.inside if sure(one) and one.value and one.value.exact is not None]
        if not usable:
            return none_usable(self, context, self.trend, now, self.within)
        newest = usable[-1]
        unsure = [one for one in now.newest if one not in usable]
        if unsure:
            return unsettled(f"{self.topic} on {unsure[-1].when} is not final or can't be read", tuple(cite(one) for one in unsure))
        before = pool(context, self.trend, Window("look-back", self.look_back))
        earlier = [
            one for one in before.inside if sure(one) and one.when and newest.when and one.when.last < newest.when.first and _exact(one)
        ]
        if not earlier:
            missing = Missing(self.trend[0], f"an earlier {self.topic} of the last {self.look_back}", f"look for an earlier {self.topic}")
            return blank("only one value", self.topic, missing)
        return self._compared(newest, earlier)

    def _compared(self, newest: Result, earlier: list[Result]) -> Value:
        """Against the lowest value before; a rise since then that is a fall since another day is told with both."""
        now, lowest = _number(newest), min(earlier, key=_number)
        highest = max(reversed(earlier), key=_number)
        telling = [lowest] if now <= _number(lowest) or now >= _number(highest) else [lowest, highest]
        words = ", but ".join(f"{self.topic} {now - _number(one):+} since {one.when} ({_number(one)} to {now})" for one in telling)
        change = now - _number(lowest)
        lean = True if change > 0 else False if change < 0 else None
        return unsettled(words, (*(cite(one) for one in telling), cite(newest)), lean=lean)


def _number(result: Result) -> Decimal:
    assert result.value is not None
    assert result.value.exact is not None
    return result.value.exact


def _exact(result: Result) -> bool:
    return result.value is not None and result.value.exact is not None
