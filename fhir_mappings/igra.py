"""The parts of a QuantiFERON panel (antigen, nil, mitogen) of one day into an IGRA result, where the laboratory gave none (spec E-23)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from fhir_mappings.code_systems import normalise_system
from fhir_mappings.dates import Interval
from fhir_mappings.inputs import Origin, Positivity, Range, Result, Standing
from fhir_mappings.shapes import codings, words
from fhir_mappings.table import read_table

_ROWS = read_table("igra")
_PARTS = {(row["system"], row["code"]): row["kind"] for row in _ROWS if row["code"]}
_LIMITS = {row["kind"]: Decimal(row["value"]) for row in _ROWS if row["value"]}
_SETS = frozenset({"lab.igra", "lab.igra_value", "lab.igra_control"})  # a result of none of these is no part
Part = tuple[str, str, Result]  # kind of part, tube (`tb1`, `tb2` or ''), result


def part_of(code: object, result: Result) -> Part | None:
    """A result as a part of a panel; None where it is none, or has no exact, confirmed value."""
    if not result.concepts & _SETS:
        return None
    kind = next((_PARTS[key] for key in ((normalise_system(system), one) for system, one, _ in codings(code)) if key in _PARTS), None)
    if kind is None or result.value is None or result.standing is not Standing.CONFIRMED or result.conflict:
        return None
    text = " ".join(words(code)).casefold().replace(" ", "")
    return kind, next((tube for tube in ("tb1", "tb2") if tube in text), ""), result


def computed(parts: Iterable[Part], interpreted: Sequence[Result]) -> list[Result]:
    """One result for each day that has all parts and no interpretation by the laboratory."""
    days: dict[Interval, list[Part]] = {}
    for part in parts:
        if part[2].when:
            days.setdefault(part[2].when, []).append(part)
    told = {one.when for one in interpreted if one.standing is Standing.CONFIRMED and one.positivity is not Positivity.UNKNOWN}
    found = [_panel(day, held) for day, held in days.items() if day not in told]
    return [one for one in found if one]


def _panel(day: Interval, parts: list[Part]) -> Result | None:
    found = ((tube, one) for kind, tube, one in parts if kind == "antigen-nil")
    antigens = sorted(found, key=lambda pair: (pair[0], pair[1].origin.reference, pair[1].text or ""))
    nil, mitogen = (_only(parts, kind) for kind in ("nil", "mitogen-nil"))
    tubes = {tube for tube, _ in antigens}
    if not antigens or nil is None or mitogen is None or tubes in ({"tb1"}, {"tb2"}):
        return None  # not all parts: a negative first tube says nothing of the second
    values = [one.value for _, one in antigens if one.value]
    reading = _reading(values, nil, mitogen)
    if reading is None:
        return None
    first = antigens[0][1].origin
    shown = ", ".join(filter(None, (one.text for _, one in antigens)))
    display = f"IGRA {reading.value if reading is not Positivity.BORDERLINE else 'indeterminate'} (computed: antigen minus nil {shown})"
    return Result("lab.igra", Origin(first.reference, first.version, display), Standing.CONFIRMED, day, positivity=reading, text=shown)


def _only(parts: list[Part], kind: str) -> Range | None:
    values = {one.value for name, _, one in parts if name == kind}
    return values.pop() if len(values) == 1 else None


def _reading(antigens: list[Range], nil: Range, mitogen: Range) -> Positivity | None:
    if nil.above(_LIMITS["limit-nil"]) is not False or nil.high is None:
        return Positivity.BORDERLINE
    needed = max(_LIMITS["limit-antigen"], nil.high * _LIMITS["limit-share"])
    reached = {one.at_least(needed) for one in antigens}
    if True in reached:
        return Positivity.POS
    if None in reached:
        return None
    answered = mitogen.at_least(_LIMITS["limit-mitogen"])
    return None if answered is None else Positivity.NEG if answered else Positivity.BORDERLINE
