"""Log lines hold the fields of the allow-list, each in its shape, and never words that someone else wrote."""

from __future__ import annotations

import ast
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cds_service.observe import context
from cds_service.observe.fields import FIELDS, allowed, code
from cds_service.observe.logs import EVENTS, JsonLines, TextLines, event, failed, to_stderr

ROOT = Path(__file__).resolve().parents[2]
UUID = "0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d11"
PATIENT = "Smith, born 1950-01-01"


@pytest.fixture(autouse=True)
def no_request() -> Iterator[None]:
    context.begin()
    yield
    context.begin()


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """What was written to stderr since the last look; the logging of before is put back afterwards."""
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    for handler in handlers:
        root.removeHandler(handler)  # basicConfig would close pytest's own
    yield lambda: capsys.readouterr().err
    logging.captureWarnings(False)
    root.handlers[:], logging.raiseExceptions = handlers, raising
    root.setLevel(level)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_an_event_is_one_json_object(written: Callable[[], str]) -> None:
    """Time in UTC, level, event, and its fields."""
    to_stderr("json")
    event("call", method="POST", route="/cds-services/<identifier>", status=200, ms=12.5)
    (line,) = lines(written())
    assert line.pop("time").endswith("Z")
    assert line == {"level": "info", "event": "call", "method": "POST", "route": "/cds-services/<identifier>", "status": 200, "ms": 12.5}


def test_an_event_is_one_line_of_text(written: Callable[[], str]) -> None:
    """For a terminal: what, how long, then the rest."""
    to_stderr("text")
    event("call", logging.WARNING, method="GET", route="/livez", status=200, ms=0.4, tenant="general")
    assert written()[8:] == " WARNING call     GET /livez 200  0.4 ms  tenant=general\n"


def test_what_is_not_on_the_list_is_dropped(written: Callable[[], str]) -> None:
    """An unknown field, and a known one whose value could be a patient's."""
    to_stderr("json")
    event("call", patient=PATIENT, hook=PATIENT, trial="cc312\n{}", tenant="ok", status="200", ms=True, instance="p1", reason=None)
    assert set(lines(written())[0]) == {"time", "level", "event", "tenant"}


def test_a_fault_is_told_by_kind_and_place(written: Callable[[], str]) -> None:
    """Never by its message."""
    to_stderr("json")
    try:
        int(PATIENT)
    except ValueError as error:
        failed(error)
    text = written()
    assert "Smith" not in text
    (line,) = lines(text)
    assert (line["level"], line["error"]) == ("error", "ValueError")
    assert line["at"].startswith("test_a_fault_is_told_by_kind_and_place:")


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_words_of_libraries_are_not_written(form: str, written: Callable[[], str]) -> None:
    """Message, arguments, exception, stack and logger names made of data: only who logged, and where."""
    to_stderr(form)
    try:
        raise KeyError(PATIENT)
    except KeyError:
        logging.getLogger("waitress").exception("serving %s", PATIENT, stack_info=True)
    logging.getLogger("sqlalchemy").warning(PATIENT)
    logging.getLogger(PATIENT).warning("call", extra={"fields": {"event": PATIENT}})
    logging.getLogger("cds_service").warning(PATIENT, extra={"fields": {"tenant": "x"}})
    text = written()
    assert "Smith" not in text
    assert text.count("\n") == 4
    assert "KeyError" in text


def test_a_look_at_the_store_s_version_is_no_event(written: Callable[[], str]) -> None:
    """Readiness looks with every probe; those lines would be most of the log."""
    to_stderr("json")
    logging.getLogger("alembic.runtime.migration").info("Context impl PostgresqlImpl.")
    assert written() == ""
    logging.getLogger("alembic.runtime.migration").error("a step failed")
    assert '"library"' in written()


def test_a_line_that_can_not_be_written_says_nothing_of_its_record(written: Callable[[], str]) -> None:
    """logging itself would print the record's arguments."""
    gone = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", gone)
        to_stderr("json")
    gone.close()
    logging.getLogger("urllib3").warning("%s", PATIENT)
    assert written() == ""


def test_what_is_noted_stands_in_every_line_of_the_request(written: Callable[[], str]) -> None:
    """And is forgotten with the next request of the thread."""
    to_stderr("json")
    context.begin(request=UUID)
    context.note(hook="patient-view")
    event("card", trial="cc312", suppressed="needs-data")
    context.begin(request="0" * 32)
    event("call")
    first, second = lines(written())
    assert (first["request"], first["hook"], first["suppressed"]) == (UUID, "patient-view", "needs-data")
    assert (second["request"], "hook" in second) == ("0" * 32, False)


def test_outside_of_a_request_nothing_is_noted() -> None:
    """A command of the command line keeps no state."""
    context._HELD.set(None)
    context.note(hook="patient-view")
    assert context.noted() == {}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("aud is not one of the issuer's audiences", "aud-is-not-one-of-the-issuers-audiences"),
        ("unreadable token: TypeError", "unreadable-token"),
        ("no iat or exp", "no-iat-or-exp"),
        ("", "other"),
        ("Ünder", "nder"),
        ("x" * 200, "x" * 64),
    ],
)
def test_words_become_a_code(words: str, expected: str) -> None:
    """Short, lower case, and without what follows a colon."""
    assert code(words) == expected
    assert allowed({"reason": code(words)}) == {"reason": expected}


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted((ROOT / "cds_service").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                yield name, node


def test_every_field_that_the_code_logs_is_on_the_list() -> None:
    """A misspelt field would be dropped in silence."""
    used = {word.arg for name, node in _calls() if name in ("event", "note", "begin") for word in node.keywords if word.arg}
    assert used
    assert used <= set(FIELDS)


def test_every_event_that_the_code_logs_is_known() -> None:
    """And every known one is logged somewhere, but for those that libraries or later parts cause."""
    used = {node.args[0].value for name, node in _calls() if name == "event" and node.args and isinstance(node.args[0], ast.Constant)}
    assert used <= set(EVENTS)
    assert set(EVENTS) - used <= {"library"}


def test_no_module_logs_past_the_allow_list() -> None:
    """Only observe/ speaks to logging's loggers."""
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "cds_service").rglob("*.py")
        if "getLogger(" in path.read_text("utf-8") and path.parent.name != "observe"
    ]
    assert found == []


def test_text_and_json_hold_the_same_values() -> None:
    """No form tells more than the other."""
    record = logging.LogRecord("cds_service", logging.INFO, __file__, 1, "call", (), None)
    record.fields = {"tenant": "general", "cards": 2, "x": PATIENT}
    assert "tenant=general cards=2" in TextLines().format(record).replace("cards=2 tenant=general", "tenant=general cards=2")
    assert json.loads(JsonLines().format(record))["cards"] == 2
