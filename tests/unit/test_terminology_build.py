"""What is shipped is valid FHIR, verified, whole for the trial, and what the build script writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.conceptmap import ConceptMap

from fhir_mappings.build_terminology import bundles, covers, dose_form, family, main, mended, value_set
from fhir_mappings.table import read_table
from fhir_mappings.terminology import load
from fhir_mappings.value_set import packaged

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "fhir_mappings"
SOURCE = Path(os.environ.get("TERMINOLOGY_SOURCE", ROOT.parent / "shared" / "terminology"))
VALUE_SETS = sorted((PACKAGE / "value_sets").glob("*.json"))


def row(code: str, role: str = "include", concept: str = "dx.sle", **other: str) -> dict[str, str]:
    made = {"concept_id": concept, "fhir_resource": "Condition", "system": "http://snomed.info/sct", "code": code, "display": f"d{code}"}
    return made | {"role": role, "verified_in": "somewhere"} | other


def shipped_codes(system: str) -> list[str]:
    rules = (rule for one in packaged() for side in one.get("compose", {}).values() for rule in side if rule["system"] == system)
    return sorted({listed["code"] for rule in rules for listed in rule.get("concept", ())})


def verhoeff(number: str) -> bool:
    """The check digit of a SNOMED CT identifier (dihedral group of order 10)."""

    def times(a: int, b: int) -> int:
        if a < 5:
            return (a + b) % 5 if b < 5 else 5 + (a + b) % 5
        return 5 + (a - b) % 5 if b < 5 else (a - b) % 5

    step = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
    check = 0
    for place, digit in enumerate(reversed(number)):
        turned = int(digit)
        for _ in range(place % 8):
            turned = step[turned]
        check = times(check, turned)
    return check == 0


def mod10(code: str) -> bool:
    """The check digit of a LOINC code; letters of an answer code count as ASCII minus 48."""
    body, _, digit = code.partition("-")
    total = 0
    for place, char in enumerate(reversed(body)):
        value = ord(char) - 48
        doubled = value * 2 if place % 2 == 0 else value
        total += doubled if doubled < 10 or place % 2 else doubled // 10 + doubled % 10
    return (10 - total % 10) % 10 == int(digit)


def test_the_check_digits_catch_a_wrong_digit() -> None:
    """Both algorithms pass a known code and fail its neighbour."""
    assert verhoeff("55464009")
    assert not verhoeff("55464008")
    assert not verhoeff("54564009")
    assert mod10("8061-4")
    assert mod10("LA6576-8")
    assert not mod10("8061-5")


def test_every_snomed_code_has_its_check_digit() -> None:
    """Verhoeff holds for every SNOMED CT code that is shipped."""
    codes = shipped_codes("http://snomed.info/sct")
    assert len(codes) > 300
    assert [code for code in codes if not verhoeff(code)] == []


def test_every_loinc_code_has_its_check_digit() -> None:
    """Mod 10 holds for every LOINC and LOINC answer code that is shipped."""
    codes = shipped_codes("http://loinc.org")
    assert len(codes) > 300
    assert [code for code in codes if not mod10(code)] == []


@pytest.mark.parametrize("path", VALUE_SETS, ids=lambda path: path.stem)
def test_the_value_sets_are_valid_fhir(path: Path) -> None:
    """Each file is a Bundle of R4 ValueSets, its file name the prefix of their ids."""
    bundle = Bundle.model_validate_json(path.read_bytes())
    assert {entry.resource.identifier[0].value.partition(".")[0] for entry in bundle.entry} == {path.stem}
    assert {entry.resource.get_resource_type() for entry in bundle.entry} == {"ValueSet"}


def test_the_concept_map_is_valid_fhir_and_agrees_with_the_table() -> None:
    """RxNorm clinical drug to ingredient: the ConceptMap and the table name the same drugs and concepts."""
    raw = (PACKAGE / "concept_maps" / "rxnorm-clinical-drugs.json").read_bytes()
    assert len(raw) < 1_000_000
    group = ConceptMap.model_validate_json(raw).group[0]
    mapped = {element.code: {target.code for target in element.target} for element in group.element}
    assert set(mapped) == {one["rxcui"] for one in read_table("clinical_drugs")}
    for code, ingredients in list(mapped.items())[::50]:
        ours = set().union(*(load().concepts(group.target, ingredient) for ingredient in ingredients))
        assert ours == {strength.concept for strength in load().strengths(code)}


def test_every_value_set_of_the_trial_exists() -> None:
    """All inputs that the CC312 definition names are shipped."""
    definition = (ROOT / "cds_service" / "trials" / "cc312.yaml").read_text(encoding="utf-8")
    prefixes = {name.partition(".")[0] for name in load().value_sets}
    words = set(definition.replace("[", " ").replace("]", " ").replace(",", " ").replace("}", " ").split())
    named = {word for word in words if word.partition(".")[0] in prefixes and word.partition(".")[2].replace("_", "").isalnum()}
    assert {name for name in named if name not in load().value_sets} == set()


def test_no_exact_code_stands_in_contradicting_sets() -> None:
    """A code is not in a set and in the set that speaks against it."""
    pairs = [
        ("dx.sle", "dx.drug_lupus"),
        ("dx.sle", "dx.cle"),
        ("dx.dm", "dx.jdm"),
        ("dx.pm", "dx.ibm"),
        ("dx.ssc", "dx.localized_scleroderma"),
        ("dx.dcssc", "dx.lcssc"),
        ("tx.organ", "tx.not_major"),
        ("ca.malignancy", "ca.benign"),
        ("ca.malignancy", "ca.in_situ"),
        ("vax.live", "vax.nonlive"),
        ("lab.sm", "lab.smrnp"),
        ("repro.pregnant", "repro.not_pregnant"),
        ("result.positive", "result.negative"),
        ("cv.nyha_1_2", "cv.nyha_3_4"),
    ]
    found = {
        (listed["code"], one, other)
        for resource in packaged()
        for rule in resource.get("compose", {}).get("include", ())
        for listed in rule.get("concept", ())
        for one, other in pairs
        if {one, other} <= load().concepts(rule["system"], listed["code"])
    }
    assert found == set()


def test_unverified_rows_and_rows_without_codes_are_never_used() -> None:
    """What was not verified decides nothing; extension URLs are no codes."""
    rows = [row("1", verified_in="UNVERIFIED (from memory)"), row("(url)", role="extension"), row("2")]
    assert [one["code"] for one in mended(rows, [])] == ["2"]


def test_mends_add_and_drop() -> None:
    """A dropped row must be there: a mend of a fault that is gone is told."""
    added = row("3", action="add")
    assert [one["code"] for one in mended([row("1"), row("2")], [row("1", action="drop"), added])] == ["2", "3"]
    with pytest.raises(ValueError, match="nothing to drop"):
        mended([row("1")], [row("9", action="drop")])


def test_each_mend_has_a_reason_and_a_source() -> None:
    """No fault is mended in silence."""
    assert [one for one in read_table("mends") if not one["why"] or one["action"] not in ("add", "drop") or not one["verified_in"]] == []


def test_a_value_set_has_codes_families_and_exceptions() -> None:
    """Exact codes as `concept`, families as `filter`, exceptions as `exclude`; a code that a family holds is not listed again."""
    icd = {"system": "http://hl7.org/fhir/sid/icd-10-cm"}
    rows = [row("2"), row("1"), row("M32.1-M32.9", "range", **icd), row("M32.14", **icd), row("M32.5", "except", **icd), row("M32", **icd)]
    made = value_set({"concept_id": "cv.nyha_3_4", "title": "t", "complete": "yes", "why": "w"}, rows)
    assert made["id"] == "cv.nyha-3-4"
    assert made["compose"]["include"] == [
        {"system": icd["system"], "concept": [{"code": "M32", "display": "dM32"}]},
        {"system": icd["system"], "filter": [{"property": "concept", "op": "is-a", "value": "M32.1-M32.9"}]},
        {"system": "http://snomed.info/sct", "concept": [{"code": "1", "display": "d1"}, {"code": "2", "display": "d2"}]},
    ]
    assert made["compose"]["exclude"] == [{"system": icd["system"], "filter": [{"property": "concept", "op": "is-a", "value": "M32.5"}]}]


def test_a_concept_without_a_title_is_refused() -> None:
    """A new concept of the list needs its row in concepts.tsv."""
    with pytest.raises(ValueError, match=r"dx\.new has no row"):
        bundles([row("1", concept="dx.new")])


@pytest.mark.parametrize(
    ("one", "code", "held"),
    [
        ("C45-C76", "C4A.0", True),
        ("C77-C79", "C7A.0", False),
        ("C77-C79", "C79.9", True),
        ("D37-D39", "D3A.0", False),
        ("O94-O9A", "O99.1", True),
        ("M32.1-M32.9", "M32", False),
        ("M32.1-M32.9", "M32.0", False),
        ("T86.8", "T86.81", True),
        ("T80.89-T80.90", "T80.91", False),
        ("T80.89-T80.90", "T80.90XA", True),
    ],
)
def test_families_are_ordered_as_icd_orders_them(one: str, code: str, held: bool) -> None:
    """Letters come after digits, and a family is bounded by the beginnings of codes."""
    assert covers(one, code) is held


def test_a_range_of_one_stem_is_that_stem() -> None:
    """`L93-L93` is the family of L93."""
    assert (family("L93-L93"), family("L93"), family("L93-L94")) == ("L93", "L93", "L93-L94")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("prednisone 5 MG Oral Tablet [Deltasone]", "Oral Tablet"),
        ("gentamicin 3 MG/ML / prednisolone acetate 10 MG/ML Ophthalmic Suspension", "Ophthalmic Suspension"),
        ("hydrocortisone 0.01 MG/MG Topical Cream", "Topical Cream"),
        ("something else", ""),
    ],
)
def test_the_dose_form_is_what_follows_the_last_strength(name: str, form: str) -> None:
    """The form says by which way a drug is taken."""
    assert dose_form({"name": name}) == form


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for name in ("value_sets", "concept_maps"):
        yield from ((f"{name}/{path.name}", path.read_bytes()) for path in sorted((folder / name).glob("*.json")))
    yield from ((name, (folder / "tables" / name).read_bytes()) for name in ("clinical_drugs.tsv", "system_aliases.tsv"))


@pytest.mark.skipif(not SOURCE.is_dir(), reason="the list of codes is not here (TERMINOLOGY_SOURCE)")
def test_the_package_is_what_the_build_writes(tmp_path: Path) -> None:
    """Building from the list gives the shipped files, byte for byte."""
    main(["--source", str(SOURCE), "--out", str(tmp_path)])
    assert dict(_files(tmp_path)) == dict(_files(PACKAGE))


def test_the_build_reads_a_folder(tmp_path: Path) -> None:
    """A small list makes whole files; concepts without rows stay, empty."""
    header = "concept_id\tcriterion\tfhir_resource\tsystem\tcode\tdisplay\trole\tverified_in\tnote\n"
    (tmp_path / "codes.tsv").write_text(
        header + "dx.sle\tSLE-1\tCondition\thttp://snomed.info/sct\t55464009\tSLE\tinclude\tx\t\n", encoding="utf-8"
    )
    drugs = "rxcui,tty,name,ingredient_rxcui,ingredient_tty,ingredient_name,component_strength,concept_id\n"
    drug = "312615,SCD,prednisone 20 MG Oral Tablet,8640,IN,prednisone,prednisone 20 MG,drug.prednisone\n"
    other = "359595,SCD,polysorbate 80 10 MG/ML Ophthalmic Solution,8560,IN,polysorbate 80,polysorbate 80 10 MG/ML,ae.polysorbate80\n"
    (tmp_path / "rxnorm_scd_to_in_trial.csv").write_text(drugs + drug + other, encoding="utf-8")
    (tmp_path / "system-aliases.tsv").write_text("alias\tcanonical\tkind\tverified_in\nurn:x/\thttp://x\turi\ty\n", encoding="utf-8")
    main(["--source", str(tmp_path), "--out", str(tmp_path / "out")])
    built = orjson.loads((tmp_path / "out" / "value_sets" / "dx.json").read_bytes())
    assert "55464009" in str(built)
    table = (tmp_path / "out" / "tables" / "clinical_drugs.tsv").read_text(encoding="utf-8")
    assert table.splitlines()[2:] == ["312615\tdrug.prednisone\tprednisone 20 MG\tOral Tablet"]
    assert "urn:x\thttp://x\turi" in (tmp_path / "out" / "tables" / "system_aliases.tsv").read_text(encoding="utf-8")
