"""`cds-service trials inputs`: the value sets that a definition may name, with what each means, holds and is measured in."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from textwrap import wrap

from cds_service.commands.setting_up import settings_from_environ
from cds_service.criteria.vocabulary import KINDS
from fhir_mappings.analytes import ANALYTES
from fhir_mappings.table import read_table
from fhir_mappings.terminology import ValueSet, load
from fhir_mappings.value_set import packaged

_WIDTH = 118
_NUMBER, _SIGN = "a number (measure, times_upper_limit, under_lower_limit)", "positive or negative (serology)"
_READING = {"quantity": _NUMBER, "positivity": _SIGN, "both": f"{_NUMBER} or {_SIGN}", "score": "a score (score, trend, graded_domains)"}
_PARTS = frozenset({"Quantity", "Timing"})  # what the mapping itself looks up; no criterion names it


def list_inputs(arguments: argparse.Namespace) -> int:
    """One line each; what is found by a word with its details. Exit status 1 where nothing is."""
    settings = settings_from_environ()
    if settings is None:
        return 2
    every = load().with_site_maps(settings.concept_maps).value_sets
    value_sets = {name: one for name, one in every.items() if not one.types & _PARTS}
    if arguments.find is None:
        for one in sorted(value_sets.values(), key=lambda each: each.id):
            print("\n".join(_lines(one)))
        return 0
    found = _found(arguments.find.casefold(), value_sets)
    if not found:
        print(f"no input has to do with '{arguments.find}'; docs/terminology.md says how codes are added", file=sys.stderr)
        return 1
    for one in found:
        print("\n".join([*_lines(one), *_details(one)]))
    return 0


def _found(word: str, value_sets: Mapping[str, ValueSet]) -> list[ValueSet]:
    """By id, title, short name, or a code and its name."""
    coded = {str(one["identifier"][0]["value"]) for one in packaged() if word in " ".join(_codes(one)).casefold()}
    return [one for one in sorted(value_sets.values(), key=lambda each: each.id) if one.id in coded or word in _said(one).casefold()]


def _said(one: ValueSet) -> str:
    return f"{one.id} {one.title} {(ANALYTES[one.id].name or '') if one.id in ANALYTES else ''}"


def _codes(resource: Mapping[str, object]) -> Iterator[str]:
    compose = resource.get("compose")
    for rule in compose.get("include", ()) if isinstance(compose, dict) else ():
        yield from (f"{one['code']} {one.get('display', '')}" for one in rule.get("concept", ()))
        yield from (str(one["value"]) for one in rule.get("filter", ()))


def _lines(one: ValueSet) -> list[str]:
    units = f", in {_units(one.id)[0]}" if _units(one.id) else ""
    text = f"{one.title} ({one.codes} code{'s' if one.codes != 1 else ''}{units})"
    return wrap(text, _WIDTH, initial_indent=f"{one.id:27} ", subsequent_indent=" " * 28)


def _details(one: ValueSet) -> Iterator[str]:
    told = [f"records: {', '.join(sorted(one.types))}" if one.types else "", f"read as: {_reading(one.id)}" if one.id in ANALYTES else ""]
    told += [f"units: {', '.join(_units(one.id))}" if _units(one.id) else "", f"rules: {', '.join(_rules(one))}" if _rules(one) else ""]
    told += [f"finding none shows that there is none: {'yes' if one.complete else 'no'} ({one.why})"]
    for text in filter(None, told):
        yield from wrap(text, _WIDTH, initial_indent=" " * 28, subsequent_indent=" " * 30)


def _reading(name: str) -> str:
    return _READING.get(ANALYTES[name].reads, "a coded answer (coded_result)")


def _units(name: str) -> list[str]:
    """Those that a limit may be written in; the unit that results are converted to first."""
    measure = ANALYTES[name].measure if name in ANALYTES else None
    rows = [row for row in read_table("units") if row["measure"] == measure]
    return list(dict.fromkeys([row["canonical"] for row in rows] + [row["unit"] for row in rows]))


def _rules(one: ValueSet) -> list[str]:
    """The keys of a definition that read such records alone; what is told by `read as`, and what reads any record, is left out."""
    return [] if one.id in ANALYTES else sorted(kind.KEY for kind in KINDS if kind.READS & one.types)
