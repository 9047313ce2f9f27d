"""Dosage instructions in words: each is read as the table says, or not at all."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fhir_mappings.dosage_amount import UNKNOWN, Strength
from fhir_mappings.dosage_dose import Phase, phases_of
from fhir_mappings.dosage_text import is_altered, names_amount, names_need, read_sig

TABLETS = Strength(form=Fraction(5), millilitre=Fraction(25))
CONTRADICTS = "the dose contradicts the strength of the drug"
NO_STRENGTH = "the strength of the drug is not known"

# (instruction, how it is read with a strength of 5 mg a tablet and 25 mg a mL)
READ: tuple[tuple[str, str], ...] = (
    # amounts
    ("5 mg daily", "5 mg a day"),
    ("5mg daily", "5 mg a day"),
    ("每日1次,每次2片,口服", "10 mg a day"),
    ("每日一次 5 mg", "5 mg a day"),
    ("10mg 每周一次", "10/7 mg a day, at most 10 mg, on 1 of 7 days"),
    ("10mg qw", "10/7 mg a day, at most 10 mg, on 1 of 7 days"),
    ("2片 隔日1次", "5 mg a day, at most 10 mg, on 1 of 2 days"),
    ("1x täglich 1 Tablette", "5 mg a day"),
    ("10 mg jeden zweiten Tag", "5 mg a day, at most 10 mg, on 1 of 2 days"),
    ("0.125 mg daily", "0.125 mg a day"),
    ("0.5 g daily", "500 mg a day"),
    ("500 mcg daily", "0.5 mg a day"),
    (".5 mg daily", "0.5 mg a day"),
    ("1,000 mg daily", "1000 mg a day"),
    ("2 mL daily", "50 mg a day"),
    ("1 tablet daily", "5 mg a day"),
    ("1 tab(s) Oral Daily", "5 mg a day"),
    ("a tablet daily", "5 mg a day"),
    ("TAKE ONE-HALF TABLET BY MOUTH TWICE A DAY", "5 mg a day"),
    ("half a tablet daily", "2.5 mg a day"),
    ("½ tablet daily", "2.5 mg a day"),
    ("1½ tablets daily", "7.5 mg a day"),
    ("1 1/2 tablets daily", "7.5 mg a day"),
    ("1-1/2 tabs daily", "7.5 mg a day"),
    ("1 and a half tablets daily", "7.5 mg a day"),
    ("one and a half tablets daily", "7.5 mg a day"),
    ("1-2 tabs daily", "5 to 10 mg a day"),
    ("1 to 2 tabs daily", "5 to 10 mg a day"),
    ("5 mg to 10 mg daily", "5 to 10 mg a day"),
    ("up to 3 tablets daily", "0 to 15 mg a day"),
    # milligrams beside units
    ("1 tablet (5 mg total) by mouth daily", "5 mg a day"),
    ("1 tab (5 mg) daily", "5 mg a day"),
    ("2 tabs (5 mg each) daily", "10 mg a day"),
    ("2 tabs (10 mg) daily", "10 mg a day"),
    ("2 tabs (5 mg) daily", "10 mg a day"),
    ("2 tablets of 5 mg daily", "10 mg a day"),
    ("two 5 mg tablets daily", "10 mg a day"),
    ("2 x 5 mg daily", "10 mg a day"),
    ("prednisone 5 mg tablet: take 2 tablets daily", "10 mg a day"),
    ("5 mg = 1 tab(s), PO, Daily", "5 mg a day"),
    ("2 tablets = 10 mg daily", "10 mg a day"),
    ("10 mg (2 tablets) daily", "10 mg a day"),
    ("10 mg (0.4 mL) daily", "10 mg a day"),
    ("0.4 mL (10 mg total) daily", "10 mg a day"),
    ("2 tabs (7 mg) daily", CONTRADICTS),
    ("1 tab (10 mg) daily", CONTRADICTS),
    ("2 tabs (10 mg each) daily", CONTRADICTS),
    ("10 mg (3 tablets) daily", CONTRADICTS),
    ("1-2 tabs (10 mg total) daily", "milligrams beside a range of units"),
    # frequencies
    *(
        (f"5 mg {often}", "5 mg a day")
        for often in (
            "every day",
            "once a day",
            "once daily",
            "qd",
            "q.d.",
            "od",
            "o.d.",
            "q24h",
            "each day",
            "1 time a day",
            "1 (one) time each day",
            "every 24 hours",
            "a day",
            "/day",
            "per day",
            "in the morning",
            "every morning",
            "qam",
            "AM",
            "at bedtime",
            "qhs",
            "nightly",
            "daily at 8 am",
            "daily in the morning",
            "every morning with breakfast",
            "once daily after dinner",
        )
    ),
    *(
        (f"5 mg {often}", "10 mg a day")
        for often in (
            "bid",
            "b.i.d.",
            "BD",
            "twice daily",
            "two times a day",
            "2 times daily",
            "2x/day",
            "2x daily",
            "x2/d",
            "x 2 daily",
            "q12h",
            "every 12 hours",
            "morning and night",
            "in the morning and at bedtime",
            "with breakfast and dinner",
            "at 8 am and 8 pm",
            "2 (two) times a day",
        )
    ),
    *((f"5 mg {often}", "15 mg a day") for often in ("tid", "three times daily", "q8h", "every 8 hours", "morning, noon and night", "tds")),
    *((f"5 mg {often}", "20 mg a day") for often in ("qid", "4 times a day", "every 6 hours")),
    *(
        (f"20 mg {often}", "10 mg a day, at most 20 mg, on 1 of 2 days")
        for often in ("qod", "every other day", "every 2 days", "every second day", "on alternate days", "q48h")
    ),
    *(
        (f"14 mg {often}", "2 mg a day, at most 14 mg, on 1 of 7 days")
        for often in (
            "weekly",
            "once a week",
            "once weekly",
            "every week",
            "q week",
            "/week",
            "weekly on Monday",
            "once a week on mon",
            "every Monday",
            "on mondays",
        )
    ),
    *(
        (f"14 mg {often}", "1 mg a day, at most 14 mg, on 1 of 14 days")
        for often in ("every 2 weeks", "q2w", "every other week", "once every 2 weeks", "every 14 (fourteen) days")
    ),
    ("7 mg twice weekly", "2 mg a day, at most 7 mg, on 2 of 7 days"),
    ("7 mg mon wed fri", "3 mg a day, at most 7 mg, on 3 of 7 days"),
    ("7 mg on Mon, Wed & Fri", "3 mg a day, at most 7 mg, on 3 of 7 days"),
    ("7 mg monday through friday", "5 mg a day, at most 7 mg, on 5 of 7 days"),
    ("7 mg fri-mon", "4 mg a day, at most 7 mg, on 4 of 7 days"),
    ("7 mg bid on weekends", "4 mg a day, at most 14 mg, on 2 of 7 days"),
    ("7 mg 3 times a week, mon/wed/fri", "3 mg a day, at most 7 mg, on 3 of 7 days"),
    ("487 mg monthly", "16 mg a day, at most 487 mg, on 16 of 487 days"),
    ("5 mg once every month", "80/487 mg a day, at most 5 mg, on 16 of 487 days"),
    ("5 mg 1-2 times a day", "5 to 10 mg a day"),
    ("12 mg every 4-6 hours", "48 to 72 mg a day"),
    ("20 mg daily in 2 divided doses", "20 mg a day"),
    ("1 g IV once", "1000 mg a day, once"),
    ("1 g single dose", "1000 mg a day, once"),
    # parts of a day
    ("5 mg in the morning and 2.5 mg at night", "7.5 mg a day"),
    ("1 tab AM, 1/2 tab PM", "7.5 mg a day"),
    ("5 mg mon wed fri and 2.5 mg tue thu sat sun", "25/7 mg a day, at most 5 mg"),
    ("5 mg daily and 15 mg weekly", "50/7 mg a day, at most 20 mg"),
    # turns
    *(
        (text, "300 mg a day, at most 400 mg")
        for text in (
            "200 mg one day and 400 mg the next",
            "200 mg one day, 400 mg the next day",
            "200 mg alternating with 400 mg daily",
            "alternate 200 mg and 400 mg",
            "alternating 200 mg with 400 mg every other day",
            "400 mg every other day and 200 mg on the other days",
            "Take 400 mg on even days and 200 mg on odd days",
            "200 mg on odd days, 400 mg on even days",
            "200 mg daily on odd-numbered days and 400 mg daily on even-numbered days",
            "on even days take 400 mg, on odd days take 200 mg",
        )
    ),
    # as needed
    ("1-2 tabs po q4-6h prn for pain", "20 to 60 mg a day as needed"),
    ("5 mg prn daily", "5 mg a day as needed"),
    ("5 mg daily as needed (for joint pain or swelling)", "unread"),
    ("5 mg daily as needed for joint pain or swelling", "5 mg a day as needed"),
    ("1 to 2 tablets every 4 hours as needed, max 8 tablets per day", "30 to 40 mg a day as needed"),
    ("5 mg qid, not to exceed 15 mg in 24 hours", "15 mg a day"),
    # harmless words
    ("Take 5 mg by mouth daily. Take with food.", "5 mg a day"),
    ("Take 5 mg orally every day with meals for rheumatoid arthritis", "5 mg a day"),
    ("inject 5 mg subcutaneously weekly", "5/7 mg a day, at most 5 mg, on 1 of 7 days"),
    # German scheme
    ("1-0-1", "10 mg a day"),
    ("1-0-0-0", "5 mg a day"),
    ("½-0-½", "5 mg a day"),
    ("1/2 - 0 - 1 Tbl.", "7.5 mg a day"),
    ("0.5-0-0", "2.5 mg a day"),
    # steps
    ("40 mg daily for 7 days", "40 mg a day for 7 days"),
    ("40 mg daily x7d then stop", "40 mg a day for 7 days"),
    ("5 mg daily for 3 months", "5 mg a day for 3 months"),
    ("40 mg daily for one day then 30 mg", "40 mg a day for 1 day | 30 mg a day"),
    ("40 mg x7d then 30 mg x7d", "40 mg a day for 7 days | 30 mg a day for 7 days"),
    (
        "60 mg daily for 2 weeks, then 40 mg daily for 2 weeks, then 20 mg daily",
        "60 mg a day for 14 days | 40 mg a day for 14 days | 20 mg a day",
    ),
    ("60 mg daily for 2 weeks, 40 mg daily for 2 weeks; 20 mg daily", "60 mg a day for 14 days | 40 mg a day for 14 days | 20 mg a day"),
    (
        "Take 2 tablets (10 mg total) by mouth daily for 7 days, THEN 1 tablet (5 mg total) daily for 7 days.",
        "10 mg a day for 7 days | 5 mg a day for 7 days",
    ),
    ("1 tablet daily for 1 week then 1 tablet every other day", "5 mg a day for 7 days | 2.5 mg a day, at most 5 mg, on 1 of 2 days"),
    ("40 mg daily for 1 week, then reduce to 30 mg daily", "40 mg a day for 7 days | 30 mg a day"),
    ("40 mg po qd x1w then decrease by 5 mg weekly until 30 mg", "40 mg a day for 7 days | 35 mg a day for 7 days | 30 mg a day"),
    ("30 mg daily, reduce by 10 mg every 2 weeks to 10 mg daily", "30 mg a day for 14 days | 20 mg a day for 14 days | 10 mg a day"),
    ("20 mg daily, taper by 10 mg per week until off", "20 mg a day for 7 days | 10 mg a day for 7 days"),
    ("40 mg daily x7d then decrease by 7 mg weekly until 20 mg", "40 mg a day for 7 days | the steps down do not meet their end"),
    ("20 mg daily x7d then decrease by 5 mg weekly until 30 mg", "20 mg a day for 7 days | the steps down do not meet their end"),
    (
        "20 mg qod x14d then decrease by 5 mg weekly until 10 mg",
        "10 mg a day, at most 20 mg, on 1 of 2 days for 14 days | the steps down do not meet their end",
    ),
    ("then 5 mg daily", "5 mg a day"),
    # said in part
    ("5 mg", "no frequency is given"),
    ("daily", "no dose is given"),
    # contradictory
    ("15 mg weekly on mon and thu", "frequency and days of the week disagree"),
    ("5 mg twice daily with breakfast", "frequency and times of the day disagree"),
    ("400 mg every other day and 200 mg every other day", "whether the doses fall on one day is not said"),
    ("1.000 mg 2x tgl.", "unread"),
    ("每日1片,一周后减半", "unread"),
    ("每日4次 1片", "unread"),
    ("5 mg täglich, wöchentlich um 1 mg reduzieren", "unread"),
    ("15 mg in the morning and 15 mg in the evening on Saturdays", "whether the doses fall on one day is not said"),
    ("10 mg in the morning and 5 mg in the evening every other day", "whether the doses fall on one day is not said"),
    ("1 g once and 5 mg daily", "a single dose beside others"),
    ("9000000 mg daily", "the dose is not plausible"),
    ("5 mg 97 times a day", "the frequency is not plausible"),
)

UNREAD = (
    "",
    "take as directed",
    "see taper schedule",
    "per protocol",
    "5 mg daily except sundays",
    "5 mg daily, increase to 10 mg if flare",
    "5 mg 10 mg daily",
    "do not take 5 mg daily",
    "stop 5 mg daily",
    "5 mg daily not to exceed 10 mg",
    "2,5 mg daily",
    "15-10 mg daily",
    "1 mg/kg/day",
    "100 mg/m2 weekly",
    "40 mg daily then 30 mg daily",
    "decrease by 5 mg weekly until 20 mg",
    "5 mg once daily, twice daily",
    "5 mg every evening at bedtime",
    "5 mg in the morning, at night",
    "5 mg tablet daily",
    "1 daily",
    "5 mg twice",
    "5 mg daily for 7 days, repeat",
    "20 mg bid in divided doses",
    "5 mg in the morning for 7 days, 2.5 mg at night for 7 days",
    "40 mg daily for 7 days for 14 days",
    "5 mg daily for 1-2 weeks",
    "5 mg daily for 1.3 months",
    "5 mg daily for 5 hours",
    "5 mg daily as needed then 10 mg daily",
    "每早饭前 5 mg",
    "5 mg jeden Morgen",
    "5 mg daily until 2026-01-01",
    "five mg daily and",
    "5 mg daily 20/10",
    "2 bid daily mg",
    "1-0",
    "1-0-1-0-1",
    "10-0-1",
    "5 mg to 2 tablets daily",
    "5 mg or 5 mL daily",
    "10 mg daily once",
    "mon wed fri 5 mg every tue",
    "5 mg tablet: take 5 mg daily",
    "5 mg tablet: 2 tablets (5 mg each) daily",
    "5 mg tablet: 5 mg tablet: 2 tablets daily",
    "40 mg daily decrease by 5 mg twice daily until 20 mg",
    "5 mg bid decrease by 5 mg weekly until 2 mg 5 mg",
    "5 mg daily max 2 tablets bid",
    "5 mg daily max 10 mg a day max 20 mg a day",
    "5 mg once mon",
    "5 mg alternating with 10 mg weekly",
    "40 mg on even days",
    "40 mg on even days and 20 mg on even days",
    "on even days take 40 mg, on even days take 20 mg",
    "40 mg weekly on even days and 20 mg on odd days",
    "40 mg on even days and 20 mg on odd weeks",
    "5 mg x 40000 days",
    "5 mg daily " + "with food " * 80,
    "5-1 to 3 mg daily",
    "123456789012345 mg daily",
    "then",
    "40 mg x7d then",
    "daily then weekly",
    "1e3 mg daily",
    "5 mg daily #30",
    "one 5-10 mg tablet daily",
    "twice bid 5 mg",
    "2 times bid 5 mg",
    "5 mg daily for 5 years",
    "40 mg x7d then daily x7d",
    "40 mg daily, then, then stop",
)


def told(text: str, strength: Strength = TABLETS) -> str:
    sig = read_sig(text, ("prednisone",))
    return "unread" if sig is None else " | ".join(_phase(one) for one in phases_of(sig.steps, strength))


def _phase(one: Phase) -> str:
    words = one.dose if isinstance(one.dose, str) else one.dose.pattern + (", once" if one.dose.once else "")
    return words + (f" for {one.lasting}" if one.lasting else "") + (" as needed" if one.as_needed else "")


@pytest.mark.parametrize(("text", "expected"), READ, ids=[text for text, _ in READ])
def test_an_instruction_is_read(text: str, expected: str) -> None:
    """Each row holds, whatever the case of its letters."""
    assert told(text) == expected
    assert told(text.upper()) == expected


@pytest.mark.parametrize("text", UNREAD)
def test_an_instruction_is_not_read(text: str) -> None:
    """A word that is left over, a contradiction or a missing part: nothing is guessed."""
    assert read_sig(text, ("prednisone",)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 tablet (5 mg) daily", "5 mg a day"),
        ("2 tablets (5 mg each) daily", "10 mg a day"),
        ("2 tablets (10 mg total) daily", "10 mg a day"),
        ("2 tablets (10 mg) daily", "whether the milligrams are those of one unit or of all is not said"),
        ("1-2 tablets (10 mg) daily", "milligrams beside a range of units"),
        ("2 tablets daily", NO_STRENGTH),
        ("2 mL daily", NO_STRENGTH),
        ("1-0-1", NO_STRENGTH),
        ("2 mL (10 mg) daily", "10 mg a day"),
        ("0 tablets (5 mg) daily", "milligrams beside a range of units"),
        ("200 mg alternating with 2 tablets daily", NO_STRENGTH),
        ("5 mg qid, max 2 tablets a day", NO_STRENGTH),
        ("40 mg x7d then decrease by 1 tablet weekly until 20 mg", f"40 mg a day for 7 days | {NO_STRENGTH}"),
        ("5 mg in the morning and 1 tablet at night", NO_STRENGTH),
    ],
)
def test_without_a_strength_only_milligrams_are_read(text: str, expected: str) -> None:
    """Units count for nothing; milligrams beside them count where it is said whose they are."""
    assert told(text, UNKNOWN) == expected


def test_milligrams_of_a_combination_are_not_those_of_one_drug() -> None:
    """Units count by the drug's own strength."""
    combined = Strength(form=Fraction(5), combined=True)
    assert told("2 tablets daily", combined) == "10 mg a day"
    assert told("5 mg daily", combined) == "milligrams of a drug with several agents"
    assert told("1 tablet (5 mg) daily", combined) == "milligrams of a drug with several agents"


