"""What charts of CC312 tell in words only, where nothing is coded: each is asked about, its look-alikes are not, and none decides."""

from __future__ import annotations

from typing import Any

import pytest

from tests.generative.charts import AS_OF, COVERING, bundle
from tests.support.engine import criterion, evaluate
from tests.trials import parts as p

QUIET = [*p.four_negative(), p.serology("2118-8", "negative")]  # nothing else is open in E-21 and E-22

# What records write where nothing is coded. Words never decide: each is asked about, and its look-alikes are not.
TRANSPLANTS = ("Allo-SCT", "ASCT", "OLT 2015", "LTX", "Status post NTx", "Bone marrow infusion", "Transfusion hämatopoetischer Stammzellen",
    "Autologe periphere Blutstammzelltransplantation", "Uterus transplantation", "小肠及其他器官移植")  # fmt: skip
NO_TRANSPLANTS = ("Corneal transplantation", "Transplant evaluation", "Fecal microbiota transplantation", "Entnahme hämatopoetischer Stammzellen",
    "Hauttransplantation", "粪菌移植")  # fmt: skip
CANCERS = (
    "NSCLC",
    "DLBCL",
    "CLL",
    "AML",
    "HCC",
    "HCC 2024",
    "GIST",
    "Renal cell CA",
    "Papillary thyroid ca",
    "Invasive ductal ca breast",
    "Mamma-Ca",
    "BCC",
)
NO_CANCERS = ("Type 2 diabetes mellitus (HCC)", "Anti-GBM disease", "Renal AML", "Elevated CA 125", "Low Ca")
BRAINS = ("SAH", "Subdural hematoma", "PML", "Altered mental status", "硬膜下血肿")
OPERATIONS = ("ORIF left ankle", "C-section", "CABG", "THR", "Spinal fusion", "Dental extraction", "Wisdom teeth removal", "I&D abscess", "Mohs",
    "Gallenblasenentfernung", "Skin excision", "Leberresektion", "拔牙")  # fmt: skip
NO_OPERATIONS = ("Fadenentfernung", "Zahnsteinentfernung", "Phlebotomy", "Cooperation with carers")
NAMED: tuple[tuple[str, str, tuple[str, ...], bool], ...] = (
    ("E-05", "Procedure", TRANSPLANTS, True),
    ("E-05", "Condition", TRANSPLANTS, True),
    ("E-05", "Condition", NO_TRANSPLANTS, False),
    ("E-20", "Condition", CANCERS, True),
    ("E-20", "Condition", NO_CANCERS, False),
    ("E-02", "Condition", BRAINS, True),
    ("E-02", "Condition", ("Hallucinations", "Catatonia", "Coma"), True),
    ("E-02", "Condition", ("PML-RARA negative", "Hypoglycemia without coma"), False),
    ("E-20", "Condition", ("SCC skin", "SCC of scalp"), True),
    ("E-06", "Condition", ("GPA", "APS", "RRMS"), True),
    ("E-18", "Condition", ("Pericardial tamponade", "VT", "Heart disease", "Paroxysmal AF", "ACS", "CAD", "VF arrest"), True),
    ("E-18", "Condition", ("Congenital heart disease", "Balloon tamponade of varices", "AF amyloid stain", "CAD drawing class"), False),
    ("E-16", "Condition", ("EtOH dependence", "Marijuana use daily"), True),
    ("E-16", "Condition", ("Alcoholic hepatitis", "Alcohol-related liver disease"), True),
    ("E-16", "Condition", ("Non-alcoholic steatohepatitis", "EtOH: denies"), False),
    ("E-22", "Condition", ("Hep C", "Hep B", "HBsAg carrier", "Never treated hepatitis C", "No prior treatment for hepatitis B"), True),
    ("E-22", "Condition", ("Hep B vaccination", "HBsAg negative", "HBV immune", "Never had hepatitis C"), False),
    ("E-21", "Condition", ("IUP 12 weeks",), True),
    ("E-17", "Procedure", OPERATIONS, True),
    ("E-17", "Procedure", NO_OPERATIONS, False),
)
WORDS = [(identity, kind, text, asked) for identity, kind, texts, asked in NAMED for text in texts]


@pytest.mark.parametrize(("identity", "kind", "text", "asked"), WORDS, ids=[" ".join(row[:3]) for row in WORDS])
def test_what_stands_only_in_words_is_asked_about(identity: str, kind: str, text: str, asked: bool) -> None:
    """A word of a physician raises the question, a look-alike does not, and neither decides (spec 0.4)."""
    record: Any = {"resourceType": kind, "code": {"text": text}}
    days = p.ago(10).isoformat()
    record |= {"status": "completed", "performedDateTime": days} if kind == "Procedure" else {"onsetDateTime": days}
    found = criterion(evaluate(bundle([p.dx("M32.10"), *COVERING, *QUIET, record]), AS_OF), "sle", identity)
    assert (found.review, found.verdict != "triggered") == (asked, True)
