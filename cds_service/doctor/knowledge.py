"""Definitions, terminology and a site's concept maps into findings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cds_service.criteria.load import load_trial
from cds_service.criteria.source import DefinitionError
from cds_service.doctor.model import FAIL, OK, WARN, Finding, Scene
from cds_service.trials import shipped
from fhir_mappings.terminology import Terminology, TerminologyError, load

_SHOWN = 5


def definitions(scene: Scene) -> Iterator[Finding]:
    for path in shipped().values():
        yield from _definition(path)


def _definition(path: Path) -> Iterator[Finding]:
    try:
        trial = load_trial(path, load().value_sets)
    except DefinitionError as error:
        for fault in error.faults:
            yield Finding("definitions", FAIL, str(fault), f"correct it; `cds-service trials check {path.name}` tells every fault")
        return
    says = f"{trial.definition}: {len(trial.criteria)} criteria, {trial.state}"
    if trial.open:
        yield Finding("definitions", OK, says)
    else:
        yield Finding("definitions", WARN, says, "no card is shown for it; set `state: recruiting` when it is open")


def terminology(scene: Scene) -> Iterator[Finding]:
    held = load().value_sets.values()
    complete = sum(one.complete for one in held)
    if held:
        yield Finding("terminology", OK, f"{len(held)} value sets, {complete} of them complete for their meaning")
    else:
        yield Finding("terminology", FAIL, "no value set is there", "install the package again")


def concept_maps(scene: Scene) -> Iterator[Finding]:
    paths = scene.settings.concept_maps
    if not paths:
        yield Finding("concept maps", OK, "none: local codes are not read")
        return
    try:
        found = load().with_site_maps(paths)
    except TerminologyError as error:
        yield Finding("concept maps", FAIL, str(error), "correct the ConceptMap; the service does not start with it")
        return
    yield from _mapped(found, len(paths))


def _mapped(found: Terminology, files: int) -> Iterator[Finding]:
    yield Finding("concept maps", OK, f"{files} file(s) read")
    for warning in found.warnings[:_SHOWN]:
        yield Finding("concept maps", WARN, warning, "map it onto a code that a value set holds, or take it out")
    more = len(found.warnings) - _SHOWN
    if more > 0:
        yield Finding("concept maps", WARN, f"{more} more mappings are not used", "see docs/terminology.md")
