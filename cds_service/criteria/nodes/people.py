"""What the Patient resource and people say into a Value: `age`, `anatomy`, `ask`, `consent`, `takes_part`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria.evaluation import Evidence, Missing
from cds_service.criteria.fields import Window, declare
from cds_service.criteria.node import Context, Node, evidence_of
from cds_service.criteria.nodes.absence import absent
from cds_service.criteria.nodes.pool import cite as cite_result
from cds_service.criteria.nodes.records import cite, gather
from cds_service.criteria.value import NEVER, SOME_DAY, STATE, Value, asked, blank, decided, on_date, unsettled
from fhir_mappings.dates import Duration, Interval, add_days
from fhir_mappings.inputs import Anatomy, Participation, Positivity, Result, Standing


@dataclass(frozen=True, kw_only=True)
class AgeNode(Node):
    """From the `age`-th birthday until the day before the `below`-th, if the trial has one, on the day of consent or else of evaluation
    (I-02)."""

    KEY: ClassVar[str] = "age"
    age: int = declare(kinds.INTEGER, unit="years")
    below: int | None = declare(kinds.INTEGER, None, unit="years")
    warn: Duration | None = declare(kinds.DURATION, None)

    def judge(self, context: Context) -> Value:
        birth = context.inputs.person.birth
        evidence = (evidence_of(context.inputs.person.origin, None, f"born {birth}"),) if birth else ()
        if birth is None:
            missing = Missing("birthDate", "date of birth", "check the date of birth in the registration")
            return blank(context.inputs.person.birth_problem or "no date of birth", None, missing)
        anchor = _consent_day(context) or context.as_of
        truths = {self._old_enough(day, anchor) for day in (birth.first, birth.last)}
        truths |= {self._old_enough(day, anchor, leap=True) for day in (birth.first, birth.last)}
        if len(truths) > 1:
            leap_only = birth.exact and (birth.first.month, birth.first.day) == (2, 29)
            return unsettled(
                "a birthday on 29 February falls on 28 February or 1 March" if leap_only else f"born {birth}: the birthday is not certain",
                evidence,
            )
        return self._told(truths.pop(), birth, anchor, context.as_of, evidence)

    def _old_enough(self, birth: date, anchor: date, leap: bool = False) -> str:
        """young | right | old; with `leap` a birthday of 29 February falls on 1 March in common years."""
        if anchor < birthday(birth, self.age, leap):
            return "young"
        return "right" if self.below is None or anchor < birthday(birth, self.below, leap) else "old"

    def _told(self, stage: str, birth: Interval, anchor: date, as_of: date, evidence: tuple[Evidence, ...]) -> Value:
        years = f"{_age(birth.last, anchor)} years on {anchor}"
        if stage == "young":
            # Younger than that on the day of consent stays so; on the day of evaluation it is a matter of time.
            is_past = anchor < as_of
            return decided(False, years, evidence, STATE if is_past else on_date(birthday(birth.first, self.age, False)))
        if stage == "old":
            return decided(False, years, evidence, NEVER)
        if self.below is None:
            return decided(True, years, evidence, NEVER)
        end = birthday(birth.first, self.below, False)
        notes: tuple[str, ...] = ()
        if self.warn and end <= self.warn.after(anchor):
            notes = (f"turns {self.below} on {end}",)
        return decided(True, years, evidence, on_date(end), notes)


def birthday(birth: date, years: int, leap: bool) -> date:
    """The day on which that many years are reached; with `leap` a birthday of 29 February falls on 1 March in common years."""
    day = Duration(years=years).after(birth)
    return add_days(day, 1) if leap and (birth.month, birth.day) == (2, 29) and day.day == 28 else day


def _age(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _consent_day(context: Context) -> date | None:
    dates = [one.consent_date for one in _this_trial(context) if one.consent_status == "active"]
    days = [one.first for one in dates if one and one.first <= context.as_of]
    return min(days) if days else None


@dataclass(frozen=True, kw_only=True)
class AnatomyNode(Node):
    """Reproductive anatomy (spec 0.5), never administrative gender; unknown or conflicting is unknown.

    `female_records` and `male_records` are events that only such an anatomy has (a pregnancy): one against what the
    registration says makes it unknown. So does one of `female_results` that is not negative, or that says such an event,
    and, whatever is registered, one of `unsettled_by` (gender-affirming care).
    """

    KEY: ClassVar[str] = "anatomy"
    anatomy: str = declare(kinds.choice("female", "male"))
    female_records: tuple[str, ...] = declare(kinds.SETS, ())
    male_records: tuple[str, ...] = declare(kinds.SETS, ())
    female_results: tuple[str, ...] = declare(kinds.SETS, ())
    unsettled_by: tuple[str, ...] = declare(kinds.SETS, ())

    def inputs(self) -> tuple[str, ...]:
        return (*self.female_records, *self.male_records, *self.female_results, *self.unsettled_by)

    def judge(self, context: Context) -> Value:
        person = context.inputs.person
        female, male = self._recorded(context, self.female_records), self._recorded(context, self.male_records)
        female += [cite_result(one) for name in self.female_results for one in context.inputs.results.get(name, ()) if self._female(one)]
        lean = True if female and self.anatomy == "female" else None  # a pregnancy is never taken to be nobody's
        female += self._recorded(context, self.female_records, sure=False)
        male += self._recorded(context, self.male_records, sure=False)
        against = {Anatomy.MALE: female, Anatomy.FEMALE: male}.get(person.anatomy)
        if against:
            return unsettled(f"registered as {person.anatomy.value}, but {against[0].display} is recorded", tuple(against), lean=lean)
        if doubts := [cite(one) for one in gather(context, self.unsettled_by, of=("", "finding")) if one.standing is not Standing.REFUTED]:
            return unsettled(f"registered as {person.anatomy.value}, and {doubts[0].display} is recorded", tuple(doubts), lean=lean)
        evidence = (evidence_of(person.origin, None, f"reproductive anatomy: {person.anatomy.value}"),)
        if person.anatomy is Anatomy.UNKNOWN:
            return unsettled(person.anatomy_note or "reproductive anatomy is not recorded", evidence, lean=lean)
        return decided(person.anatomy.value == self.anatomy, f"reproductive anatomy: {person.anatomy.value}", evidence)

    def _recorded(self, context: Context, sets: tuple[str, ...], sure: bool = True) -> list[Evidence]:
        """Events that are confirmed, or those that are not: of the other anatomy they ask too."""
        found = [one for one in gather(context, sets) if one.standing is not Standing.REFUTED and not one.planned]
        return [cite(one) for one in found if (one.standing is Standing.CONFIRMED) is sure]

    def _female(self, result: Result) -> bool:
        """A pregnancy test that is not negative, a status "pregnant", an expected delivery: never skipped in silence (spec 0.5)."""
        if result.standing is Standing.TEXT or (result.problem and not result.text):
            return False
        doubtful = result.positivity not in (None, Positivity.NEG)
        return doubtful or result.day is not None or not result.codes.isdisjoint(self.female_records)


@dataclass(frozen=True, kw_only=True)
class AskNode(Node):
    """What records can't settle: a question in plain words. With `lean` the documented part is satisfied (spec head, ii)."""

    KEY: ClassVar[str] = "ask"
    ONLY_INPUTS: ClassVar[bool] = True
    ask: str = declare(kinds.TEXT)
    lean: str = declare(kinds.choice("true", "false", "none"), "none")
    review: bool = declare(kinds.FLAG, False)
    open: str = declare(kinds.choice("person", "data"), "person")

    @property
    def question(self) -> str:
        return self.ask

    def judge(self, context: Context) -> Value:
        if self.open == "data":
            missing = Missing(self.link_id or self.KEY, self.topic, f"check the chart: {self.ask}", way="question")
            return blank("to be checked in the chart", self.topic, missing)._replace(questions=(self.ask,))
        value = asked(self.ask, {"true": True, "false": False, "none": None}[self.lean])
        return value._replace(review=True) if self.review else value


