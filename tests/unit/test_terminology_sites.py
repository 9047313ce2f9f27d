"""A site's ConceptMaps give its local codes a meaning, and only where they say "equivalent"."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fhir_mappings.terminology import TerminologyError, load

LOCAL = "http://hospital.example/lab"
LOINC = "http://loinc.org"


def element(code: str, target: str, **relation: str) -> dict[str, object]:
    return {"code": code, "target": [{"code": target, **(relation or {"equivalence": "equivalent"})}]}


def written(folder: Path, *elements: object, source: object = LOCAL, target: object = LOINC) -> Path:
    """A ConceptMap file with one group."""
    path = folder / "site.json"
    group = {"source": source, "target": target, "element": list(elements)}
    path.write_text(json.dumps({"resourceType": "ConceptMap", "status": "active", "group": [group]}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "relation", [{"equivalence": "equivalent"}, {"equivalence": "equal"}, {"relationship": "equivalent"}], ids=["equivalent", "equal", "R5"]
)
def test_an_equivalent_local_code_means_what_ours_means(tmp_path: Path, relation: dict[str, str]) -> None:
    """R4 `equivalence` and R5 `relationship` are read; the packaged terminology itself stays as it is."""
    mapped = load().with_site_maps([written(tmp_path, element("ANA1", "8061-4", **relation))])
    assert mapped.concepts(LOCAL + "/", "ANA1") == {"lab.ana"}
    assert mapped.concepts(LOCAL, "ana1") == frozenset()
    assert mapped.concepts(LOINC, "8061-4") == {"lab.ana"}
    assert mapped.warnings == ()
    assert load().concepts(LOCAL, "ANA1") == frozenset()


@pytest.mark.parametrize(
    "relation", ["wider", "narrower", "inexact", "relatedto", "subsumes", "specializes", "source-is-narrower-than-target"]
)
def test_an_inexact_mapping_is_left_out_and_named(tmp_path: Path, relation: str) -> None:
    """What a local code does not say exactly must not decide; the site is told."""
    mapped = load().with_site_maps([written(tmp_path, element("ANA1", "8061-4", equivalence=relation))])
    assert mapped.concepts(LOCAL, "ANA1") == frozenset()
    assert mapped.warnings == (
        f"site.json: ConceptMap.group[0].element[0].target[0]: '{relation}' is not an equivalence, the mapping is left out",
    )


@pytest.mark.parametrize("relation", ["unmatched", "disjoint", "not-related-to"])
def test_a_code_that_is_mapped_onto_nothing_is_no_fault(tmp_path: Path, relation: str) -> None:
    """Saying that a local code means nothing here is a decision, not a mistake."""
    mapped = load().with_site_maps([written(tmp_path, element("X", "8061-4", equivalence=relation))])
    assert (mapped.concepts(LOCAL, "X"), mapped.warnings) == (frozenset(), ())


def test_a_mapping_onto_a_code_of_no_value_set_is_named(tmp_path: Path) -> None:
    """A mapping that can have no effect is most likely a slip."""
    mapped = load().with_site_maps([written(tmp_path, element("X", "99999-9"))])
    assert mapped.warnings == (f"'X' is mapped onto {LOINC}|99999-9, which is in no value set",)


def test_local_drugs_and_scores_are_mapped(tmp_path: Path) -> None:
    """A local drug onto a clinical drug of RxNorm, a local score onto the code of the service."""
    drug = written(tmp_path, element("D1", "312615"), target="http://www.nlm.nih.gov/research/umls/rxnorm")
    assert load().with_site_maps([drug]).agents({"coding": [{"system": LOCAL, "code": "D1"}]}) == {"drug.prednisone"}
    score = written(tmp_path, element("S1", "sledai-2k"), target="urn:cds-service:local")
    assert load().with_site_maps([score]).concepts(LOCAL, "S1") == {"score.sledai"}


def test_several_targets_and_files_are_put_together(tmp_path: Path) -> None:
    """A local panel code may mean two things; the same mapping twice is one."""
    first = written(tmp_path, element("P", "8061-4"), element("P", "5130-0"), element("P", "8061-4"))
    assert load().with_site_maps([first, first]).concepts(LOCAL, "P") == {"lab.ana", "lab.dsdna"}


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("{", "site.json:1: not JSON"),
        ("[]", "site.json: not a FHIR ConceptMap"),
        ('{"resourceType": "ValueSet"}', "site.json: not a FHIR ConceptMap"),
        ('{"resourceType": "ConceptMap", "group": {}}', "site.json: ConceptMap.group: must be an array"),
        ('{"resourceType": "ConceptMap", "group": [1]}', r"site.json: ConceptMap.group\[0\]: must be an object"),
        ('{"resourceType": "ConceptMap", "group": [{}]}', r"site.json: ConceptMap.group\[0\].source: must be a non-empty string"),
        ('{"resourceType": "ConceptMap", "group": [{"source": "a"}]}', r"group\[0\].target: must be"),
        ('{"resourceType": "ConceptMap", "group": [{"source": "a", "target": "b", "element": [{}]}]}', r"element\[0\].code: must be"),
        (
            '{"resourceType": "ConceptMap", "group": [{"source": "a", "target": "b", "element": [{"code": "c", "target": [{}]}]}]}',
            r"element\[0\].target\[0\].equivalence: must be",
        ),
    ],
)
def test_a_bad_file_is_named_with_its_place(tmp_path: Path, content: str, place: str) -> None:
    """The error says which file and where in it."""
    path = tmp_path / "site.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TerminologyError, match=place):
        load().with_site_maps([path])


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    """A file that cannot be read is told as such."""
    with pytest.raises(OSError, match="absent"):
        load().with_site_maps([tmp_path / "absent.json"])
