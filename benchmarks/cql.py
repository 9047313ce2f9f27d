"""Our evaluation of whole charts beside the reference engine of CQL in JavaScript on four conditions of the same charts.

    python -m benchmarks.cql [PATIENTS]

makes 1,000 patients (if nothing else is said) with a disease of the trial, each with some eighty ordinary records, and evaluates them in
one process: here every criterion of every arm in scope of CC312; there, with npm's `cql-execution` and `cql-exec-fhir`,
benchmarks/cql/lupus.cql: age, diagnosis, a haemoglobin, an order of prednisone. Both are given parsed JSON, and both have evaluated the
first fifty before the clock starts, so that neither its start nor its compiler counts. Told are milliseconds of processor time a patient,
since others may use the machine. Needs node and npm, which puts both packages into a temporary folder.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from benchmarks.hospital import AS_OF, write
from cds_service.engine import Engine, build_engine
from fhir_mappings.chart import chart_of_bundle

Json = dict[str, Any]
HERE = Path(__file__).parent / "cql"
WARM = 50  # patients evaluated before the clock starts
GOAL = 20
_OWN = re.compile(rb'"id":"(1-\d{8})')
_LOINC, _RXNORM, _SNOMED = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm", "http://snomed.info/sct"
_ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SETS = {
    "sle": [(_SNOMED, "55464009"), (_ICD, "M32.9"), (_ICD, "M32.10"), (_ICD, "M32.19")],
    "haemoglobin": [(_LOINC, "718-7")],
    "prednisone": [(_RXNORM, "312617"), (_RXNORM, "8640"), (_RXNORM, "763179"), (_RXNORM, "198145")],
}


def main(patients: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="benchmark-cql-"))
    try:
        texts = bundles(folder / "in", patients)
        print(f"{len(texts)} patients in scope, {sum(map(len, texts)) / len(texts) / 1000:.0f} kB a patient", flush=True)
        ours, theirs = _ours(texts), _theirs(texts, folder)
        print(f"CQL takes {theirs:.2f} ms a patient, ours {ours:.2f} ms: ours is {theirs / ours:.2f} times as fast (the goal was {GOAL})")
        print(f"cql ratio {ours / theirs:.3f}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bundles(folder: Path, patients: int) -> list[bytes]:
    """One Bundle a patient, as JSON."""
    write(folder, patients, in_scope=1.0)
    charts: dict[bytes, list[bytes]] = {}
    for path in sorted(folder.iterdir()):
        for line in path.read_bytes().splitlines():
            charts.setdefault(_owner(line), []).append(b'{"resource":%b}' % line)
    return [b'{"resourceType":"Bundle","type":"collection","entry":[%b]}' % b",".join(entries) for entries in charts.values()]


def _owner(line: bytes) -> bytes:
    """Every id of a hospital's record begins with its patient's."""
    found = _OWN.search(line)
    assert found
    return found[1]


def _ours(texts: list[bytes]) -> float:
    """Milliseconds a patient."""
    engine = build_engine(ZoneInfo("UTC"))
    _round(engine, texts[:WARM])
    seconds, statuses, criteria = _round(engine, texts)
    each = seconds * 1000 / len(texts)
    print(f"ours: {each:.2f} ms a patient for {criteria / len(texts):.0f} criteria, {dict(statuses)}", flush=True)
    return each


def _round(engine: Engine, texts: list[bytes]) -> tuple[float, Counter[str], int]:
    """(seconds, statuses, criteria): chart, mapping and evaluation, not the parsing of JSON."""
    trial, seconds, statuses, criteria = engine.trials["cc312"], 0.0, Counter[str](), 0
    for text in texts:
        bundle = orjson.loads(text)
        began = time.process_time()
        found = engine.evaluate(trial, chart_of_bundle(bundle), AS_OF, in_scope_only=True)
        seconds += time.process_time() - began
        statuses[found.status] += 1
        criteria += sum(len(arm.criteria) for arm in found.arms)
    return seconds, statuses, criteria


def _theirs(texts: list[bytes], folder: Path) -> float:
    """Milliseconds a patient."""
    for name in ("package.json", "run.js", "lupus.elm.json"):
        shutil.copy(HERE / name, folder)
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)
    (folder / "lines").write_bytes(b"\n".join(texts))
    (folder / "sets.json").write_text(json.dumps({"asOf": AS_OF.isoformat(), "valueSets": _value_sets()}))
    command = ["node", "run.js", "lupus.elm.json", "sets.json", "lines", str(WARM)]
    said = json.loads(subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout)
    each = float(said["seconds"]) * 1000 / len(texts)
    print(f"CQL: {each:.2f} ms a patient for 4 conditions, which hold for {said['found']}", flush=True)
    return each


def _value_sets() -> Json:
    return {
        f"urn:benchmark:{name}": {"1": [{"system": system, "code": code, "version": ""} for system, code in codes]}
        for name, codes in SETS.items()
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
