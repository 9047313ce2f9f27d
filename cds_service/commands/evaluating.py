"""`cds-service evaluate`: charts and a trial into a table for people, or one Evaluation a line."""

from __future__ import annotations

import argparse
import sys

import orjson

from cds_service.commands.inputs import Item, read_paths
from cds_service.commands.setting_up import engine_from_environ, find_trial
from cds_service.commands.summary import summary
from cds_service.commands.table import table
from cds_service.criteria.evaluation import STATUSES, Evaluation
from cds_service.criteria.model import Trial


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
        if item.chart is None:
            failed += 1
            _report_error(item, arguments.json)
            continue
        evaluation = engine.evaluate(trial, item.chart, as_of)
        tally[evaluation.status] = tally.get(evaluation.status, 0) + 1
        _report(item, evaluation, trial, arguments)
    if not arguments.json and sum(tally.values()) > 1:
        print("\n" + ", ".join(f"{tally[status]} {status}" for status in STATUSES if status in tally))
    return 1 if failed else 0


def _report(item: Item, evaluation: Evaluation, trial: Trial, arguments: argparse.Namespace) -> None:
    if arguments.json:
        _line({"source": item.source, **evaluation.to_json()})
    else:
        print(table(item.source, evaluation) if arguments.full else summary(item.source, evaluation, trial))


def _report_error(item: Item, as_json: bool) -> None:
    if as_json:
        _line({"source": item.source, "error": item.error})
    print(f"error: {item.source}: {item.error}", file=sys.stderr)


def _line(value: dict[str, object]) -> None:
    sys.stdout.write(orjson.dumps(value).decode("utf-8") + "\n")
    sys.stdout.flush()