@pytest.mark.parametrize(
    ("text", "altered", "amount", "need"),
    [
        ("reduce as directed by 5 mg", True, True, False),
        ("titrate", True, False, False),
        ("per taper schedule", True, False, False),
        ("then as told", True, False, False),
        ("with food", False, False, False),
        ("do not crush", False, False, False),
        ("1-2 tablets for whatever, when required", False, True, True),
        ("PRN knee", False, False, True),
    ],
)
def test_what_words_touch_is_known_though_they_are_not_read(text: str, altered: bool, amount: bool, need: bool) -> None:
    """Changes of dose, amounts and need are seen in any text."""
    assert (is_altered(text), names_amount(text), names_need(text)) == (altered, amount, need)


VOCABULARY = """
5 mg 1-2 tablets tab half 1/2 daily bid every 8 hours x 7 d then and , ( ) each total in the morning at night mon wed decrease by until prn
for pain max per day alternating with one day the next even days odd days once twice q a of to - = stop reduce increase 20 mL not
1-0-1 weekly
"""
WORDS = st.sampled_from(VOCABULARY.split())


@given(st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=40))
@example("5 mg daily " * 60)
@example("")
def test_any_text_is_read_or_not_and_never_raises(text: str) -> None:
    """A dose that is read is a number of milligrams, its most on one day not below its mean."""
    sig = read_sig(text)
    for one in phases_of(sig.steps, TABLETS) if sig else ():
        if not isinstance(one.dose, str):
            assert 0 <= one.dose.low <= one.dose.high <= one.dose.peak or one.dose.peak >= one.dose.high / 2
            assert one.dose.pattern


@given(st.integers(1, 400), st.integers(1, 4), st.integers(1, 28))
def test_equal_meaning_is_equal_pattern(mg: int, times: int, days: int) -> None:
    """Words, tablets of a strength and other words of the same thing give one pattern."""
    spellings = (
        f"{mg} mg {times} times a day for {days} days",
        f"{times} times daily {mg} mg x{days}d",
        f"take {mg} tablets {times}x/day for {days} d",
    )
    assert told(spellings[0]) == told(spellings[1])
    assert told(spellings[2], Strength(form=Fraction(1))) == told(spellings[0])
