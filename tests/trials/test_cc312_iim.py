"""CC312's criteria on charts built for them, verdict, review and lean: the inclusions of the myositis arm (spec 2 and 3)."""

from __future__ import annotations

import pytest

from tests.generative.charts import observation
from tests.trials import parts as p
from tests.trials.verdicts import AZA, CK_HIGH, HCQ, IIM, MTX, PRED, RTX, TOFA, WEIGHT_60, Row, holds, ids_of, told, worded

TITLE = "CC312: inclusions of the myositis arm"
COLUMNS = ("criterion", "arm", "chart", "verdict")

ROWS: tuple[Row, ...] = (
    ("IIM-1", "iim", "dermatomyositis coded", [IIM], "unknown, leans met"),
    ("IIM-1", "iim", "5.5 points without biopsy", [IIM, p.score("eular-acr-2017-iim", 5.5, component=[p.component("biopsy-used", valueBoolean=False)])], "met"),
    ("IIM-1", "iim", "5.5 points with biopsy", [IIM, p.score("eular-acr-2017-iim", 5.5, component=[p.component("biopsy-used", valueBoolean=True)])], "unknown, leans not-met"),
    ("IIM-1", "iim", "6.0 points, biopsy not said", [IIM, p.score("eular-acr-2017-iim", 6.0)], "unknown"),
    ("IIM-1", "iim", "6.7 points, biopsy not said", [IIM, p.score("eular-acr-2017-iim", 6.7)], "met"),
    ("IIM-1", "iim", "5.4 points: the review band", [IIM, p.score("eular-acr-2017-iim", 5.4, component=[p.component("biopsy-used", valueBoolean=False)])], "unknown, review"),
    ("IIM-1", "iim", "inclusion body myositis only", [p.dx("G72.41")], "not-met"),
    ("IIM-1", "iim", "systemic sclerosis with myopathy", [p.dx("M34.82")], "unknown, review"),
    ("IIM-1", "iim", "dermatomyositis coded, worded “V.a. Dermatomyositis”", [worded(IIM, "V.a. Dermatomyositis")], "unknown, review"),
    ("IIM-1", "iim", "polymyositis coded, worded “Statin-associated myopathy”", [worded(p.dx("M33.20"), "Statin-associated myopathy")], "unknown, review"),
    ("IIM-1", "iim", "polymyositis coded, worded “Polymyositis”", [worded(p.dx("M33.20"), "Polymyositis")], "unknown, leans met"),
    ("IIM-2", "iim", "Jo-1 positive years ago", [p.serology("8076-2", "positive", 1500)], "met"),
    ("IIM-2", "iim", "Jo-1 negative only", [p.serology("8076-2", "negative")], "unknown"),
    ("IIM-3", "iim", "80 mg at 60 kg, two immunosuppressants", [
        WEIGHT_60, p.doses(PRED, 400, 341, 80), p.doses(PRED, 340, None, 20), p.takes(AZA, 380, 200), p.takes(MTX, 190)], "unknown, leans met"),
    ("IIM-3", "iim", "exactly 1 mg/kg", [
        WEIGHT_60, p.doses(PRED, 400, None, 60), p.takes(AZA, 380, 200), p.takes(MTX, 190)], "unknown, review"),
    ("IIM-3", "iim", "never above 1 mg/kg", [
        WEIGHT_60, p.doses(PRED, 400, None, 50), p.takes(AZA, 380, 200), p.takes(MTX, 190)], "unknown, leans not-met"),
    ("IIM-3", "iim", "50 mg, and perhaps 80 mg: of unknown status", [
        WEIGHT_60, p.doses(PRED, 400, 341, 80) | {"status": "unknown"}, p.doses(PRED, 340, None, 50), p.takes(AZA, 380, 200), p.takes(MTX, 190)],
     "unknown, review"),
    ("IIM-3", "iim", "no weight", [p.doses(PRED, 400, None, 80), p.takes(AZA, 380, 200), p.takes(MTX, 190)], "unknown"),
    ("IIM-3", "iim", "80 mg without a weight near it, a weight beside 20 mg later", [
        observation(("http://loinc.org", "29463-7"), p.ago(100), valueQuantity=p.quantity(60, "kg")),
        p.doses(PRED, 400, 341, 80), p.doses(PRED, 340, None, 20), p.takes(AZA, 380, 200), p.takes(MTX, 190)], "unknown"),
    ("IIM-3", "iim", "a dose not known, a weight beside 20 mg later", [
        observation(("http://loinc.org", "29463-7"), p.ago(100), valueQuantity=p.quantity(60, "kg")),
        p.takes(PRED, 400, 341), p.doses(PRED, 340, None, 20), p.takes(AZA, 380, 200), p.takes(MTX, 190)], "unknown"),
    ("IIM-3", "iim", "a person settled every clause", [
        p.takes(PRED, 400), p.takes(AZA, 380, 200), p.takes(MTX, 190), p.answer("IIM-3/a", "Y"), p.answer("IIM-3/e", "Y")], "met"),
    (
        "IIM-4", "iim", "three of six",
        [p.score("phys-global-vas", 3, unit="cm"), p.score("pt-global-vas", 25, unit="mm"), p.score("haq-di", 1)], "met",
    ),
    ("IIM-4", "iim", "two of six, four unknown", [p.score("phys-global-vas", 3, unit="cm"), p.score("haq-di", 1)], "unknown"),
    (
        "IIM-4", "iim", "enzymes: CK 5x and AST 1.2x count as one of six",
        [CK_HIGH, p.lab("1920-8", 48, "U/L", high=40), p.score("haq-di", 1), p.score("phys-global-vas", 2, unit="cm")], "met",
    ),
    ("IIM-4", "iim", "MMT-8 140 of 150 with 25 % loss, and two globals", [
        p.score("mmt8", 140, component=[p.component("mmt8-maximum", valueQuantity={"value": 150}), p.component("mmt8-strength-loss", valueQuantity={"value": 25, "unit": "%", "code": "%"})]),
        p.score("phys-global-vas", 2, unit="cm"), p.score("pt-global-vas", 2, unit="cm")], "met"),
    ("IIM-4", "iim", "MMT-8 of the 80 scale does not count", [
        p.score("mmt8", 70, component=[p.component("mmt8-maximum", valueQuantity={"value": 80})]),
        p.score("phys-global-vas", 2, unit="cm"), p.score("pt-global-vas", 2, unit="cm")], "unknown"),
    ("IIM-4", "iim", "MMT-8 of 78 without its maximum does not count", [
        p.score("mmt8", 78, component=[p.component("mmt8-strength-loss", valueQuantity=p.quantity(30, "%"))]),
        p.score("phys-global-vas", 3, unit="cm"), p.score("haq-di", 1)], "unknown"),
    ("IIM-5", "iim", "prednisone 60 mg and MTX, unchanged for a year", [p.doses(PRED, 300, None, 60), p.doses(MTX, 300, None, 15, 1, 7)], "met"),
    ("IIM-5", "iim", "prednisone 61 mg", [p.doses(PRED, 300, None, 61), p.doses(MTX, 300, None, 15, 1, 7)], "not-met"),
    ("IIM-5", "iim", "MTX changed exactly 60 days ago", [
        p.doses(PRED, 300, None, 20), p.doses(MTX, 300, 61, 15, 1, 7), p.doses(MTX, 60, None, 20, 1, 7)], "met"),
    ("IIM-5", "iim", "MTX changed 59 days ago", [
        p.doses(PRED, 300, None, 20), p.doses(MTX, 300, 60, 15, 1, 7), p.doses(MTX, 59, None, 20, 1, 7)], "not-met"),
    ("IIM-5", "iim", "hydroxychloroquine alone does not count", [p.doses(HCQ, 300, None, 400)], "unknown"),
    ("IIM-5", "iim", "tofacitinib alone", [p.doses(TOFA, 300, None, 5, 2)], "unknown, review"),
    ("IIM-5", "iim", "prednisone that ended, rituximab given since", [p.doses(PRED, 300, 200, 10), p.given(RTX, 170), p.given(RTX, 3)], "unknown, review"),
    ("IIM-5", "iim", "prednisone that ended, rituximab ordered since, not shown to be given", [
        p.doses(PRED, 300, 200, 10), p.ordered(RTX, 170)], "unknown, review"),
    ("IIM-5", "iim", "prednisone that ended, hydroxychloroquine since", [p.doses(PRED, 300, 200, 10), p.doses(HCQ, 190, None, 400)], "not-met"),
    ("IIM-6", "iim", "prednisone alone at 7.5 mg", [p.doses(PRED, 300, None, 7.5)], "met"),
    ("IIM-6", "iim", "methylprednisolone alone at 6 mg: by equivalence", [p.doses("6902", 300, None, 6)], "unknown, review"),
    ("IIM-6", "iim", "prednisone and hydroxychloroquine", [p.doses(PRED, 300, None, 7.5), p.doses(HCQ, 300, None, 400)], "unknown, review"),
    ("IIM-6", "iim", "5 mg and hydroxychloroquine: as alone, but asked", [p.doses(PRED, 300, None, 5), p.doses(HCQ, 300, None, 400)], "unknown, review"),
    ("IIM-6", "iim", "5 mg, hydroxychloroquine and MTX", [
        p.doses(PRED, 300, None, 5), p.doses(HCQ, 300, None, 400), p.doses(MTX, 300, None, 15, 1, 7)], "not applicable"),
    ("IIM-6", "iim", "5 mg alone", [p.doses(PRED, 300, None, 5)], "not-met"),
    ("IIM-6", "iim", "7.5 mg by the record, a person says no of the whole", [p.doses(PRED, 300, None, 7.5), p.answer("IIM-6", "N")], "unknown, review"),
)  # fmt: skip


def printed() -> list[tuple[str, ...]]:
    return told(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=ids_of(ROWS))
def test_the_criterion_says_what_the_table_says(row: Row) -> None:
    """Each row's chart gives the row's verdict."""
    holds(row)