def _this_trial(context: Context) -> list[Participation]:
    return [one for one in context.inputs.participations if context.registry in one.identifiers]


@dataclass(frozen=True, kw_only=True)
class ConsentNode(Node):
    """A signed consent form of this trial: a ResearchSubject with an active Consent (interfaces.md); else the question."""

    KEY: ClassVar[str] = "consent"
    TYPES: ClassVar[frozenset[str]] = frozenset({"ResearchSubject"})
    consent: str = declare(kinds.TEXT)

    @property
    def question(self) -> str:
        return self.consent

    def judge(self, context: Context) -> Value:
        subjects = _this_trial(context)
        gone = [one for one in subjects if one.status == "withdrawn"]
        refused = [one for one in subjects if one.consent_status in ("inactive", "rejected")]
        if gone or refused:
            return decided(
                False,
                "consent withdrawn or not given",
                tuple(evidence_of(one.consent_origin or one.origin, one.consent_date) for one in gone + refused),
            )
        signed = [one for one in subjects if one.consent_status == "active" and _by(one.consent_date, context.as_of)]
        if signed:
            return decided(
                True, "consent form signed", tuple(evidence_of(one.consent_origin or one.origin, one.consent_date) for one in signed)
            )
        return asked(self.consent)


def _by(day: Interval | None, as_of: date) -> bool:
    """Not dated after the evaluation day (spec 0.3)."""
    return day is None or day.first <= as_of


