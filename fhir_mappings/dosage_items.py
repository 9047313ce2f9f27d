"""The grammar of dosage instructions: patterns over the words' kinds, and what each says to the Parser (spec 1.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from fhir_mappings.dates import Duration
from fhir_mappings.dosage_amount import Amount
from fhir_mappings.dosage_parser import ONE, Parser
from fhir_mappings.dosage_sig import Fall, NotUnderstood
from fhir_mappings.dosage_timing import DAYS, WEEK

# One letter a word, as dosage_words.py gives them.
_NUM = "(?:N(?:[~>R]N)?|a)"


def _plain_amount(parser: Parser, found: re.Match[str]) -> None:
    """`5 mg`, `1-2 tablets`, `up to 2 mL`."""
    amount = parser.amount(found, "n", "u")
    parser.put(Amount(Fraction(0) if found["up"] else amount.low, amount.high, amount.kind))


def _wide_amount(parser: Parser, found: re.Match[str]) -> None:
    """`5 mg to 10 mg`."""
    low, high = parser.amount(found, "n", "u"), parser.amount(found, "m", "v")
    if low.kind != high.kind or low.low > high.high:
        raise NotUnderstood
    parser.put(Amount(low.low, high.high, low.kind))


def _counted_amount(parser: Parser, found: re.Match[str]) -> None:
    """`2 tablets (10 mg total)`, `2 tablets (5 mg each)`, `2 tablets (10 mg)`, `2 tablets of 5 mg`."""
    amount, mg = parser.amount(found, "n", "u"), parser.milligrams(found, "b", "w")
    is_total = found["after"] == "l" or found["before"] in ("l", "=") or amount.kind == "mL"
    said = "l" if is_total else "e" if found["after"] or found["before"] else ""
    each, total, either = (mg if said == one else None for one in ("e", "l", ""))
    parser.put(Amount(amount.low, amount.high, amount.kind, each, total, either))


def _weighed_amount(parser: Parser, found: re.Match[str]) -> None:
    """`10 mg (2 tablets)`, `10 mg = 2 tablets`."""
    amount = parser.amount(found, "n", "u")
    beside = parser.amount(found, "b", "w") if found["b"] else parser.amount(found, "b2", "w2")
    parser.put(Amount(amount.low, amount.high, "mg", units=beside.low if beside.kind == "form" else None))


def _each_amount(parser: Parser, found: re.Match[str]) -> None:
    """`two 5 mg tablets`, `2 x 5 mg`."""
    groups = ("n", "b", "w") if found["n"] else ("n2", "b2", "w2")
    low, high = parser.number(found, groups[0])
    parser.put(Amount(low, high, "form", each=parser.milligrams(found, *groups[1:])))


def _label(parser: Parser, found: re.Match[str]) -> None:
    """`5 mg tablet: take 2 tablets`."""
    part = parser.step.parts[-1]
    if part.amount is not None or part.each is not None:
        raise NotUnderstood
    part.each = parser.milligrams(found, "b", "w")


def _turns(parser: Parser, found: re.Match[str]) -> None:
    """`200 mg one day and 400 mg the next`, `40 mg on even days and 20 mg on odd days`: a dose every day."""
    one, other = parser.amount(found, "n", "u"), parser.amount(found, "b", "w")
    allowed = ("1/2",) if "qod" in found.re.groupindex else ("1/1", "1/2")
    if any(word.value not in allowed for word in parser.words[found.start() : found.end()] if word.kind == "S"):
        raise NotUnderstood
    parser.put(one, other)
    parser.often((ONE, ONE), (ONE, ONE))


def _simple(parser: Parser, found: re.Match[str]) -> None:
    """`daily`, `bid`, `weekly`, with `once` or `3 times` before it."""
    doses, days = _frequency(parser.value(found, "s"))
    if found["n"]:
        low, high = parser.number(found, "n")
        if doses != ONE:
            raise NotUnderstood
        parser.often((Fraction(0) if found["up"] else low, high), (days, days))
    elif found["o"]:
        if doses != ONE:
            raise NotUnderstood
        times = Fraction(parser.value(found, "o"))
        parser.often((Fraction(0) if found["up"] else times, times), (days, days))
    else:
        parser.often((doses, doses), (days, days))


def _frequency(value: str) -> tuple[Fraction, Fraction]:
    doses, _, days = value.partition("/")
    return Fraction(doses), DAYS["mo"] if days == "month" else Fraction(days)


def _spaced(parser: Parser, found: re.Match[str]) -> None:
    """`every 8 hours`, `every 4 to 6 hours`, `once every other week`, `3 times a week`, `/day`."""
    unit = DAYS[parser.value(found, "t")]
    low, high = parser.number(found, "m") if found["m"] else (ONE, ONE)
    times = parser.number(found, "n") if found["n"] else (Fraction(parser.value(found, "o")),) * 2 if found["o"] else (ONE, ONE)
    factor = unit * (2 if found["other"] else 1)
    parser.often((Fraction(0) if found["up"] else times[0], times[1]), (low * factor, high * factor))


def _moments(parser: Parser, found: re.Match[str]) -> None:
    """`in the morning`, `morning, noon and night`; two names without an "and" between them would be one time or two."""
    part = parser.step.parts[-1]
    values = frozenset(word.value for word in parser.words[found.start() : found.end()] if word.kind == "m")
    if (len(values) > 1 and "&" not in found[0]) or (part.moments and part.moments != values):
        raise NotUnderstood
    part.moments = values


def _weekdays(parser: Parser, found: re.Match[str]) -> None:
    """`mon wed fri`, `monday to friday`, `weekends`."""
    days: list[str] = []
    through = False
    for word in parser.words[found.start() : found.end()]:
        if word.kind == "W":
            named = word.value.split()
            days += _through(days[-1], named[0]) if through else named
        through = word.kind in "~>"
    part = parser.step.parts[-1]
    if part.weekdays and part.weekdays != frozenset(days):
        raise NotUnderstood
    part.weekdays = frozenset(days)


def _through(first: str, last: str) -> list[str]:
    one, other = WEEK.index(first), WEEK.index(last)
    return [WEEK[number % 7] for number in range(one, other + 1 if other >= one else other + 8)]


def _single(parser: Parser, found: re.Match[str]) -> None:
    """`once`, `single dose`."""
    if parser.value(found, "o") not in ("", "1"):
        raise NotUnderstood
    parser.step.parts[-1].once = True


def _divided(parser: Parser, _: re.Match[str]) -> None:
    parser.step.parts[-1].divided = True


def _duration(parser: Parser, found: re.Match[str]) -> None:
    low, high = parser.number(found, "n")
    if low != high:
        raise NotUnderstood
    parser.last(_lasting(low, parser.value(found, "t")))


def _one_day(parser: Parser, _: re.Match[str]) -> None:
    parser.last(Duration(days=1))


def _lasting(count: Fraction, unit: str) -> Duration:
    """So many whole days, or calendar months."""
    if unit == "mo":
        if count.denominator != 1 or count > 1200:
            raise NotUnderstood
        return Duration(months=int(count))
    days = count * DAYS[unit]
    if days.denominator != 1 or not 0 < days <= 36500:
        raise NotUnderstood
    return Duration(days=int(days))


def _needed(parser: Parser, _: re.Match[str]) -> None:
    parser.step.as_needed = True


def _at_most(parser: Parser, found: re.Match[str]) -> None:
    """`max 4 tablets a day`, `not to exceed 40 mg in 24 hours`."""
    amount = parser.amount(found, "n", "u")
    days = _frequency(parser.value(found, "s"))[1] if found["s"] else DAYS[parser.value(found, "t")]
    days *= parser.number(found, "m")[0] if found["m"] else ONE
    if parser.step.most is not None or (found["s"] and _frequency(parser.value(found, "s"))[0] != 1):
        raise NotUnderstood
    parser.step.most = (amount, days)


def _falls(parser: Parser, found: re.Match[str]) -> None:
    """`decrease by 5 mg weekly until 20 mg`: a step of its own after the one before."""
    by = parser.amount(found, "n", "u")
    until = parser.amount(found, "b", "w") if found["b"] else None
    if found["s"]:
        doses, days = _frequency(parser.value(found, "s"))
        if doses != 1:
            raise NotUnderstood
        lasting = Duration(months=1) if days == DAYS["mo"] else _lasting(days, "d")
    else:
        lasting = _lasting(parser.number(found, "m")[0] if found["m"] else ONE, parser.value(found, "t"))
    parser.then()
    parser.step.fall = Fall(by, lasting, until)


def _then(parser: Parser, _: re.Match[str]) -> None:
    parser.then()


def _nothing(parser: Parser, _: re.Match[str]) -> None:
    """Words that say what the drug is for."""


def _stops(parser: Parser, _: re.Match[str]) -> None:
    """`then stop`: after a step of known length."""
    if not parser.step.begun and parser.steps:
        parser.step = parser.steps.pop()
    if parser.step.lasting is None and parser.step.fall is None:
        raise NotUnderstood


_Reader = Callable[[Parser, re.Match[str]], None]
_N = f"(?P<n>{_NUM})"
_TURN, _OTHER = "(?P<n>N)(?P<u>[MC])", "(?P<b>N)(?P<w>[MC])"
_EACH_SO_LONG = f"(?P<other>o?)(?P<m>{_NUM})?(?P<t>T)"
ITEMS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (rf"X{_N}(?P<u>[MCV])(?:[apqe]?(?P<m>N)?(?P<t>T)|(?P<s>S))", _at_most),
        (rf"db{_TURN}(?:[qepa](?P<m>N)?(?P<t>T)|(?P<s>S))[,&]*(?:u|>|u>)(?:{_OTHER}S?|z)", _falls),
        (r"h[,&]*z|z", _stops),
        (r"h[,&]*[di]>|[di]>|h", _then),
        (rf"A?{_TURN}y,?&?{_OTHER}Y", _turns),
        (rf"A{_TURN}[&w]{_OTHER}S?", _turns),
        (rf"{_TURN}S?,?A{_OTHER}S?", _turns),
        (rf"{_TURN}(?P<qod>S),?&{_OTHER}Y", _turns),
        (rf"{_TURN}S?(?P<parity>[gG]),?&?{_OTHER}S?(?!(?P=parity))[gG]", _turns),
        (rf"(?P<parity>[gG]),?{_TURN}S?,?&?(?!(?P=parity))[gG],?{_OTHER}S?", _turns),
        (rf"{_N}(?P<u>[CV])B(?P<before>l?)(?P<b>N)(?P<w>M)(?P<after>[el]?)E", _counted_amount),
        (rf"{_N}(?P<u>[CV])(?P<before>=)(?P<b>N)(?P<w>M)(?P<after>l?)", _counted_amount),
        (rf"{_N}(?P<u>C)(?P<before>k)(?P<b>N)(?P<w>M)(?P<after>e?)", _counted_amount),
        (r"(?P<n>N)(?P<u>M)l?(?:B(?P<b>N)(?P<w>[CV])E|=(?P<b2>N)(?P<w2>[CV]))", _weighed_amount),
        (rf"{_N}x?(?P<b>N)(?P<w>M)C|{_N.replace('<n>', '<n2>')}x(?P<b2>N)(?P<w2>M)", _each_amount),
        (rf"(?P<b>N)(?P<w>M)C,*(?={_NUM}C)", _label),
        (r"(?P<n>N)(?P<u>[MCV])[~>R](?P<m>N)(?P<v>[MCV])", _wide_amount),
        (rf"(?P<up>U?){_N}(?P<u>[MCV])l?(?!C)", _plain_amount),
        (rf"(?P<up>U?)(?:(?P<o>O)|{_N}[tx])?(?P<s>S)", _simple),
        (r"(?P<up>)(?P<o>)x(?P<n>N)(?P<s>S)", _simple),
        (rf"(?P<up>U?)(?:(?:(?P<o>O)|{_N}[tx])[apqe]?|[qepa]){_EACH_SO_LONG}", _spaced),
        (rf"(?P<up>)(?P<o>)x(?P<n>N)[ap]{_EACH_SO_LONG}", _spaced),
        (r"[qe]?m(?:[,&]*m)*", _moments),
        (r"[qe]?W(?:[,&p]*W|[~>]W)*", _weekdays),
        (r"(?P<o>[QO])(?![a-zA-Z])", _single),
        (r"N?v", _divided),
        (rf"[fx]{_N}(?P<t>T)", _duration),
        (r"[fx]y", _one_day),
        (r"P(?:f?[?akn]+(?:[&,R]*[?akn]+)*)?", _needed),
        (r"fn+(?:[&,R]*n+)*", _nothing),
    )
)
