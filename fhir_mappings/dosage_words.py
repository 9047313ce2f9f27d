"""The words of English dosage instructions as patterns, and what a phrase of frequency or number says (spec 1.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from fhir_mappings.dosage_timing import Frequency, every

_WORDS: Mapping[str, Fraction] = MappingProxyType(
    {
        "half": Fraction(1, 2),
        "one and a half": Fraction(3, 2),
        **{
            word: Fraction(number)
            for number, words in enumerate(("", "a an one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"))
            for word in words.split()
        },
    }
)
NUMBER = r"(?:\d+ (?:and )?\d/\d|\d/\d|\d+(?:\.\d+)?|one and a half|half|one|two|three|four|five|six|seven|eight|nine|ten)"
UNIT = r"(?:mg|milligrams?|mcg|ug|micrograms?|grams?|gm|g|ml|milliliters?|tab(?:let)?s?|tbl|cap(?:sule)?s?|pills?)"
_DAY_NAMES = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?"
_TIME = r"(?:days?|d|weeks?|wks?|w|months?|mo)"
_TIMES = {"d": Fraction(1), "w": Fraction(7), "m": Fraction(1461, 48)}


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text + r"(?![\w/])\s*")


AMOUNT = re.compile(rf"({NUMBER})(?: ?(?:-|to|or) ?({NUMBER}))? ?({UNIT})(?![\w/])\s*")
STATED = re.compile(rf"\(?({NUMBER}) ?mg(?: (total|each))?( dose)?\)?(?![\w/])\s*")
COUNTED = re.compile(rf"\({NUMBER} ?(?:tab(?:let)?s?|cap(?:sule)?s?|pills?)\)\s*")
THEN = re.compile(r"(?:[;,.]? ?(?:and )?then|followed by|[;])\s+")
AND = re.compile(r"(?:and|plus|,|&)\s+")
STOP = re.compile(r"(?<=\w)[;,.]? ?(?:and |then |and then )(?:stop|discontinue)(?: taking| it)?$")  # after a course of so many days
PRN = re.compile(r"(?:as needed|if needed|when needed|as required|prn|when required)(?: for [a-z ]+)?\s*")
FOR = re.compile(rf"(?:for|x) ?(\d+|one|two|three|four|five|six|seven|eight|nine|ten|a) ?({_TIME})(?!\w)\s*")
FALLS = re.compile(
    rf"(?:decreas\w+|reduc\w+|taper\w*|lower\w*)(?: the dose)? by ({NUMBER}) ?({UNIT}) "
    rf"(weekly|every week|each week|daily|every day|every (\d+|two|three|four) ({_TIME}))"
    rf"(?: until| down to| to) ({NUMBER}) ?({UNIT})(?: (?:daily|a day|per day))?\s*"
)
HARMLESS = _pattern(
    r"(?:please|take|takes|taking|give|inject|swallow|use|administer|chew|by mouth|orally|oral|per os|p\.?o\.?|intravenously|iv|"
    r"intramuscularly|im|subcutaneously|subcut|subq|sub-q|s\.?c\.?|sq|under the skin|"
    r"with (?:a )?(?:food|meals?|milk|water|plenty of water)|after (?:food|meals?)|in total|total|dose|doses|the|of|at|on|"
    r"continue(?: with)?|until further notice|long ?term|\.|,)"
)
_A_DAY, _A_WEEK = r"(?:daily|a day|per day|every day)", r"(?:weekly|a week|per week|every week)"
_OFTEN: tuple[tuple[re.Pattern[str], tuple[Fraction, Fraction]], ...] = tuple(
    (_pattern(text), (Fraction(doses), Fraction(days)))
    for text, doses, days in (
        (rf"(?:(?:once|one time|1 time|1x) {_A_DAY}|every other week)", 0, 0),
        (rf"(?:(?:twice|two times|2 times|2x) {_A_DAY}|b\.?i\.?d\.?)", 2, 1),
        (rf"(?:(?:thrice|three times|3 times|3x) {_A_DAY}|t\.?i\.?d\.?)", 3, 1),
        (rf"(?:(?:four times|4 times|4x) {_A_DAY}|q\.?i\.?d\.?)", 4, 1),
        (r"(?:every (?:other|second) day|(?:on )?alternate days|q\.?o\.?d\.?|every (?:2|two) days|q48h|every 48 hours)", 1, 2),
        (rf"(?:twice|two times|2 times|2x) {_A_WEEK}", 2, 7),
        (rf"(?:thrice|three times|3 times|3x) {_A_WEEK}", 3, 7),
        (rf"(?:(?:once )?{_A_WEEK}|each week|q ?week|qwk|q1w)", 1, 7),
        (r"(?:(?:once )?(?:monthly|a month|per month|every month)|q ?month)", 1, 0),
        (rf"(?:{_A_DAY}|each day|q\.?d\.?|o\.?d\.?|every 24 hours|q24h|qday)", 1, 1),
    )
)
_EVERY_OTHER_WEEK = _OFTEN[0][0]
_HOURS = re.compile(r"(?:every|q) ?(\d+) ?(?:hours?|hrs?|h)(?!\w)\s*")
_DAYS = re.compile(r"(?:every|q) ?(\d+|two|three|four|five|six) ?(days?|d|weeks?|wks?|w|months?)(?!\w)\s*")
_MEAL = r"(?:breakfast|lunch|dinner|supper)"
MOMENTS = _pattern(
    r"(?:in the (?:morning|evening|afternoon)|(?:every|each) (?:morning|evening|night|afternoon)|at (?:night|bedtime|noon|midday)|"
    rf"nightly|qam|q\.?a\.?m\.?|qpm|q\.?p\.?m\.?|qhs|q\.?h\.?s\.?|hs|(?:at|with|after|before) {_MEAL}|before bed|morning|evening|noon)"
)
_ON_DAYS = re.compile(rf"(?:every |each |on )?{_DAY_NAMES}(?:(?: ?, ?(?:and )?| ?and ?|/ ?| ){_DAY_NAMES})*(?!\w)\s*")
_COUNT = r"([0-9½]|0[.,]5|1/2)"
SCHEME = re.compile(rf"{_COUNT}-{_COUNT}-{_COUNT}(?:-{_COUNT})?(?: (?:tbl|tabl|tabletten?|kapseln?)\.?)?$")
_TURN = r"(?:by mouth )?(?:one day|every other day|the next day|the next|on (?:the )?(?:other|alternate) days?)"
ALTERNATING = re.compile(
    rf"(?:take |alternate |alternating )?({NUMBER}) ?({UNIT})(?: {_TURN})? "
    rf"(?:and|alternating with|with|then) ({NUMBER}) ?({UNIT})(?: {_TURN})?$"
)
SAYS_ALTERNATING = re.compile(r"alternat|one day .*next|every other day .*every other day")


def frequency_in(plain: str, place: int) -> tuple[Frequency | None, int]:
    for pattern, often in _OFTEN:
        found = pattern.match(plain, place)
        if found:
            return _named(pattern, found[0], *often), found.end()
    hours = _HOURS.match(plain, place)
    if hours and int(hours[1]) > 0:
        return every(Fraction(24, int(hours[1])), Fraction(1)), hours.end()
    days = _DAYS.match(plain, place)
    if days and value_of(days[1]) > 0:
        return every(Fraction(1), value_of(days[1]) * unit_days(days[2])), days.end()
    weekdays = _ON_DAYS.match(plain, place)
    if weekdays:
        count = len(set(re.findall(r"mon|tue|wed|thu|fri|sat|sun", weekdays[0])))
        return Frequency(Fraction(count, 7), Fraction(count, 7), Fraction(1)), weekdays.end()
    return None, place


def frequency_said(text: str) -> Frequency | None:
    """A frequency in words alone, as some EHRs write Timing.code.text: `Twice daily`, `BID`."""
    plain = " ".join(text.casefold().split())
    found, end = frequency_in(plain, 0)
    if found is None:
        moment = MOMENTS.match(plain)
        found, end = (every(Fraction(1), Fraction(1)), moment.end()) if moment else (None, 0)
    return found if found is not None and end == len(plain) else None


def _named(pattern: re.Pattern[str], words: str, doses: Fraction, days: Fraction) -> Frequency:
    if pattern is _EVERY_OTHER_WEEK:
        return every(Fraction(1), Fraction(14) if "week" in words else Fraction(1))
    return every(doses, days or _TIMES["m"])


def value_of(text: str) -> Fraction:
    if text in _WORDS:
        return _WORDS[text]
    whole, _, part = text.replace(" and ", " ").rpartition(" ")
    return (Fraction(whole) if whole else Fraction(0)) + Fraction(part)


def unit_days(text: str) -> Fraction:
    return _TIMES[text[0]]
