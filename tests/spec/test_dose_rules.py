"""What instructions say together: structure and words, steps of a taper, parts of a dose, strengths, supplies (spec 1.1)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.dosages import PREDNISONE, PREDNISONE_5, amount, between, doses, every_day, mg, quantity, rxnorm, sig, step, timing, told
from tests.support.medications import Json, administration, coded, dispense, request

TITLE = "Doses of several instructions"
COLUMNS = ("rule", "record of 2026-06-01", "is read as")
WEEK = {"boundsDuration": {"value": 7, "code": "d"}}
SUPPLY: Json = {"quantity": quantity(60, "tablet"), "daysSupply": quantity(30, "d")}


# (rule, the instructions in words, how the record is built, its drug, its Dosages, what is read)
ROWS: tuple[tuple[str, str, Any, Any, tuple[Json, ...], str], ...] = (
    ("structure before words", "5 mg a day; “use as told”", request, PREDNISONE, (mg(5) | sig("use as told"),), "5 mg a day"),
    ("a contradiction is unknown", "5 mg a day; “5 mg twice daily”", request, PREDNISONE, (mg(5) | sig("5 mg twice daily"),), "unread: structured dose and text disagree"),
    ("a contradiction is unknown", "40 mg a day; “40 mg x7d then 30 mg x7d”", request, PREDNISONE, (mg(40) | sig("40 mg x7d then 30 mg x7d"),), "unread: structured dose and text disagree"),
    ("a change in words is unknown", "40 mg a day; “taper as told”", request, PREDNISONE, (mg(40) | sig("taper as told"),), "unread: the words change the dose in a way that is not understood"),
    ("words complete the structure", "twice a day; “5 mg”", request, PREDNISONE, (every_day(2) | sig("5 mg"),), "10 mg a day"),
    ("words complete the structure", "5 mg; “twice daily”", request, PREDNISONE, (amount(5) | sig("twice daily"),), "10 mg a day"),
    ("words limit the structure", "5 mg a day; “5 mg daily for 7 days”", request, PREDNISONE, (mg(5) | sig("5 mg daily for 7 days"),), "5 mg a day from 2026-06-01 to 2026-06-07"),
    ("words say as needed", "5 mg a day; “prn, see note”", request, PREDNISONE, (mg(5) | sig("prn, see note"),), "5 mg a day as needed"),
    ("additional instruction adds", "5 mg a day; additional: “and 2.5 mg at night”", request, PREDNISONE, (mg(5) | {"additionalInstruction": [{"text": "and 2.5 mg at night"}]},), "7.5 mg a day"),
    ("instructions side by side add", "5 mg a day; 2.5 mg a day", request, PREDNISONE, (mg(5), mg(2.5)), "5 mg a day | 2.5 mg a day"),
    ("days of the week are one plan", "5 mg Mon Wed Fri; 2.5 mg Tue Thu Sat Sun", request, PREDNISONE, (step(None, 5, dayOfWeek=["mon", "wed", "fri"]), step(None, 2.5, dayOfWeek=["tue", "thu", "sat", "sun"])), "25/7 mg a day, at most 5 mg"),
    ("steps follow one another", "1: 40 mg for 7 days; 2: 30 mg for 7 days", request, PREDNISONE, (step(1, 40, **WEEK), step(2, 30, **WEEK)), "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08 to 2026-06-14"),
    ("no day belongs to two steps", "1: 40 mg to 8 June; 2: 30 mg from 8 June", request, PREDNISONE, (step(1, 40, **between("2026-06-01", "2026-06-08")), step(2, 30, **between("2026-06-08"))), "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08"),
    ("a step ends where the next begins", "1: 40 mg from 1 June; 2: 30 mg from 11 June", request, PREDNISONE, (step(1, 40, **between("2026-06-01")), step(2, 30, **between("2026-06-11"))), "40 mg a day from 2026-06-01 to 2026-06-10 | 30 mg a day from 2026-06-11"),
    ("steps without days are unknown", "1: 40 mg; 2: 30 mg", request, PREDNISONE, (step(1, 40), step(2, 30)), "unread: a step of unknown length | unread: a step of unknown length"),
    ("lengths without a sequence are unknown", "40 mg for 7 days; 30 mg for 7 days", request, PREDNISONE, (step(None, 40, **WEEK), step(None, 30, **WEEK)), "unread: whether the instructions follow one another is not said | unread: whether the instructions follow one another is not said"),
    ("a taper in words counts from the start", "“40 mg x7d then 30 mg x7d”", request, PREDNISONE, (sig("40 mg x7d then 30 mg x7d"),), "40 mg a day from 2026-06-01 to 2026-06-07 | 30 mg a day from 2026-06-08 to 2026-06-14"),
    ("one dose and no more", "“1 g IV once”", request, PREDNISONE, (sig("1 g IV once"),), "1000 mg a day from 2026-06-01 to 2026-06-01"),
    ("an administration is one dose on its day", "500 mg given", administration, PREDNISONE, ({"dose": quantity(500)},), "500 mg a day from 2026-06-01 to 2026-06-01"),
    ("tablets by the strength of the coded drug", "3 tablets of 5 mg a day", request, PREDNISONE_5, (amount(3, "tablet") | every_day(),), "15 mg a day"),
    ("tablets by the strength in the drug's name", "3 tablets of “prednisone 5 mg tablet” a day", request, rxnorm(PREDNISONE, text="prednisone 5 mg tablet"), (amount(3, "tablet") | every_day(),), "15 mg a day"),
    ("milligrams in brackets must fit the strength", "“2 tablets (20 mg total) daily” of 5 mg", request, PREDNISONE_5, (sig("2 tablets (20 mg total) daily"),), "unread: the dose contradicts the strength of the drug"),
    ("milligrams of a combination are nobody's", "5 mg of prednisone with mycophenolate", request, rxnorm(PREDNISONE, "68149"), (mg(5),), "unread: milligrams of a drug with several agents"),
    ("a supply where no instruction is read", "60 tablets of 5 mg for 30 days; “as told”", dispense, PREDNISONE_5, (sig("as told"),), "10 mg a day"),
    ("a supply does not contradict an instruction", "60 tablets of 5 mg for 30 days; 5 mg a day", dispense, PREDNISONE_5, (mg(5),), "5 mg a day"),
    ("a supply says nothing of a taper", "60 tablets of 5 mg for 30 days; “taper as told”", dispense, PREDNISONE_5, (sig("taper as told"),), "unread: instruction not understood"),
    ("a timing and its code must agree", "5 mg; BID and once a day", request, PREDNISONE, (amount(5) | {"timing": {"code": coded("BID", "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation")} | timing(frequency=1, period=1, periodUnit="d")["timing"]},), "unread: the timing and its code disagree"),
)  # fmt: skip


def printed() -> list[tuple[str, ...]]:
    return [(rule, record, expected) for rule, record, _, _, _, expected in ROWS]


@pytest.mark.parametrize(("build", "drug", "dosages", "expected"), [row[2:] for row in ROWS], ids=[f"{row[0]}-{row[1]}" for row in ROWS])
def test_instructions_are_read_as_the_table_says(build: Any, drug: Any, dosages: tuple[Json, ...], expected: str) -> None:
    """Each row holds; what can't be told is unknown, never a guess."""
    fields = SUPPLY if build is dispense else {}
    assert told(doses(*dosages, build=build, drug=drug, agent="drug.prednisone", **fields)) == expected
