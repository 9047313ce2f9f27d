"""The date of a first diagnosis against a disease duration or a birthday into a Value: `first_diagnosed`, `under_age`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cds_service.criteria import fields as kinds
from cds_service.criteria.evaluation import Missing
from cds_service.criteria.fields import declare
from cds_service.criteria.node import Context, Node
from cds_service.criteria.nodes.absence import absent
from cds_service.criteria.nodes.people import birthday
from cds_service.criteria.nodes.records import cite, gather, named
from cds_service.criteria.nodes.windows import EVER, day_outside
from cds_service.criteria.value import NEVER, Value, blank, decided, on_date, unsettled
from fhir_mappings.dates import Duration, Interval
from fhir_mappings.inputs import Record, Standing


@dataclass(frozen=True, kw_only=True)
class FirstDiagnosedNode(Node):
    """True while the first diagnosis is at most so long ago.

    The date is the earliest onset or assertion over all records that are not refuted, else the recording date, which
    asks when it lies within `settling_in` of the chart's first entry (a migrated chart records old disease late).
    """

    KEY: ClassVar[str] = "first_diagnosed"
    ONLY_INPUTS: ClassVar[bool] = True
    first_diagnosed: tuple[str, ...] = declare(kinds.SETS)
    at_most: Duration = declare(kinds.DURATION)
    settling_in: Duration = declare(kinds.DURATION, Duration(months=3))

    def inputs(self) -> tuple[str, ...]:
        return self.first_diagnosed

    def judge(self, context: Context) -> Value:
        records = [one for one in gather(context, self.first_diagnosed) if one.standing is not Standing.REFUTED and not one.planned]
        missing = Missing(self.first_diagnosed[0], f"date of the first {self.topic} diagnosis", "ask when the diagnosis was made")
        if not records:
            return blank("no record", self.topic, missing)
        evidence = tuple(cite(one) for one in records)
        confirmed = [one for one in records if one.standing is Standing.CONFIRMED]
        if not confirmed:
            return unsettled(f"{self.topic} is not confirmed", evidence, missing=missing)
        named = gather(context, self.first_diagnosed, of=("visit", "procedure", "drug", "finding"))
        doubt = self._unsure_earlier([*records, *named], confirmed, context)
        if doubt is not None:
            return unsettled(f"{self.topic} may have been diagnosed {doubt.when}: not confirmed", evidence, missing=missing)
        stated = _earliest([one.onset or one.asserted for one in confirmed])
        recorded = _earliest([one.recorded or one.when for one in confirmed])
        if stated is None and recorded is None:
            return unsettled(f"{self.topic} is not dated", evidence, review=False, missing=missing)
        if stated is None:
            assert recorded is not None
            return self._by_recording(recorded, confirmed, context, missing)
        return self._by_statement(stated, recorded, confirmed, context, missing)

    def _unsure_earlier(self, records: list[Record], confirmed: list[Record], context: Context) -> Record | None:
        """A record that is not confirmed, in words only or the reason of a visit, from before the period: the disease may be older."""
        unsure = [one for one in records if one not in confirmed and one.when is not None]
        return next((one for one in unsure if one.when and self._fits(one.when, context) is False), None)

    def _fits(self, first: Interval, context: Context) -> bool | None:
        fits = {self.at_most.after(day) >= context.as_of for day in (first.first, first.last)}
        return fits.pop() if len(fits) == 1 else None

    def _by_statement(
        self, stated: Interval, recorded: Interval | None, records: list[Record], context: Context, missing: Missing
    ) -> Value:
        evidence = tuple(cite(one) for one in records if one.onset == stated or one.asserted == stated) or tuple(
            cite(one) for one in records
        )
        fits = self._fits(stated, context)
        if fits is None:
            return unsettled(f"first diagnosed {stated}: more or less than {self.at_most} ago", evidence, review=False, missing=missing)
        if fits and recorded is not None and self._fits(recorded, context) is False:
            return unsettled(f"onset {stated}, but recorded since {recorded}", tuple(cite(one) for one in records), missing=missing)
        if fits:
            return decided(True, f"first diagnosed {stated}", evidence, on_date(day_outside(stated.first, self.at_most)))
        if recorded is not None and self._fits(recorded, context) is not False:
            # onsetDateTime may hold the first symptom instead of the diagnosis (SSC-3).
            return unsettled(f"onset {stated}, but first recorded {recorded}", tuple(cite(one) for one in records), missing=missing)
        return decided(False, f"first diagnosed {stated}", evidence, NEVER)

    def _by_recording(self, recorded: Interval, records: list[Record], context: Context, missing: Missing) -> Value:
        evidence = tuple(cite(one) for one in records)
        fits = self._fits(recorded, context)
        if fits is False:
            return decided(False, f"recorded since {recorded}", evidence, NEVER)
        begun = context.inputs.recording_dates[0] if context.inputs.recording_dates else None
        if fits is None or begun is None or recorded.first <= self.settling_in.after(begun):
            return unsettled(f"only the recording date {recorded} is known, close to the chart's beginning", evidence, missing=missing)
        return decided(True, f"recorded since {recorded}", evidence, on_date(day_outside(recorded.first, self.at_most)))


def _earliest(dates: list[Interval | None]) -> Interval | None:
    known = [one for one in dates if one is not None]
    return Interval(min(one.first for one in known), min(one.last for one in known)) if known else None


@dataclass(frozen=True, kw_only=True)
class UnderAgeNode(Node):
    """Whether the first record of a disease is certainly from before a birthday; `always_ask` sets ask from it on (E-03 c).

    A record that is not confirmed, or in words only, asks where it may be from before the birthday or is of such a set.
    """

    KEY: ClassVar[str] = "under_age"
    ONLY_INPUTS: ClassVar[bool] = True
    under_age: tuple[str, ...] = declare(kinds.SETS)
    years: int = declare(kinds.INTEGER)
    always_ask: tuple[str, ...] = declare(kinds.SETS, ())

    def inputs(self) -> tuple[str, ...]:
        return (*self.under_age, *self.always_ask)

    def judge(self, context: Context) -> Value:
        usable = [one for one in gather(context, self.inputs()) if one.standing is not Standing.REFUTED and not one.planned]
        records = [one for one in usable if one.standing is Standing.CONFIRMED]
        weak = [one for one in usable if one.standing is not Standing.CONFIRMED]
        found = self._of(records, context)
        early = [one for one in weak if found.truth is not True and self._may_be_early(one, context)]
        if not early:
            return found
        words = "; ".join(f"{named(one)}: not confirmed, or in words only" for one in early)
        return unsettled(words, tuple(cite(one) for one in early), lean=True if found.lean else None)

    def _may_be_early(self, record: Record, context: Context) -> bool:
        birth = context.inputs.person.birth
        dated = record.when is not None and birth is not None and record.when.first < birthday(birth.last, self.years, True)
        return dated or not record.concepts.isdisjoint(self.always_ask)

    def _of(self, records: list[Record], context: Context) -> Value:
        if not records:
            return absent(self, context, self.inputs(), frozenset({"Condition"}), "quiet", EVER)
        birth = context.inputs.person.birth
        evidence = tuple(cite(one) for one in records)
        dated = [one for one in records if one.when is not None]
        juvenile = [one for one in records if one.concepts & set(self.always_ask)]
        if birth is None or (not dated and not juvenile):
            return unsettled(f"age at {self.topic} is not recorded", evidence, review=bool(juvenile), lean=True if juvenile else None)
        coming_of_age = (birthday(birth.first, self.years, False), birthday(birth.last, self.years, True))
        firsts = [(one.when.first, one.when.last) for one in dated if one.when]
        if firsts and min(last for _, last in firsts) < coming_of_age[0]:
            return decided(True, f"{self.topic} before the {self.years}th birthday", evidence, NEVER)
        if juvenile or min(first for first, _ in firsts) < coming_of_age[1]:
            return unsettled(f"{self.topic} may have begun before the {self.years}th birthday", evidence, lean=True)
        return decided(False, f"{self.topic} since {min(first for first, _ in firsts)}", evidence)
