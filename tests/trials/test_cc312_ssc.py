"""CC312's criteria on charts built for them, verdict, review and lean: the inclusions of the systemic sclerosis arm (spec 2 and 3)."""

from __future__ import annotations

import pytest

from tests.trials import parts as p
from tests.trials.verdicts import MMF, PRED, SSC, Row, holds, ids_of, told, worded

TITLE = "CC312: inclusions of the systemic sclerosis arm"
COLUMNS = ("criterion", "arm", "chart", "verdict")

ROWS: tuple[Row, ...] = (
    ("SSC-1", "ssc", "diffuse SSc coded", [SSC], "unknown, leans met"),
    ("SSC-1", "ssc", "SSc coded, subset not shown", [p.dx("M34.9")], "unknown, review"),
    ("SSC-1", "ssc", "limited SSc (M34.1)", [p.dx("M34.1")], "unknown, leans not-met"),
    ("SSC-1", "ssc", "morphea only", [p.dx("L94.0")], "not-met"),
    ("SSC-1", "ssc", "SSc coded without a subset, worded as limited", [
        worded(p.dx("89155008"), "Limited cutaneous systemic sclerosis")], "unknown, leans not-met"),
    ("SSC-1", "ssc", "SSc coded without a subset, worded as CREST", [worded(p.dx("M34.9"), "CREST syndrome")], "unknown, leans not-met"),
    ("SSC-1", "ssc", "SSc coded without a subset, worded as sine scleroderma", [
        worded(p.dx("M34.89"), "Systemic sclerosis sine scleroderma")], "unknown, leans not-met"),
    ("SSC-1", "ssc", "SSc coded without a subset, and CREST in words only", [
        p.dx("M34.9"), p.dx("M34.9") | {"code": {"text": "CREST syndrome"}}], "unknown, leans not-met"),
    ("SSC-1", "ssc", "SSc coded without a subset, and a code not known here worded “Limited SSc”", [
        p.dx("M34.9"), worded(p.dx("299276009"), "Limited SSc")], "unknown, leans not-met"),
    ("SSC-1", "ssc", "SSc coded without a subset, worded as diffuse", [worded(p.dx("M34.9"), "Diffuse SSc")], "unknown, review"),
    ("SSC-1", "ssc", "SSc coded without a subset, “no limited scleroderma”", [
        worded(p.dx("M34.9"), "Systemic sclerosis, no limited scleroderma")], "unknown, review"),
    ("SSC-1", "ssc", "diffuse SSc coded, worded as limited", [
        worded(SSC, "Limited cutaneous systemic sclerosis")], "unknown, review"),
    ("SSC-1", "ssc", "diffuse SSc coded, worded as diffuse, earlier limited", [
        worded(SSC, "Diffuse cutaneous systemic sclerosis, earlier limited systemic sclerosis")], "unknown, leans met"),
    ("SSC-1", "ssc", "diffuse SSc coded, worded “Rule out diffuse scleroderma”", [worded(SSC, "Rule out diffuse scleroderma")], "unknown, review"),
    ("SSC-1", "ssc", "SSc coded, worded “Morphea”", [worded(p.dx("M34.9"), "Morphea")], "unknown, review"),
    ("SSC-2", "ssc", "Scl-70 positive years ago", [p.serology("27416-7", "positive", 2000)], "met"),
    ("SSC-3", "ssc", "onset 2 years ago", [p.dx("128460000", 730)], "met"),
    ("SSC-3", "ssc", "onset 7 years ago", [p.dx("128460000", 2560)], "not-met"),
    ("SSC-3", "ssc", "onset 7 years ago, recorded 2 years ago", [p.dx("128460000", 2560) | {"recordedDate": p.ago(700).isoformat()}], "unknown, review"),
    ("SSC-3", "ssc", "year of onset only, straddling", [p.dx("128460000") | {"onsetDateTime": "2021", "recordedDate": None}], "unknown"),
    ("SSC-3", "ssc", "undated", [p.dx("128460000", None)], "unknown"),
    ("SSC-3", "ssc", "only recorded, long after the chart began", [p.dx("128460000", None) | {"recordedDate": p.ago(300).isoformat()}], "met"),
    ("SSC-3", "ssc", "only recorded, when the chart began", [p.dx("128460000", None) | {"recordedDate": "2019-02-01"}], "not-met"),
    ("SSC-3", "ssc", "provisional", [p.dx("128460000", 700, verification="provisional")], "unknown, review"),
    ("SSC-3", "ssc", "fitting diagnosis, an unconfirmed one 8 years ago", [SSC, p.dx("128460000", 2900, verification="provisional")], "unknown, review"),
    ("SSC-3", "ssc", "onset 2 years ago, recorded 8 years ago", [p.dx("128460000", 700) | {"recordedDate": p.ago(2900).isoformat()}], "unknown, review"),
    ("SSC-4", "ssc", "prednisone and MMF for a year", [p.takes(PRED, 400), p.takes(MMF, 400)], "unknown, leans met"),
    ("SSC-4", "ssc", "no glucocorticoid recorded", [p.takes(MMF, 400)], "unknown, review"),
    ("SSC-5", "ssc", "mRSS 22, was 18", [p.score("mrss", 22), p.score("mrss", 18, 120)], "unknown, leans met"),
    ("SSC-5", "ssc", "mRSS 22, was 26", [p.score("mrss", 22), p.score("mrss", 26, 120)], "unknown, leans not-met"),
    ("SSC-5", "ssc", "mRSS 22 alone", [p.score("mrss", 22)], "unknown"),
    ("SSC-5", "ssc", "mRSS 31", [p.score("mrss", 31), p.score("mrss", 18, 120)], "not-met"),
    ("SSC-5", "ssc", "mRSS 30", [p.score("mrss", 30), p.score("mrss", 18, 120)], "unknown, leans met"),
    ("SSC-6", "ssc", "prednisone 10 mg and MMF", [p.doses(PRED, 300, None, 10), p.doses(MMF, 300, None, 1000, 2)], "met"),
    ("SSC-6", "ssc", "prednisone 10 mg, MMF, and a depot ordered without a route", [
        p.doses(PRED, 300, None, 10), p.doses(MMF, 300, None, 1000, 2), p.doses("1358610", 10, None, 80, kind=p.ordered)], "unknown, review"),
    ("SSC-6", "ssc", "prednisone 12.5 mg", [p.doses(PRED, 300, None, 12.5), p.doses(MMF, 300, None, 1000, 2)], "not-met"),
)  # fmt: skip


def printed() -> list[tuple[str, ...]]:
    return told(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=ids_of(ROWS))
def test_the_criterion_says_what_the_table_says(row: Row) -> None:
    """Each row's chart gives the row's verdict."""
    holds(row)
