"""docs/writing-a-trial.md does what it says: its files, written and completed in order, and its commands with what they print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "writing-a-trial.md"
_BLOCK = re.compile(r"(?:<!-- (?P<mark>file|add to) (?P<name>\S+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)


def steps(page: str) -> Iterator[tuple[str, str, str]]:
    """(what to do, with what file, the text): file, add to, sh, or text, which is what the commands before it print."""
    for found in _BLOCK.finditer(page):
        yield found["mark"] or found["kind"], found["name"] or "", found["text"]


def run(commands: str, folder: Path) -> str:
    """What they print; `cds-service` is this one."""
    environ = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    shell = ["bash", "-euo", "pipefail", "-c", commands]
    ended = subprocess.run(shell, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, f"{commands}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def missing(expected: str, printed: str) -> list[str]:
    """The lines that were not printed, each looked for after the one before it; a line of the page may end early."""
    gone = []
    for line in expected.splitlines():
        before, found, after = printed.partition(line)
        if not found:
            gone.append(line)
        printed = after or before
    return gone


def test_the_page_from_nothing_to_a_trial(tmp_path: Path) -> None:
    """Every block is written or run, and what the page shows of the output is printed in that order."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "cds-service"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m cds_service.cli "$@"\n', "utf-8")
    command.chmod(0o755)
    printed = ""
    for what, name, text in steps(PAGE.read_text("utf-8")):
        if what == "file":
            (tmp_path / name).write_text(text, "utf-8")
        elif what == "add to":
            with (tmp_path / name).open("a", encoding="utf-8") as file:
                file.write(text)
        elif what == "sh":
            printed = run(text, tmp_path)
        else:
            assert what == "text"
            assert missing(text, printed) == []
    assert "lupus-x@0.2.0" in printed


def test_a_line_that_was_not_printed_is_missed() -> None:
    """Also one that came too early."""
    assert missing("b\na\n", "a\nb\n") == ["a"]
    assert missing("a\nb\n", "x a\nb c\n") == []
