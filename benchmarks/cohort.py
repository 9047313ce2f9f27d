"""A cohort run, from raw files and from a prepared store, beside two yardsticks that answer a far smaller question over the same files.

    python -m benchmarks.cohort FOLDER PATIENTS [SHARE]

makes an export of so many patients in FOLDER (SHARE of them with a disease of the trial, 0.01 if not given), measures, and removes it.
The yardsticks, DuckDB and plain Python with orjson, count patients with lupus by SNOMED code who have a haemoglobin, an order of prednisone
and a birth date in range.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import orjson

from benchmarks.hospital import AS_OF, write

_SLE, _HAEMOGLOBIN, _PREDNISONE = {"55464009", "M32.9"}, {"718-7"}, {"312617", "8640"}
_PYTHON = sys.executable


def main(folder: Path, patients: int, share: float) -> None:
    source = folder / "in"
    size = write(source, patients, share)
    print(f"{patients} patients, {share:.0%} in scope, {size / 1e6:.0f} MB")
    try:
        into_page_cache(source)  # for all alike
        took: dict[str, float] = {}
        for name, task in (
            ("cohort run", lambda: _cohort(source, folder / "out")),
            ("cohort ingest", lambda: _ingest(source, folder / "store")),
            ("prepared run", lambda: _cohort(folder / "store", folder / "out")),
            ("duckdb count", lambda: _alone("duckdb", source)),
            ("orjson count", lambda: _alone("orjson", source)),
        ):
            seconds, peak = _measured(task)
            took[name] = seconds
            print(f"{name:14} {seconds:8.1f} s {peak / 1e6:8.0f} MB peak {size / seconds / 1e6:8.0f} MB/s", flush=True)
        print(f"folder to report beside duckdb {took['cohort run'] / took['duckdb count']:.2f}")
        print(f"store to report beside duckdb {took['prepared run'] / took['duckdb count']:.2f}")
        print(f"cohort ratio {took['cohort run'] / took['orjson count']:.2f}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def into_page_cache(source: Path) -> None:
    for path in source.iterdir():
        with path.open("rb") as stream:
            while stream.read(1 << 24):
                pass


def _cohort(source: Path, out: Path) -> subprocess.Popen[bytes]:
    shutil.rmtree(out, ignore_errors=True)
    command = [_PYTHON, "-m", "cds_service.cli", "cohort", "run", "cc312", "--source", str(source), "--out", str(out)]
    return subprocess.Popen([*command, "--whole", "--purpose", "feasibility", "--as-of", AS_OF.isoformat()], stdout=subprocess.DEVNULL)


def _ingest(source: Path, store: Path) -> subprocess.Popen[bytes]:
    command = [_PYTHON, "-m", "cds_service.cli", "cohort", "ingest", "--source", str(source), "--store", str(store), "--whole"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def _alone(which: str, source: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([_PYTHON, "-m", "benchmarks.cohort", "--yardstick", which, str(source)])


def _measured(start: Callable[[], subprocess.Popen[bytes]]) -> tuple[float, float]:
    """(seconds, bytes at the most of the whole process tree)."""
    began, most, done = time.perf_counter(), 0.0, threading.Event()
    process = start()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.1):
            most = max(most, _resident(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - began
    done.set()
    watcher.join()
    assert code == 0, code
    return seconds, most


def _resident(root: int) -> float:
    """Proportional memory of a process and its descendants (Linux)."""
    total, left = 0.0, [root]
    while left:
        pid = left.pop()
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            left += [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except OSError:
            continue
        total += next(float(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))
    return total


def duckdb_count(source: Path) -> int:
    import duckdb

    coded = 'STRUCT(coding STRUCT(system VARCHAR, code VARCHAR)[], "text" VARCHAR)'
    subject = "STRUCT(reference VARCHAR)"

    def table(kind: str, **columns: str) -> str:
        spelled = ", ".join(f"'{name}': '{value}'" for name, value in columns.items())
        return f"read_json('{source / kind}.ndjson', format='newline_delimited', columns={{{spelled}}})"

    query = f"""
        WITH sle AS (SELECT DISTINCT subject.reference AS p FROM {table("Condition", subject=subject, code=coded)}
                     WHERE list_has_any(list_transform(code.coding, lambda x: x.code), {sorted(_SLE)})),
             hb AS (SELECT DISTINCT subject.reference AS p FROM {table("Observation", subject=subject, code=coded)}
                    WHERE list_has_any(list_transform(code.coding, lambda x: x.code), {sorted(_HAEMOGLOBIN)})),
             rx AS (SELECT DISTINCT subject.reference AS p
                    FROM {table("MedicationRequest", subject=subject, medicationCodeableConcept=coded)}
                    WHERE list_has_any(list_transform(medicationCodeableConcept.coding, lambda x: x.code), {sorted(_PREDNISONE)})),
             age AS (SELECT 'Patient/' || id AS p FROM {table("Patient", id="VARCHAR", birthDate="VARCHAR")}
                     WHERE birthDate BETWEEN '1960-11-23' AND '2008-11-22')
        SELECT count(*) FROM sle JOIN hb USING (p) JOIN rx USING (p) JOIN age USING (p)"""
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    found: int = connection.execute(query).fetchall()[0][0]
    return found


def orjson_count(source: Path) -> int:
    shares = [(path, start) for path in source.iterdir() for start in range(0, path.stat().st_size, 32_000_000)]
    sets: dict[str, set[str]] = {"Condition": set(), "Observation": set(), "MedicationRequest": set(), "Patient": set()}
    with ProcessPoolExecutor(2) as pool:
        for found in pool.map(_share, shares):
            for kind, patients in found.items():
                sets[kind] |= patients
    return len(set.intersection(*sets.values()))


_WANTED = {
    "Condition": ("code", _SLE),
    "Observation": ("code", _HAEMOGLOBIN),
    "MedicationRequest": ("medicationCodeableConcept", _PREDNISONE),
}


def _share(share: tuple[Path, int]) -> dict[str, set[str]]:
    path, start = share
    found: dict[str, set[str]] = {"Condition": set(), "Observation": set(), "MedicationRequest": set(), "Patient": set()}
    with path.open("rb") as stream:
        if start:
            stream.seek(start - 1)
            stream.readline()
        while stream.tell() < start + 32_000_000 and (line := stream.readline()):
            resource = orjson.loads(line)
            kind = resource["resourceType"]
            if kind == "Patient" and "1960-11-23" <= resource["birthDate"] <= "2008-11-22":
                found[kind].add(f"Patient/{resource['id']}")
            elif kind in _WANTED:
                element, codes = _WANTED[kind]
                if any(one.get("code") in codes for one in resource.get(element, {}).get("coding", ())):
                    found[kind].add(resource["subject"]["reference"])
    return found


if __name__ == "__main__":
    if sys.argv[1] == "--yardstick":
        print({"duckdb": duckdb_count, "orjson": orjson_count}[sys.argv[2]](Path(sys.argv[3])), "patients by", sys.argv[2])
    else:
        main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 0.01)