_ON_STUDY = ("on-study", "on-study-intervention", "on-study-observation", "follow-up", "off-study")
_MAYBE = ("screening", "withdrawn")
_NOT_ON_STUDY = ("candidate", "eligible", "ineligible", "not-registered", "pending-on-study", "potential-candidate")


@dataclass(frozen=True, kw_only=True)
class TakesPartNode(Node):
    """Participation in another trial that overlaps the window (E-09); a study that can't be read asks.

    A product's half-life is rarely recorded: an ended participation asks for `unknown_product` after its end (ruling 11).
    """

    KEY: ClassVar[str] = "takes_part"
    TYPES: ClassVar[frozenset[str]] = frozenset({"ResearchSubject"})
    takes_part: str = declare(kinds.choice("other"))
    within: Window = declare(kinds.WINDOW)
    unknown_product: Duration = declare(kinds.DURATION)

    def judge(self, context: Context) -> Value:
        others = [one for one in context.inputs.participations if context.registry not in one.identifiers]
        values = [value for one in others if (value := self._one(one, context)) is not None]
        hits = [value for value in values if value.truth]
        if hits:
            return max(hits, key=lambda value: value.flip)
        if values:
            why = "; ".join(dict.fromkeys(reason.text for value in values for reason in value.reasons))
            evidence = tuple(each for value in values for each in value.evidence)
            return unsettled(why, evidence, lean=False if all(value.lean is False for value in values) else None)
        return absent(self, context, (), frozenset({"ResearchSubject"}), "closed", self.within)

    def _one(self, one: Participation, context: Context) -> Value | None:
        evidence = (evidence_of(one.origin, one.period_end or one.period_start, f"{one.study_title or 'study'}: {one.status}"),)
        inside = self._overlaps(one, context, self.within.duration)
        if one.status in _MAYBE and inside is not False:
            return unsettled(f"{one.status} in another study", evidence)
        if one.status not in _ON_STUDY:  # one that FHIR does not list says nothing, and asks (spec 0.4)
            told = one.status in (*_NOT_ON_STUDY, *_MAYBE) or inside is False
            return None if told else unsettled("in another study, its status is not one that can be used", evidence)
        if one.interventional is False:  # no product, so no half-lives after its end
            return unsettled("takes part in an observational study", evidence, lean=False) if inside is not False else None
        if inside and not one.study_read:
            return unsettled(f"takes part in a study that can't be read here ({one.study_title or one.status}): a trial or not?", evidence)
        if inside:
            end = one.period_end
            flip = STATE if end is None else SOME_DAY  # the product's half-life is not recorded (ruling 11)
            return decided(True, f"takes part in another study ({one.study_title or one.status})", evidence, flip)
        if inside is None or self._overlaps(one, context, self.unknown_product):
            return unsettled("took part in another study; 5 half-lives of its product may not have passed", evidence)
        return None

    def _overlaps(self, one: Participation, context: Context, duration: Duration | None) -> bool | None:
        opens = duration.before(context.as_of) if duration else date.min
        if one.period_start is not None and one.period_start.first > context.as_of:
            return False
        if one.period_end is None:
            return True if one.status != "off-study" else None
        if one.period_end.first >= opens:
            return True
        return False if one.period_end.last < opens else None
