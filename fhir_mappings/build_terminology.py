"""A folder with the verified list of codes into the package's ValueSets, ConceptMap and tables, the same bytes every time.

Run as `python -m fhir_mappings.build_terminology --source DIR`. Titles, completeness and mended faults stand in `tables/concepts.tsv`,
`tables/mends.tsv` and `tables/alias_mends.tsv`; nothing clinical stands here.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fhir_mappings.code_systems import RXNORM
from fhir_mappings.shapes import Json
from fhir_mappings.table import read_table

BASE = "urn:cds-service"
READS = f"{BASE}:value-set-reads"
COMPLETE = f"{BASE}:value-set-complete"
WHY = f"{BASE}:value-set-why"
VERSION = "1.0.0"

_PACKAGE = Path(__file__).parent
_NO_CODES = ("extension", "identifier-system")  # rows that name a URL, not a code
Row = Mapping[str, str]


def main(arguments: list[str] | None = None) -> None:
    """Reads `--source`, writes into the package or `--out`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="codes.tsv, rxnorm_scd_to_in_trial.csv, system-aliases.tsv")
    parser.add_argument("--out", type=Path, default=_PACKAGE)
    given = parser.parse_args(arguments)
    build(given.source, given.out)


def build(source: Path, out: Path) -> None:
    """Writes value_sets/, concept_maps/ and tables/ below `out`."""
    rows = mended(_tsv(source / "codes.tsv"), read_table("mends"))
    with (source / "rxnorm_scd_to_in_trial.csv").open(encoding="utf-8", newline="") as file:
        drugs = sorted(drugs_of(csv.DictReader(file), rows), key=_drug_order)
    for folder in ("value_sets", "concept_maps", "tables"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    for prefix, bundle in bundles(rows).items():
        _write(out / "value_sets" / f"{prefix}.json", json.dumps(bundle, ensure_ascii=False, indent=1))
    _write(out / "concept_maps" / "rxnorm-clinical-drugs.json", json.dumps(clinical_drug_map(drugs), ensure_ascii=False))
    _write(out / "tables" / "clinical_drugs.tsv", clinical_drug_table(drugs))
    _write(out / "tables" / "system_aliases.tsv", alias_table([*_tsv(source / "system-aliases.tsv"), *read_table("alias_mends")]))


def mended(rows: Iterable[Row], mends: Iterable[Row]) -> list[Row]:
    """The rows that may decide something: verified, naming a code, faults mended."""
    usable = [row for row in rows if not row["verified_in"].startswith("UNVERIFIED") and row["role"] not in _NO_CODES]
    for mend in mends:
        if mend["action"] == "drop":
            kept = [row for row in usable if _key(row) != _key(mend)]
            if len(kept) == len(usable):
                raise ValueError(f"mends.tsv: nothing to drop: {_key(mend)}")
            usable = kept
        else:
            usable.append(mend)
    return usable


def _key(row: Row) -> tuple[str, ...]:
    return row["concept_id"], row["system"], row["code"], row["role"]


def bundles(rows: Iterable[Row]) -> dict[str, Json]:
    """One Bundle of ValueSets for each prefix (`dx`, `lab` …)."""
    concepts = {row["concept_id"]: row for row in read_table("concepts")}
    by_concept: dict[str, list[Row]] = {concept: [] for concept in sorted(concepts)}
    for row in rows:
        if row["concept_id"] not in by_concept:
            raise ValueError(f"{row['concept_id']} has no row in concepts.tsv")
        by_concept[row["concept_id"]].append(row)
    grouped: dict[str, list[Json]] = {}
    for concept, members in by_concept.items():
        grouped.setdefault(concept.partition(".")[0], []).append(value_set(concepts[concept], members))
    return {prefix: _bundle(prefix, value_sets) for prefix, value_sets in grouped.items()}


def _bundle(prefix: str, value_sets: list[Json]) -> Json:
    entries = [{"fullUrl": one["url"], "resource": one} for one in value_sets]
    return {"resourceType": "Bundle", "id": f"value-sets-{prefix}", "type": "collection", "entry": entries}


def value_set(concept: Row, rows: list[Row]) -> Json:
    """One FHIR R4 ValueSet: exact codes as `concept`, families as `filter`, carved-out families as `exclude`."""
    name = concept["concept_id"]
    kept = {"exclude": [row for row in rows if row["role"] == "except"], "include": [row for row in rows if row["role"] != "except"]}
    compose = {rule: parts for rule in ("include", "exclude") if (parts := list(_rules(kept[rule])))}
    identity = name.replace("_", "-")  # `_` is not allowed in a FHIR id
    return {
        "resourceType": "ValueSet",
        "id": identity,
        "extension": [
            *({"url": READS, "valueCode": one} for one in sorted(_types(rows))),
            {"url": COMPLETE, "valueBoolean": concept["complete"] == "yes"},
            {"url": WHY, "valueString": concept["why"]},
        ],
        "url": f"{BASE}:value-set:{identity}",
        "identifier": [{"system": BASE, "value": name}],
        "version": VERSION,
        "name": re.sub(r"\W", "_", name).title(),
        "title": concept["title"],
        "status": "active",
        **({"compose": compose} if compose else {}),
    }


def _types(rows: Iterable[Row]) -> set[str]:
    """The resource types in which the codes stand: `Observation.value` and `QuestionnaireResponse/Observation` are lists of them."""
    return {part.strip().partition(".")[0] for row in rows for part in row["fhir_resource"].split("/")}


def _rules(rows: list[Row]) -> Iterator[Json]:
    """The rules of one side, by system: the listed codes first, then one rule a family (filters of one rule would all have to hold)."""
    for system in sorted({row["system"] for row in rows}):
        here = [row for row in rows if row["system"] == system]
        families = sorted({family(row["code"]) for row in here if _is_family(row)})
        codes = {row["code"]: row["display"] for row in here if not _is_family(row)}
        loose = {code: codes[code] for code in sorted(codes) if not any(covers(one, code) for one in families)}
        if loose:
            yield {"system": system, "concept": [{"code": code, "display": shown} for code, shown in loose.items()]}
        for one in families:
            yield {"system": system, "filter": [{"property": "concept", "op": "is-a", "value": one}]}


def _is_family(row: Row) -> bool:
    return row["role"] in ("range", "except")


def family(code: str) -> str:
    """`M32.0-M32.0` is the family of one stem."""
    start, _, end = code.partition("-")
    return start if end in ("", start) else code


def covers(one: str, code: str) -> bool:
    """Whether a family holds a code: a stem every code that begins with it, FROM-TO as ICD orders its codes (letters after digits)."""
    start, _, end = one.partition("-")
    return start <= code[: len(start)] and code[: len(end or start)] <= (end or start)


def drugs_of(clinical: Iterable[Row], rows: Iterable[Row]) -> Iterator[Row]:
    """The clinical drugs once for each drug concept that their ingredient belongs to; an excipient in eye drops is no drug."""
    concepts: dict[str, set[str]] = {}
    for row in rows:
        if row["system"] == RXNORM:
            concepts.setdefault(row["code"], set()).add(row["concept_id"])
    for row in clinical:
        for concept in sorted({row["concept_id"]} | concepts.get(row["ingredient_rxcui"], set())):
            if concept.startswith("drug."):
                yield {**row, "concept_id": concept}


def _drug_order(row: Row) -> tuple[int, str, str]:
    return int(row["rxcui"]), row["concept_id"], row["component_strength"]


def clinical_drug_table(drugs: Iterable[Row]) -> str:
    """Clinical drug, the concept of each ingredient of ours, its strength and the dose form."""
    lines = {"\t".join((row["rxcui"], row["concept_id"], row["component_strength"], dose_form(row))): None for row in drugs}
    return "\n".join(
        [
            "# RxNorm clinical drugs (SCD, SBD), release 2025-10: ingredients of ours, their strength, dose form. Generated.",
            "rxcui\tconcept_id\tstrength\tform",
            *lines,
        ]
    )


def dose_form(row: Row) -> str:
    """`Oral Tablet` of `prednisone 5 MG Oral Tablet [Deltasone]`: what follows the last strength in the name."""
    name = re.sub(r" \[[^\]]*\]$", "", row["name"])
    last = name.rpartition(" / ")[2]
    found = re.search(r"\d[\d.,]* [A-Z%]+(?:/[\d.]*\s*[A-Z]+)? (\D+)$", last)
    return found[1].strip() if found else ""


def clinical_drug_map(drugs: Iterable[Row]) -> Json:
    """The same as a FHIR R4 ConceptMap: clinical drug to ingredient, which is the wider concept."""
    targets: dict[str, dict[str, None]] = {}
    for row in drugs:
        targets.setdefault(row["rxcui"], {})[row["ingredient_rxcui"]] = None
    elements = [{"code": code, "target": [{"code": one, "equivalence": "wider"} for one in found]} for code, found in targets.items()]
    return {
        "resourceType": "ConceptMap",
        "id": "rxnorm-clinical-drugs",
        "url": f"{BASE}:concept-map:rxnorm-clinical-drugs",
        "version": VERSION,
        "name": "RxNormClinicalDrugs",
        "title": "RxNorm clinical drugs to their ingredients, release 2025-10",
        "status": "active",
        "group": [{"source": RXNORM, "target": RXNORM, "element": elements}],
    }


def alias_table(rows: Iterable[Row]) -> str:
    """Spellings of the code systems. Those marked unverified name one system and no other, so they can do no harm and are kept."""
    lines = [f"{row['alias'].rstrip('/') if row['kind'] != 'prefix' else row['alias']}\t{row['canonical']}\t{row['kind']}" for row in rows]
    head = "# Spellings of the code systems' URIs. prefix: what follows the alias is an edition, a version or the code itself. Generated."
    return "\n".join([head, "alias\tcanonical\tkind", *lines])


def _tsv(path: Path) -> list[Row]:
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    return [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines if line]


def _write(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
