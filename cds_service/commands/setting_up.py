"""The environment's settings into the Engine that a command needs, with faults told on stderr instead of raised."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cds_service.config import Settings
from cds_service.criteria.model import Trial
from cds_service.criteria.source import DefinitionError
from cds_service.engine import Engine, build_engine
from cds_service.errors import unreadable
from fhir_mappings.terminology import TerminologyError


def settings_from_environ() -> Settings | None:
    settings, faults = Settings.read(os.environ)
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    return None if faults else settings


def tell(error: Exception) -> None:
    """On stderr, `error:` before each fault; an indented line goes on with the one before."""
    text = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
    for line in text.splitlines():
        print(line if line.startswith(" ") else f"error: {line}", file=sys.stderr)


def engine_from_environ(definition: str = "", settings: Settings | None = None) -> Engine | None:
    """The engine, with a definition file added where `definition` names one; None after telling what is wrong."""
    settings = settings or settings_from_environ()
    if settings is None:
        return None
    try:
        return build_engine(settings.timezone, settings.concept_maps, [Path(definition)] if is_file(definition) else [])
    except DefinitionError as error:
        for fault in error.faults:
            print(f"error: {fault}", file=sys.stderr)
    except OSError as error:
        print(f"error: {error.filename}: {unreadable(error, 'YAML')}", file=sys.stderr)
    except TerminologyError as error:
        print(f"error: {error}", file=sys.stderr)
    return None


def is_file(name: str) -> bool:
    return name.endswith((".yaml", ".yml"))


def find_trial(engine: Engine, name: str) -> Trial | None:
    """The trial of that id or definition file; None after telling which there are."""
    for trial in engine.trials.values():
        if trial.id == name or (is_file(name) and trial.source == str(Path(name))):
            return trial
    hint = "; a definition file's name ends with .yaml or .yml" if Path(name).exists() else ""
    print(f"error: unknown trial '{name}'; known: {', '.join(sorted(engine.trials))}{hint}", file=sys.stderr)
    return None
