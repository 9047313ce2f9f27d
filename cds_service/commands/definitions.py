"""`cds-service trials …`: definitions listed, checked, and told in plain words."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from difflib import ndiff
from pathlib import Path

import orjson
import yaml

from cds_service.commands.setting_up import engine_from_environ, find_trial, settings_from_environ
from cds_service.criteria.describe import describe
from cds_service.criteria.load import load_trial
from cds_service.criteria.questionnaire import questionnaire
from cds_service.criteria.schema import definition_schema
from cds_service.criteria.source import DefinitionError
from cds_service.criteria.study import study_bundle
from cds_service.criteria.wording import warnings
from cds_service.errors import unreadable
from cds_service.sheets import page
from cds_service.source_attributes.markdown import markdown
from cds_service.source_attributes.sheet import source_attributes
from cds_service.trials import shipped
from fhir_mappings.terminology import load

_CRITERION = re.compile(r"(\S+)  (?:inclusion|exclusion)\b")


def list_trials(arguments: argparse.Namespace) -> int:
    engine = engine_from_environ()
    if engine is None:
        return 2
    for trial in engine.trials.values():
        print(f"{trial.definition:16} {trial.registry.value:14} {trial.state:11} {len(trial.criteria)} criteria  {trial.title}")
    return 0


def check(arguments: argparse.Namespace) -> int:
    """Every fault and warning of every file, each with its place. Exit status 1 where there is a fault."""
    settings = settings_from_environ()
    if settings is None:
        return 2
    value_sets = load().with_site_maps(settings.concept_maps).value_sets
    bad = 0
    for path in map(_file, arguments.files):
        try:
            trial = load_trial(path, value_sets)
        except DefinitionError as error:
            bad += 1
            print(error)
        except OSError as error:
            bad += 1
            print(f"error: {path}: {unreadable(error, 'YAML')}", file=sys.stderr)
        else:
            told = warnings(trial)
            for warning in told:
                print(f"{warning.place}: warning: {warning.problem}")
            count = f", {len(told)} warning{'s' if len(told) > 1 else ''}" if told else ""
            print(f"{path}: {trial.definition}, {len(trial.criteria)} criteria, no faults{count}")
    return 1 if bad else 0


def describe_trial(arguments: argparse.Namespace) -> int:
    engine = engine_from_environ(definition=arguments.trial)
    trial = find_trial(engine, arguments.trial) if engine else None
    if engine is None or trial is None:
        return 2
    print(describe(trial, engine.terminology.value_sets))
    return 0


def compare(arguments: argparse.Namespace) -> int:
    """What changed between two definitions, in plain words. Exit status 1 where both have one version, or one can't be read."""
    settings = settings_from_environ()
    if settings is None:
        return 2
    value_sets = load().with_site_maps(settings.concept_maps).value_sets
    try:
        paths = [_file(path) for path in (arguments.before, arguments.after)]
        before, after = (load_trial(path, value_sets) for path in paths)
        contents = [yaml.safe_load(path.read_text("utf-8")) for path in paths]
    except OSError as error:
        print(f"error: {error.filename}: {unreadable(error, 'YAML')}", file=sys.stderr)
        return 1
    except DefinitionError as error:
        print(error, file=sys.stderr)
        return 1
    if contents[0] == contents[1]:
        print(f"{before.definition} and {after.definition}: the same content")
        return 0
    changes = list(_changed(describe(before, value_sets), describe(after, value_sets)))
    print("\n".join(changes) or "they differ in what `trials describe` does not tell, such as a gate, a scope or a cure")
    if before.definition == after.definition:
        print(f"warning: both are {after.definition}: a changed definition is another one; step its version", file=sys.stderr)
        return 1
    return 0


def _file(name: Path) -> Path:
    """The definition of a trial that comes with the service, by its id, or the file of that name."""
    return shipped().get(str(name), name)


def _changed(before: str, after: str) -> Iterator[str]:
    """The lines that differ, each block under the criterion in which it stands."""
    old, new = (list(_under_heads(text)) for text in (before, after))
    head = None
    for line in (one for one in ndiff(old, new) if one[0] in "+-"):
        sign, (place, _, words) = line[0], line[2:].partition("\t")
        if place != head:
            yield place
        head = place
        yield f"  {sign} {words}"


def _under_heads(text: str) -> Iterator[str]:
    """`SLE-5<tab>line` for each line of the description."""
    head = ""
    for line in filter(None, text.splitlines()):
        found = _CRITERION.match(line)
        if found or not line.startswith(" "):
            head = found[1] if found else "the head, the open questions and the groups"
        yield f"{head}\t{line.strip().removeprefix('- ')}"


def print_questionnaire(arguments: argparse.Namespace) -> int:
    engine = engine_from_environ(definition=arguments.trial)
    trial = find_trial(engine, arguments.trial) if engine else None
    if trial is None:
        return 2
    print(orjson.dumps(questionnaire(trial), option=orjson.OPT_INDENT_2).decode())
    return 0


def export(arguments: argparse.Namespace) -> int:
    """As a FHIR R4 transaction, built and validated with fhir.resources."""
    from fhir.resources.R4B.bundle import Bundle

    engine = engine_from_environ(definition=arguments.trial)
    trial = find_trial(engine, arguments.trial) if engine else None
    if trial is None:
        return 2
    print(Bundle.model_validate(study_bundle(trial)).model_dump_json(indent=2))
    return 0


def print_attributes(arguments: argparse.Namespace) -> int:
    """As Markdown, JSON or a page."""
    engine = engine_from_environ(definition=arguments.trial)
    trial = find_trial(engine, arguments.trial) if engine else None
    if engine is None or trial is None:
        return 2
    found = source_attributes(trial, engine.terminology.value_sets)
    if arguments.json:
        print(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        text = markdown(found)
        print(page(f"Source attributes of {trial.definition}", text) if arguments.html else text, end="")
    return 0


def schema(arguments: argparse.Namespace) -> int:
    print(orjson.dumps(definition_schema(), option=orjson.OPT_INDENT_2).decode())
    return 0
