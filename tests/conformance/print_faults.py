"""The tables of faults that tests play into docs/faults.md: what comes in, what the answer is."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from fhir_mappings.inputs import State
from tests.conformance.rules import TESTS
from tests.fhir.test_faults import FAULTS
from tests.hooks.test_faults import BODIES, CALLS, CHUNKED, PREFETCH, SIGNING, Body, Call
from tests.hooks.test_feedback import SPELLINGS
from tests.hooks.test_prefetch import STATES
from tests.security.test_jwt import GOOD, HAZARDS
from tests.spec.print_semantics import row

PAGE = TESTS.parent / "docs" / "faults.md"
HEAD = """# What EHRs send, and what the answer is

Printed by `make docs` from the tables of faults that tests play; a stale page fails `make test`. Every error is a FHIR OperationOutcome
that says in `diagnostics` what is wrong and repeats nothing that was sent. "Unknown" is never taken for "no".
"""
MEANS = {
    State.WHOLE: "all there is: what is not there is absent",
    State.PARTIAL: "what came is used; what is not there is unknown",
    State.FAILED: "could not be had: unknown",
}
KNOWN = "The caller is known, and the call is answered. Clocks may differ by the issuer's `skew`, by default a minute."
REFUSED = "401, and nothing is told; the reason stands in the log."
ANSWERED = "Whatever comes in place of a search's Bundle, the hook call is answered: that type is unknown, all others are used."
Rows = Iterable[tuple[object, object, object]]


def page() -> str:
    sections = {
        "The bytes": [*map(_promised, BODIES), *((sent, status, "the bytes are counted as they come") for _, status, sent in CHUNKED)],
        "The call": map(_promised, CALLS),
        "The prefetch": map(_promised, PREFETCH),
        "A value of the prefetch": ((sent, 200, MEANS[state]) for sent, _, state in STATES),
        "Orders being signed": map(_promised, SIGNING),
        "Feedback": ((sent, 200, f"counts as `{code}`") for sent, _, code in SPELLINGS),
    }
    lists: tuple[tuple[str, str, list[str]], ...] = (
        ("Tokens that are good", KNOWN, [one[0] for one in GOOD]),
        ("Tokens that are not", REFUSED, [one[0] for one in HAZARDS]),
        ("FHIR servers that are asked for what is missing", ANSWERED, list(FAULTS)),
    )
    tables = [line for title, rows in sections.items() for line in _section(title, rows)]
    return "\n".join([HEAD, *tables, *(line for each in lists for line in _list(*each))]).rstrip() + "\n"


def _promised(fault: Body | Call) -> tuple[object, object, object]:
    return fault.sent, fault.status, fault.promise


def _section(title: str, rows: Rows) -> Iterator[str]:
    yield from (f"## {title}", "", row(("comes", "status", "promise")), row("---" for _ in range(3)))
    yield from map(row, rows)
    yield ""


def _list(title: str, says: str, sent: Iterable[str]) -> Iterator[str]:
    """Where all have one answer."""
    yield from (f"## {title}", "", says, "", *(f"- {one}" for one in sent), "")


def main() -> None:
    PAGE.write_text(page(), "utf-8")
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    sys.exit(main())
