"""One made-up patient's drug history into docs/drug-history.svg."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from cds_service.criteria.evaluate import evaluate
from cds_service.demo import generate
from cds_service.web.drug_history import History, drug_history
from cds_service.web.drug_history_svg import svg
from fhir_mappings.chart import chart_of_bundle
from tests.support.engine import engine

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "drug-history.svg"
AS_OF = date(2026, 11, 22)


def history_of(patient: str) -> History:
    """The drug history of a made-up patient."""
    bundle = next(one.bundle for one in generate(AS_OF) if one.id == patient)
    inputs = engine().map(chart_of_bundle(bundle), AS_OF)
    trial, value_sets = engine().trials["cc312"], engine().terminology.value_sets
    arms = [arm.id for arm in evaluate(trial, inputs, value_sets).arms if arm.status != "out-of-scope"]
    return drug_history(inputs, trial, value_sets, arms)


def picture() -> str:
    return svg(history_of("dose-taper")) + "\n"


def main() -> None:
    PICTURE.write_text(picture(), "utf-8")
    print(f"wrote {PICTURE.name}")


if __name__ == "__main__":
    sys.exit(main())
