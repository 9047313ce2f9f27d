"""The source attributes of CC312 into docs/source-attributes.md."""

from __future__ import annotations

import sys
from pathlib import Path

from cds_service.source_attributes.markdown import markdown
from cds_service.source_attributes.sheet import source_attributes
from tests.support.engine import engine

PAGE = Path(__file__).resolve().parents[2] / "docs" / "source-attributes.md"
HEAD = """<!-- Printed by `make docs`; a stale page fails `make test`. -->

"""
TAIL = """
## Where to find it
- `GET /source-attributes/cc312`: JSON, or the page where a browser asks. No token is needed: it tells of no patient.
- `cds-service trials attributes cc312`, with `--json` or `--html`; also for a definition file of your own.
- Discovery names the path in each service's `usageRequirements`.

Changed in `cds_service/source_attributes/statements.yaml`; whether sex, age, assessments and the like are used is worked out from the
definition. The duty to show source attributes is the certified EHR's; this is what a hospital needs to fill them in.
"""


def page() -> str:
    built = engine()
    return HEAD + markdown(source_attributes(built.trials["cc312"], built.terminology.value_sets)) + TAIL


def main() -> None:
    PAGE.write_text(page(), "utf-8")
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    sys.exit(main())
