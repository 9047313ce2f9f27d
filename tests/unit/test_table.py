"""The reader of the package's tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from fhir_mappings import table
from fhir_mappings.table import read_table


def write(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "tables").mkdir()
    (folder / "tables" / "some.tsv").write_text(text, encoding="utf-8")
    monkeypatch.setattr(table, "files", lambda package: folder)


def test_rows_by_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comments and empty lines are passed over; cells may be empty."""
    write(tmp_path, "# head\na\tb\n\n1\t\n", monkeypatch)
    assert read_table("some") == ({"a": "1", "b": ""},)


def test_a_row_of_the_wrong_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that does not fit the header is named with its place."""
    write(tmp_path, "a\tb\n1\n", monkeypatch)
    with pytest.raises(ValueError, match=r"some\.tsv:2: 1 cells under 2 columns"):
        read_table("some")
