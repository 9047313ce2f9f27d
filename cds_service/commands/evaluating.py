"""`cds-service evaluate`: charts and a trial into a table for people, or one Evaluation a line."""

from __future__ import annotations

import argparse
import sys
from datetime import date

import orjson

from cds_service.commands.inputs import Item, read_paths
from cds_service.commands.setting_up import engine_from_environ, find_trial
from cds_service.commands.summary import summary
from cds_service.commands.table import table
from cds_service.criteria.evaluation import STATUSES, Evaluation
from cds_service.criteria.holding import ON_HOLD
from cds_service.criteria.model import Trial
from cds_service.engine import Engine
from cds_service.observe.logs import kind_and_place


def evaluate(arguments: argparse.Namespace) -> int:
    """Exit status 1 where an input could not be read; the others are evaluated."""
    engine = engine_from_environ(definition=arguments.trial)
    trial = find_trial(engine, arguments.trial) if engine else None
    if engine is None or trial is None:
        return 2
    as_of = arguments.as_of or engine.today()
    tally: dict[str, int] = {}
    failed = 0
    for item in read_paths(arguments.paths):
        found = _evaluated(engine, trial, item, as_of)
        if isinstance(found, Evaluation):
            status = found.shown(found.status)
            tally[status] = tally.get(status, 0) + 1
            _report(item, found, trial, arguments)
        else:
            failed += 1
            _report_error(item.source, found, arguments.json)
    if not arguments.json and sum(tally.values()) > 1:
        print("\n" + ", ".join(f"{tally[status]} {status}" for status in (*STATUSES, ON_HOLD) if status in tally))
    return 1 if failed else 0


def _evaluated(engine: Engine, trial: Trial, item: Item, as_of: date) -> Evaluation | str:
    """Or why there is none. A fault of ours costs this input alone, and its text may quote the chart: only kind and place are told."""
    if item.chart is None:
        return item.error or "cannot be read"
    try:
        return engine.evaluate(trial, item.chart, as_of)
    except Exception as error:
        return f"the evaluation failed: {kind_and_place(error)}"


def _report(item: Item, evaluation: Evaluation, trial: Trial, arguments: argparse.Namespace) -> None:
    if arguments.json:
        _line({"source": item.source, **evaluation.to_json()})
    else:
        print((table if arguments.full else summary)(item.source, evaluation, trial))


def _report_error(source: str, error: str, as_json: bool) -> None:
    if as_json:
        _line({"source": source, "error": error})
    print(f"error: {source}: {error}", file=sys.stderr)


def _line(value: dict[str, object]) -> None:
    sys.stdout.write(orjson.dumps(value).decode("utf-8") + "\n")
    sys.stdout.flush()
