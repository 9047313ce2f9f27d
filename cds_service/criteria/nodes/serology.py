"""Positive or negative results against a window into a Value: `serology` (spec 1.3, ruling 7)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria.evaluation import Missing
from cds_service.criteria.fields import Window, declare
from cds_service.criteria.node import Context, Node
from cds_service.criteria.nodes.absence import absent, searched_types
from cds_service.criteria.nodes.pool import Pool, cite, none_usable, pool, sure, told, unreadable
from cds_service.criteria.nodes.windows import EVER
from cds_service.criteria.value import Value, decided, unsettled
from fhir_mappings.inputs import Positivity, Result, Standing


@dataclass(frozen=True, kw_only=True)
class SerologyNode(Node):
    """True where the test is positive in the window.

    `pick: any` — any positive counts, a newer negative is a note. `pick: latest` — the latest counts, an earlier
    positive inside the window beside it asks. `stale_positive` says what a positive from before the window is worth.
    A positive titre below `weak_below` asks (ANA 1:40); a negative confirmation by `contested_by` asks. With policy
    `quiet` the clause speaks only where a result stands in the window.
    """

    KEY: ClassVar[str] = "serology"
    ONLY_INPUTS: ClassVar[bool] = True
    READS: ClassVar[frozenset[str]] = frozenset({"Observation", "QuestionnaireResponse"})
    serology: tuple[str, ...] = declare(kinds.SETS)
    within: Window = declare(kinds.WINDOW, EVER)
    pick: str = declare(kinds.choice("any", "latest"), "any")
    stale_positive: str = declare(kinds.choice("none", "review", "lean-true"), "none")
    weak_below: Decimal | None = declare(kinds.NUMBER, None)
    contested_by: tuple[str, ...] = declare(kinds.SETS, ())
    policy: str = declare(kinds.choice("open", "quiet"), "open")

    def inputs(self) -> tuple[str, ...]:
        return (*self.serology, *self.contested_by)

    def judge(self, context: Context) -> Value:
        found = pool(context, self.serology, self.within)
        positive = [one for one in found.inside if self._firm(one, Positivity.POS)]
        negative = [one for one in found.inside if self._firm(one, Positivity.NEG)]
        doubtful = [
            one
            for one in found.inside + found.perhaps
            if one not in positive
            and one not in negative
            and not _harmless(one, found, positive, negative)
            and not self._settled(one, negative)
            and not self._silent(one)
        ]
        if positive:
            against = [one for one in pool(context, self.contested_by, self.within).inside if self._firm(one, Positivity.NEG)]
            return self._contested(positive[-1], against) if against else self._positive(positive, negative, doubtful)
        if doubtful:
            return self._doubt(doubtful)
        if negative:
            notes = () if self.stale_positive == "none" else self._positive_before(found)
            return decided(False, f"{self.topic}: {told(negative[-1])}", tuple(cite(one) for one in negative[-1:]), notes=notes)
        return self._stale(found, context)

    def _firm(self, result: Result, wanted: Positivity) -> bool:
        if result.positivity is not wanted or not sure(result):
            return False
        weak = self.weak_below is not None and result.titre is not None and result.titre < self.weak_below
        return not (wanted is Positivity.POS and weak)

    def _settled(self, result: Result, negative: list[Result]) -> bool:
        """An indeterminate result is settled by a negative of a later day (a repeated IGRA, E-23); one without a value may be positive."""
        unclear = result.positivity is Positivity.BORDERLINE
        return self.pick == "latest" and unclear and any(_before(result, one) for one in negative)

    def _silent(self, result: Result) -> bool:
        """A test that only words name, and negative: where the clause speaks of findings alone, it says nothing."""
        return self.policy == "quiet" and result.standing is Standing.TEXT and result.positivity is Positivity.NEG

    def _positive(self, positive: list[Result], negative: list[Result], doubtful: list[Result]) -> Value:
        newest = positive[-1]
        later = [one for one in negative if _not_before(one, newest)]
        unread = [one for one in doubtful if _not_before(one, newest)]
        if self.pick == "latest" and later:
            both = [newest, *later]
            return unsettled(f"{self.topic}: positive and negative results", tuple(cite(one) for one in both))
        if self.pick == "latest" and unread:
            words = f"{told(newest)}, but a result that may be newer is not settled"
            return unsettled(words, tuple(cite(one) for one in [newest, *unread]), lean=True)
        notes = (f"{self.topic}: {_how_new(later[-1], newest)} is negative ({told(later[-1])})",) if later else ()
        return decided(True, f"{self.topic} positive: {told(newest)}", (cite(newest, self._named(newest)),), notes=notes)

    def _named(self, positive: Result) -> str:
        """`ANA positive 1:640`: the name that people use, and the value where it is more than the word."""
        value = positive.text or ""
        return f"{self.topic} positive {value if any(letter.isdigit() for letter in value) else ''}".strip()

    def _contested(self, positive: Result, against: list[Result]) -> Value:
        """A reactive screen with a negative confirmation (E-22) asks."""
        return unsettled(f"{told(positive)}, but {told(against[-1])}", (cite(positive), *(cite(one) for one in against)))

    def _doubt(self, doubtful: list[Result]) -> Value:
        """Borderline, weak, conflicting, preliminary, undated or unread: an unread value may be positive, so no negative decides."""
        unread = tuple(one for one in doubtful if one.positivity in (None, Positivity.UNKNOWN) and sure(one))
        if len(unread) == len(doubtful):
            return unreadable(self, self.serology, unread)
        missing = Missing(self.serology[0], self.topic, f"check or repeat {self.topic}")
        asking = [one for one in doubtful if one not in unread]
        why = "; ".join(dict.fromkeys(f"{told(one)}: {_why(one)}" for one in asking))
        return unsettled(why, tuple(cite(one) for one in asking), missing=missing)

    def _positive_before(self, found: Pool) -> tuple[str, ...]:
        """That it was positive before the window, beside a negative in it: which of the two is the error, if any, only a person knows."""
        positive = [one for one in found.stale if self._firm(one, Positivity.POS)]
        return (f"{self.topic} was positive before: {told(positive[-1])}",) if positive else ()

    def _stale(self, found: Pool, context: Context) -> Value:
        positive = [one for one in found.stale if self._firm(one, Positivity.POS)]
        if self.policy == "quiet":
            return absent(self, context, self.serology, searched_types(context, self.serology), "quiet", self.within)
        if not positive or self.stale_positive == "none":
            return none_usable(self, context, self.serology, found, self.within)
        newest = positive[-1]
        missing = Missing(self.serology[0], f"{self.topic} from the last {self.within.duration}", f"repeat {self.topic}")
        lean = True if self.stale_positive == "lean-true" else None
        return unsettled(
            f"{self.topic} positive, but older than {self.within}: {told(newest)}",
            (cite(newest, self._named(newest)),),
            lean=lean,
            missing=missing,
        )


def _how_new(negative: Result, positive: Result) -> str:
    """What to call a negative result that is not older than a positive one."""
    if _before(positive, negative):
        return "a newer result"
    is_same = negative.when is not None and negative.when.exact and negative.when == positive.when
    return "another result of that day" if is_same else "a result that may be newer"


def _not_before(result: Result, other: Result) -> bool:
    """Whether a result may be as new as the other: of its day, later, or undated."""
    return result.when is None or other.when is None or result.when.last >= other.when.first


def _before(result: Result, other: Result) -> bool:
    return result.when is not None and other.when is not None and result.when.last < other.when.first


def _harmless(result: Result, found: Pool, positive: list[Result], negative: list[Result]) -> bool:
    """A negative of doubtful date changes nothing beside firm negatives; what only words name, nothing where it agrees or is older."""
    if result.positivity is Positivity.NEG and result in found.perhaps and sure(result):
        return bool(found.inside) and not positive
    if result.standing is not Standing.TEXT:
        return False
    firm = positive or negative
    if not firm:
        return any(one.standing is Standing.CONFIRMED for one in found.inside)  # the coded one asks already
    if result.positivity is (Positivity.POS if positive else Positivity.NEG):
        return True
    # An earlier positive beside a later negative asks (ruling 7); one that can't be read says nothing unless it is newer.
    unread = result.positivity in (None, Positivity.UNKNOWN)
    return unread and result.when is not None and not _before(firm[-1], result)


def _why(result: Result) -> str:
    if result.conflict:
        return result.problem or "value and interpretation disagree"
    words = {Standing.UNCONFIRMED: "preliminary", Standing.TEXT: "named in words only", Standing.UNCLEAR: "status unclear"}
    if result.standing in words:
        return words[result.standing]
    if result.when is None or (result.positivity is Positivity.POS and not result.when.exact):
        return "its date does not show that it is in the period"
    if result.positivity is Positivity.BORDERLINE:
        return result.problem or "borderline"
    return "weak positive" if result.positivity is Positivity.POS else "does not settle it"
