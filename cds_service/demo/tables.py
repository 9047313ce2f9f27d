"""The demo's data files into rows: which code stands behind a name, and how a laboratory reports a test."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Code:
    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Lab:
    """One test as one style of laboratory reports it: unit, own reference range, and what a patient usually has."""

    code: str
    unit: str
    low: Decimal
    high: Decimal
    usual: Decimal
    spread: Decimal
    places: int


@cache
def codes() -> Mapping[str, Code]:
    return {row["name"]: Code(row["system"], row["code"], row["display"]) for row in _rows("codes")}


def lab(name: str, style: str) -> Lab:
    """The test in the laboratory's style; where the style has no unit of its own for it, as `us` reports it."""
    found = _labs()
    return found.get((name, style)) or found[name, "us"]


@cache
def _labs() -> Mapping[tuple[str, str], Lab]:
    return {(row["name"], row["style"]): _lab(row) for row in _rows("labs")}


def _lab(row: Mapping[str, str]) -> Lab:
    low, high, usual, spread = (Decimal(row[name]) for name in ("low", "high", "usual", "spread"))
    return Lab(row["code"], row["unit"], low, high, usual, spread, int(row["places"]))


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("cds_service.demo") / f"{name}.tsv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t"))
