"""The definition of CC312 and the charts built for it into docs/coverage.md: what is computed, from what, what is asked, and on which reading."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from cds_service.criteria.model import Criterion
from cds_service.criteria.questionnaire import questions
from fhir_mappings.terminology import ValueSet
from tests.spec.print_semantics import row
from tests.support.engine import engine
from tests.trials import (
    test_cc312_everybody,
    test_cc312_exclusions_01_06,
    test_cc312_exclusions_07_12,
    test_cc312_exclusions_13_17,
    test_cc312_exclusions_18_24,
    test_cc312_iim,
    test_cc312_sle,
    test_cc312_ssc,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"
TABLES = (
    test_cc312_everybody, test_cc312_sle, test_cc312_iim, test_cc312_ssc,
    test_cc312_exclusions_01_06, test_cc312_exclusions_07_12, test_cc312_exclusions_13_17, test_cc312_exclusions_18_24,
)  # fmt: skip
COLUMNS = ("criterion", "computed", "from", "asked", "rests on", "shown on built charts")


def page() -> str:
    head = [
        "# What is computed of CC312",
        "",
        "Printed by `make docs` from the definition and from the charts of the tests; a stale page fails `make test`. Each criterion",
        "is computed from records as far as they go; what only people can say is asked. The last column counts the verdicts that the",
        "charts built for the criterion give.",
        "",
        row(COLUMNS),
        row("---" for _ in COLUMNS),
    ]
    value_sets = engine().terminology.value_sets
    lines = [row(_cells(one, shown().get(one.id, {}), value_sets)) for one in engine().trials["cc312"].criteria]
    return "\n".join([*head, *lines]) + "\n"


def _cells(criterion: Criterion, verdicts: Mapping[str, int], value_sets: Mapping[str, ValueSet]) -> Iterator[str]:
    nodes = list(criterion.nodes())
    asks = list(questions(criterion).values())
    computed = dict.fromkeys(node.label for node in nodes if node.label and not node.question)
    types = {kind for node in nodes for kind in node.TYPES} | {
        kind for node in nodes for name in node.inputs() for kind in value_sets[name].types
    }
    yield criterion.id
    yield ", ".join(computed) or "–"
    yield ", ".join(sorted(types)) or "–"
    yield " / ".join(asks) or "–"
    yield ", ".join(criterion.open_questions) or "–"
    yield ", ".join(f"{verdict} {count}" for verdict, count in sorted(verdicts.items()))


def shown() -> Mapping[str, Mapping[str, int]]:
    """criterion -> verdict (as the tables write it) -> how many built charts give it."""
    found: dict[str, dict[str, int]] = {}
    for identity, _, _, _, verdict in (*(one for table in TABLES for one in table.ROWS), *test_cc312_everybody.MEN):
        held = found.setdefault(identity, {})
        held[verdict] = held.get(verdict, 0) + 1
    return found


def main() -> None:
    PAGE.write_text(page(), "utf-8")
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    sys.exit(main())
