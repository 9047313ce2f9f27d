"""What the repository says of itself is true, and nothing in it belongs to the machine it was written on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BUILT = {".git", ".venv", "build", "dist", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", "__pycache__"}

# Split in two so that this file does not hold what it looks for.
FOREIGN = re.compile(
    r"(?:^|[^.\w])/(?:wo" r"rk|fa" r"rm|ro" r"ot|ho" r"me|Us" r"ers)/\w"
    r"|pypi\.o" r"rg|pythonhosted\.o" r"rg|registry\.npm" r"js|deb\.debian\.o" r"rg|index-u" r"rl|trusted-h" r"ost",
    re.MULTILINE,
)  # fmt: skip


def tracked() -> list[Path]:
    """The files that git has or would take; without git, all but what is built."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=False
    )
    if listing.returncode == 0:
        paths = [ROOT / name.decode() for name in listing.stdout.split(b"\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not BUILT.intersection(path.relative_to(ROOT).parts)]
    return [path for path in paths if path.is_file()]


def targets() -> set[str]:
    """The Makefile's targets."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_command_of_the_documents_exists(document: Path) -> None:
    """What stands after `make` in a code span or block is a target."""
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", document.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets()


def test_the_two_commands_stand_in_the_readme() -> None:
    """`make demo` and `make test` are how anyone starts."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^make demo\b", readme, re.MULTILINE)
    assert re.search(r"^make test\b", readme, re.MULTILINE)


@pytest.mark.parametrize("target", ["help", "demo", "test", "test-all", "laws", "check", "coverage", "docs", "bench", "clean"])
def test_the_makefile_has_its_targets(target: str) -> None:
    """Each promised target exists and says in `make help` what it does."""
    assert re.search(rf"^{target}:.*## \S", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "CHANGELOG.md"], ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    """A link to a file of the repository names one that exists."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_no_machine_path_or_registry_host_stands_in_a_file() -> None:
    """The repository works on any machine: no path of one, no registry's host, no setting of pip."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if FOREIGN.search(line)
    ]
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("line", ["cd /w@ork/x", "see /h@ome/ann/x", "https://pypi@.org/simple", "pip --index@-url x"])
def test_a_machine_path_or_registry_host_is_recognised(line: str) -> None:
    """The search finds what it is for (the @ keeps this file itself from being found)."""
    assert FOREIGN.search(line.replace("@", ""))


@pytest.mark.parametrize("line", ["http://loinc.org/home/x", "tests/work/x", "docs/home.md", "a working/root/file"])
def test_an_address_or_a_relative_path_is_none(line: str) -> None:
    """Words inside longer paths and addresses are no machine's paths."""
    assert not FOREIGN.search(line)


@pytest.mark.parametrize(
    "owner",
    [
        "LOINC", "Regenstrief", "SNOMED CT", "SNOMED International", "RxNorm", "National Library of Medicine", "CVX", "ICD-10",
        "ICD-10-CM", "ICD-10-GM", "BfArM", "ATC", "WHO Collaborating Centre", "UCUM", "HL7", "CPT", "NCI Thesaurus",
    ],
)  # fmt: skip
def test_the_notice_names_every_terminology_and_its_owner(owner: str) -> None:
    """Codes are shipped with their attribution."""
    assert re.search(rf"\b{re.escape(owner)}\b", (ROOT / "NOTICE").read_text(encoding="utf-8"))


def test_the_licence_is_whole() -> None:
    """LICENSE holds the Apache License 2.0 from its title to its appendix."""
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert "APPENDIX: How to apply the Apache License" in text
