"""Source attributes into Markdown, for a terminal, a document or a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cds_service.sheets import text


def markdown(found: Mapping[str, Any]) -> str:
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"# Source attributes: {text(found['title'])}"
    yield ""
    yield f"Definition {text(found['definition'])}. Attributes of {text(found['regulation']['text'])}."
    yield ""
    yield text(found["regulation"]["pending"])
    yield ""
    yield f"**An {found['kind']} intervention.** {text(found['why'])}"
    yield from ["", "## The 13 of an evidence-based intervention", "", *_table(found["evidenceBased"])]
    yield from ["", "## The 31 of a predictive intervention, where they mean something", "", *_table(found["predictive"])]


def _table(attributes: list[Mapping[str, str]]) -> Iterator[str]:
    yield "| | attribute | |"
    yield "|---|---|---|"
    for one in attributes:
        name = f"{one['group']}: {one['name']}" if "group" in one else one["name"]
        yield f"| {one['id']} | {text(name)} | {text(one['value'])} |"
