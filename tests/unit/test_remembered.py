"""What is remembered from one chart to the next."""

from __future__ import annotations

from fhir_mappings.remembered import remembered


def test_short_texts_are_read_once_and_long_ones_each_time() -> None:
    """A wording is read once; a note, which may be of one patient alone, is never kept."""
    read: list[object] = []

    @remembered(2)
    def length(text: str | None, *more: str) -> int:
        read.append(text)
        return len(text or "") + len(more)

    assert [length("5 mg", "a"), length("5 mg", "a"), length(None)] == [5, 5, 0]
    assert [length("x" * 201), length("x" * 201), length("x", "y" * 200)] == [201, 201, 2]
    assert read == ["5 mg", None, "x" * 201, "x" * 201, "x"]


def test_no_more_than_so_many_answers_are_kept() -> None:
    """The oldest go."""
    read: list[str] = []

    @remembered(1)
    def upper(text: str) -> str:
        read.append(text)
        return text.upper()

    assert [upper(one) for one in ("a", "b", "a")] == ["A", "B", "A"]
    assert read == ["a", "b", "a"]
