"""docs/operations.md says what the code does: fields, events, metrics, checks, alerts and commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import Counter, Histogram

from cds_service.app import create_app
from cds_service.cli import _parser
from cds_service.config import Settings
from cds_service.observe.fields import FIELDS
from cds_service.observe.logs import EVENTS
from cds_service.observe.metrics import METRICS, PREFIX
from tests.security.test_tenants import file
from tests.support.service import FakeEngine

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text("utf-8")


def table(head: str) -> list[tuple[str, ...]]:
    """The rows of the table with that first heading, without backticks around names."""
    lines = PAGE[PAGE.index(f"| {head} |") :].split("\n\n")[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines if line.startswith("|")]


def test_the_table_of_fields_is_the_allow_list() -> None:
    """In its order and words."""
    assert table("field") == [(f"`{name}`", field.says) for name, field in FIELDS.items()]


def test_the_table_of_events_is_complete() -> None:
    """In its order and words."""
    assert table("event") == [(f"`{name}`", says) for name, says in EVENTS.items()]


def test_the_table_of_metrics_is_what_is_served() -> None:
    """Name, labels and meaning."""
    assert table("metric") == [(f"`{PREFIX}{one.name}`", ", ".join(one.labels), one.says) for one in METRICS]


def test_the_table_of_checks_is_what_readyz_runs(tmp_path: Path) -> None:
    """With tenants and a store, of which there is a check each."""
    (tmp_path / "secret").write_bytes(b"k" * 48)
    store = f"sqlite:///{tmp_path}/store.db"
    app = create_app(Settings(tenants=file(tmp_path), database=store, secret_file=tmp_path / "secret"), FakeEngine())
    assert [f"`{name}`" for name in app.extensions["readiness"].run()] == [name for name, _ in table("check")]


def alerts() -> list[dict[str, str]]:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (group,) = yaml.safe_load(block)["groups"]
    found: list[dict[str, str]] = group["rules"]
    return found


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_every_alert_asks_for_metrics_and_labels_that_there_are(alert: dict[str, str]) -> None:
    """A renamed metric would make an alert silent for ever."""
    known = {PREFIX + one.name: one for one in METRICS}
    known |= {f"{PREFIX}{one.name}_bucket": one for one in METRICS if one.kind is Histogram}
    used = re.findall(r"(trial_cds_\w+)(?:\{([^}]*)\})?", alert["expr"])
    assert used
    for name, selectors in used:
        assert set(re.findall(r"(\w+)[!=]", selectors)) <= set(known[name].labels), name
        assert ("rate(" in alert["expr"]) == (known[name].kind in (Counter, Histogram)), name
    grouped = [label.strip() for labels in re.findall(r"by \(([^)]*)\)", alert["expr"]) for label in labels.split(",")]
    assert set(grouped) <= {label for name, _ in used for label in known[name].labels} | {"le"}


def test_every_command_of_the_page_is_understood() -> None:
    """With its options; comments and redirections cut off."""
    commands = [line.split("#")[0].split(">")[0].split() for line in PAGE.splitlines() if line.startswith("cds-service ")]
    assert len(commands) >= 5
    for command in commands:
        assert callable(_parser().parse_args(command[1:]).command)
