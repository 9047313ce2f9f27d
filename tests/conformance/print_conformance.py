"""The rules and the tests that name them into docs/conformance.md."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

from tests.conformance.rules import TESTS, VERDICTS, Rule, rules, shown
from tests.spec.print_semantics import row

PAGE = TESTS.parent / "docs" / "conformance.md"
HEAD = """# CDS Hooks, rule by rule

Printed by `make docs` from the table of rules and from the tests that name a rule; a stale page fails `make test`. The service keeps to
CDS Hooks 2.0.1; what is new in the 3.0 ballot is marked. Words are ours, not the specification's. Some rules bind the client: they stand
here where the service has to cope with what clients do. Tests in `deploy/` need nginx and run in `make test-all`.
"""


def page() -> str:
    counts = Counter(rule.verdict for rule in rules())
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    columns = ("rule", "says", "binds", "verdict", "shown by")
    lines = [row(columns), row("---" for _ in columns), *(row(_cells(rule)) for rule in rules())]
    return "\n".join([HEAD, f"Of {counts.total()} rules: {told}.", "", *lines]) + "\n"


def _cells(rule: Rule) -> Iterator[str]:
    yield rule.number
    yield rule.words
    yield rule.binds
    yield f"{rule.verdict}: {rule.why}" if rule.why else rule.verdict
    yield "<br>".join(f"`{one.test}`" for one in shown() if one.rule == rule.number) or "–"


def main() -> None:
    PAGE.write_text(page(), "utf-8")
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    sys.exit(main())
