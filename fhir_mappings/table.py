"""A table of the package (`tables/*.tsv`: comments, a header, tab-separated rows) into rows by column name."""

from __future__ import annotations

from importlib.resources import files


def read_table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `tables/<name>.tsv`. Raises ValueError, with the place, where a row has not as many cells as the header."""
    text = (files("fhir_mappings") / "tables" / f"{name}.tsv").read_text(encoding="utf-8")
    lines = [(number, line.split("\t")) for number, line in enumerate(text.splitlines(), 1) if line and not line.startswith("#")]
    (_, header), *rows = lines
    for number, cells in rows:
        if len(cells) != len(header):
            raise ValueError(f"{name}.tsv:{number}: {len(cells)} cells under {len(header)} columns")
    return tuple(dict(zip(header, (cell.strip() for cell in cells), strict=True)) for _, cells in rows)
