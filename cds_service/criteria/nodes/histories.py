"""Which of two conditions in a chart came first, as far as their dates tell (spec 0.3): for `record`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from fhir_mappings.dates import Duration
from fhir_mappings.inputs import Record, Standing


def is_told_after(record: Record, history: Iterable[Record]) -> bool:
    """Whether a record of which only the recording is dated was written down after a history: it is no onset then."""
    if record.dated_by not in ("asserted", "recorded") or record.when is None:
        return False
    return any(one.when is None or one.when.first < record.when.first for one in _standing(history))


def long_before(record: Record, disease: Iterable[Record], lead: Duration | None) -> bool:
    """Whether a record lies wholly before a disease of known onset, and by more than the lead: it is no part of it."""
    begun = _begun(disease)
    return begun is not None and record.when is not None and record.when.last < (lead.before(begun) if lead else begun)


def _begun(disease: Iterable[Record]) -> date | None:
    """The first day of a disease; None where no record of it tells an onset (that of recording may be years later)."""
    told = [one for one in _standing(disease) if one.when is not None]
    if not any(one.onset for one in told):
        return None
    return min(one.when.first for one in told if one.when is not None)


def _standing(records: Iterable[Record]) -> list[Record]:
    return [one for one in records if one.standing is not Standing.REFUTED and not one.planned]
