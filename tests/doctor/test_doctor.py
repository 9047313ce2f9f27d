"""`cds-service doctor` finds what is wrong with an installation and says what to do about each."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from cds_service.audit.accounts import account
from cds_service.cli import main
from cds_service.doctor import knowledge, network
from cds_service.doctor.checks import CHECKS
from cds_service.doctor.model import Check, Finding, findings, scene_of
from tests.doctor.servers import certificate, served
from tests.security.test_tenants import file
from tests.support import tokens as t
from tests.support.deployed import ROOT


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("TRIAL_CDS_", "PROMETHEUS_"))]:
        monkeypatch.delenv(name)


def found(environ: Mapping[str, str], check: str, network: bool = False) -> list[Finding]:
    return [one for one in findings(CHECKS, scene_of(environ), network) if one.check == check]


def states(environ: Mapping[str, str], check: str, network: bool = False) -> list[tuple[str, str]]:
    return [(one.state, one.says) for one in found(environ, check, network)]


def tenants(folder: Path, **more: Any) -> dict[str, str]:
    path = file(folder, **{"networks": ["127.0.0.0/8"]} | more)
    path.chmod(0o640)
    return {"TRIAL_CDS_TENANTS": str(path)}


def stored(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A store at this version."""
    (folder / "secret").write_bytes(b"k" * 48)
    (folder / "secret").chmod(0o640)
    environ = {"TRIAL_CDS_DATABASE": f"sqlite:///{folder}/store.db", "TRIAL_CDS_SECRET_FILE": str(folder / "secret")}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert main(["db", "upgrade"]) == 0
    return environ


def test_a_sound_installation_has_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tenants, origins, time zone and a store set: every line is ok."""
    token = {"name": "warehouse", "scopes": ["read"], "sha256": "0a" * 32}
    environ = {
        **tenants(tmp_path, api_tokens=[token]),
        "TRIAL_CDS_TIMEZONE": "Europe/Berlin",
        "TRIAL_CDS_CORS_ORIGINS": "https://ehr.example",
    }
    environ |= stored(tmp_path, monkeypatch)
    every = findings(CHECKS, scene_of(environ), network=False)
    assert {one.state for one in every} == {"ok"}
    assert {one.check for one in every} == {check.name for check in CHECKS if not check.network}


def test_a_store_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    """An empty file of the administrator's own would keep the service out."""
    (tmp_path / "secret").write_bytes(b"k" * 48)
    environ = {"TRIAL_CDS_DATABASE": f"sqlite:///{tmp_path}/store.db", "TRIAL_CDS_SECRET_FILE": str(tmp_path / "secret")}
    assert states(environ, "store") == [("fail", "its file is not there: run `cds-service db upgrade`")]
    assert not (tmp_path / "store.db").exists()


def test_a_database_that_does_not_answer_is_told(tmp_path: Path) -> None:
    """With the account that asked, for PostgreSQL lets in whom it knows."""
    (tmp_path / "secret").write_bytes(b"k" * 48)
    environ = {"TRIAL_CDS_DATABASE": f"postgresql:///cds?host={tmp_path}", "TRIAL_CDS_SECRET_FILE": str(tmp_path / "secret")}
    (told,) = found(environ, "store")
    assert (told.state, "can't be reached" in told.says, f"'{account()}'" in told.do) == ("fail", True, True)
    assert f"'cds' at {tmp_path}" in told.says


def test_a_database_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    """A wrong name, host or user is mostly a misspelt one."""
    (tmp_path / "secret").write_bytes(b"k" * 48)
    url = "postgresql://cds-user:pass-word@127.0.0.1:9/cdsx"
    (told,) = found({"TRIAL_CDS_DATABASE": url, "TRIAL_CDS_SECRET_FILE": str(tmp_path / "secret")}, "store")
    assert told.says.endswith(": 'cdsx' at 127.0.0.1:9, as 'cds-user'")
    assert "pass-word" not in told.says + told.do


def test_a_store_to_be_upgraded_need_not_stop_the_service(tmp_path: Path) -> None:
    """As the page on deployment says it: upgrade, then restart."""
    (tmp_path / "secret").write_bytes(b"k" * 48)
    (tmp_path / "store.db").touch()
    (told,) = found({"TRIAL_CDS_DATABASE": f"sqlite:///{tmp_path}/store.db", "TRIAL_CDS_SECRET_FILE": str(tmp_path / "secret")}, "store")
    assert told.do == "run `cds-service db upgrade`, then restart the service; it may go on running meanwhile"


def test_a_store_without_its_secret_is_told(tmp_path: Path) -> None:
    """The service does not start so."""
    assert [state for state, _ in states({"TRIAL_CDS_DATABASE": f"sqlite:///{tmp_path}/store.db"}, "store")] == ["fail"]


def test_what_was_switched_off_at_run_time_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the doctor says `mode on` of a hospital that gets no cards."""
    environ = stored(tmp_path, monkeypatch)
    assert main(["mode", "off", "--trial", "cc312"]) == 0
    assert states(environ, "store")[1:] == [("warn", "switched at run time: off for every tenant, trial cc312")]


def test_every_warning_and_failure_says_what_to_do(tmp_path: Path) -> None:
    """Of an installation with much amiss."""
    environ = {**tenants(tmp_path, mode="silent", issuer={"algorithms": ["RS256", "RS384"]}), "PROMETHEUS_MULTIPROC_DIR": "/no/such"}
    every = findings(CHECKS, scene_of(environ), network=False)
    assert sum(one.state != "ok" for one in every) >= 5
    assert all(bool(one.do) == (one.state != "ok") for one in every)


@pytest.mark.parametrize(
    ("environ", "check", "state", "words"),
    [
        ({"TRIAL_CDS_PORT": "x"}, "settings", "fail", "TRIAL_CDS_PORT"),
        ({"TRIAL_CDS_PROT": "1"}, "settings", "fail", "did you mean TRIAL_CDS_PORT?"),
        ({}, "settings", "warn", "days are read in UTC"),
        ({}, "callers", "warn", "only this machine"),
        ({"TRIAL_CDS_HOST": "0.0.0.0"}, "callers", "fail", "open to others"),
        ({"TRIAL_CDS_INSECURE": "true"}, "callers", "fail", "open to others"),
        ({"TRIAL_CDS_TENANTS": "/no/such.yaml"}, "settings", "fail", "TRIAL_CDS_TENANTS: /no/such.yaml: no such file"),
        ({"TRIAL_CDS_TENANTS": "/no/such.yaml"}, "tenants", "fail", "no such file"),
        ({"TRIAL_CDS_TENANTS": "/no/such.yaml", "TRIAL_CDS_PORT": "x"}, "callers", "ok", "every call needs a token"),
        ({"TRIAL_CDS_LOG": "x", "TRIAL_CDS_PORT": "x"}, "settings", "fail", "TRIAL_CDS_LOG"),
        ({"TRIAL_CDS_LOG": "x", "TRIAL_CDS_PORT": "x"}, "settings", "fail", "TRIAL_CDS_PORT"),
        ({"TRIAL_CDS_TENANTS": "/no/such.yaml"}, "files", "fail", "can't be read"),
        ({"TRIAL_CDS_METRICS": "on"}, "files", "warn", "each process tells of its own counts"),
        ({"PROMETHEUS_MULTIPROC_DIR": "/no/such"}, "files", "fail", "PROMETHEUS_MULTIPROC_DIR"),
    ],
)
def test_a_fault_of_the_settings_is_found(environ: dict[str, str], check: str, state: str, words: str) -> None:
    """With the variable's name; the other checks still run."""
    assert any(one == state and words in says for one, says in states(environ, check))
    assert found(environ, "definitions")


def test_a_metrics_folder_that_gunicorn_will_make_is_no_fault(tmp_path: Path) -> None:
    """Below a folder that can be written to, as the unit's own under /run."""
    assert [state for state, _ in states({"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics")}, "files")] == ["ok"]


def test_faults_of_the_tenants_file_are_each_a_line(tmp_path: Path) -> None:
    """As the service itself would tell them at its start."""
    assert [state for state, _ in states(tenants(tmp_path, mode="loud", issuer={"lifetime": 0}), "tenants")] == ["fail", "fail"]


def test_keys_that_are_not_used_are_told(tmp_path: Path) -> None:
    """A short RSA key beside a good one."""
    short = t.rsa_jwk("old", bits=1024)
    told = states(tenants(tmp_path, issuer={"jwks": {"keys": [t.rsa_jwk(), short]}}), "keys")
    assert told[0] == ("ok", f"general, {t.ISS}: rsa-1; ES384, RS384")
    assert told[1][0] == "warn"
    assert "fewer than 2048 bits" in told[1][1]


def test_the_made_up_caller_is_told(tmp_path: Path) -> None:
    """Its private key lies in a file of the machine, as the page on deployment makes it."""
    (tmp_path / "tried").mkdir()
    caller = run_path(str(ROOT / "deploy" / "caller.py"))
    caller["write_tenant"]("https://cds.example.org", tmp_path / "tried" / "key.pem", tmp_path / "tried" / "tenants.yaml")
    told = states({"TRIAL_CDS_TENANTS": str(tmp_path / "tried" / "tenants.yaml")}, "keys")
    assert ("warn", "try: try-1 is the made-up EHR of deploy/caller.py") in told


@pytest.mark.parametrize(("mode", "state"), [(0o600, "ok"), (0o644, "ok"), (0o660, "warn"), (0o666, "fail")])
def test_a_file_that_others_can_change_is_told(mode: int, state: str, tmp_path: Path) -> None:
    """Who changes the tenants file lets callers in."""
    environ = tenants(tmp_path)
    Path(environ["TRIAL_CDS_TENANTS"]).chmod(mode)
    assert [one.state for one in found(environ, "files")] == [state]


def test_a_folder_that_others_can_change_is_told(tmp_path: Path) -> None:
    """Its files can be replaced."""
    environ = tenants(tmp_path)
    tmp_path.chmod(0o777)
    assert [one.state for one in found(environ, "files")] == ["fail"]


@pytest.mark.parametrize(("mode", "state"), [(0o600, "ok"), (0o640, "ok"), (0o644, "warn"), (0o660, "warn")])
def test_a_secret_that_others_can_read_is_told(mode: int, state: str, tmp_path: Path) -> None:
    """Who has it can try out whose digests stand in the store."""
    (tmp_path / "secret").write_bytes(b"k" * 48)
    (tmp_path / "secret").chmod(mode)
    assert [one.state for one in found({"TRIAL_CDS_SECRET_FILE": str(tmp_path / "secret")}, "files")] == [state]


def test_a_missing_tenants_file_is_not_to_be_unset(tmp_path: Path) -> None:
    """Unset, nobody would be checked, and nginx would let everybody in."""
    told = found({"TRIAL_CDS_TENANTS": "/no/such.yaml", "TRIAL_CDS_PORT": "x"}, "settings")
    assert {one.says.partition(":")[0]: "unset" in one.do for one in told} == {"TRIAL_CDS_TENANTS": False, "TRIAL_CDS_PORT": True}


@pytest.mark.parametrize(("until", "state"), [("2026-01-01", "warn"), ("2999-01-01", "ok"), (None, "ok")])
def test_a_token_of_the_api_that_has_ended_is_told(until: str | None, state: str, tmp_path: Path) -> None:
    """Its calls are answered 401 without detail."""
    token = {"name": "warehouse", "scopes": ["read"], "sha256": "0a" * 32, **({"until": until} if until else {})}
    (told,) = found(tenants(tmp_path, api_tokens=[token]), "tokens")
    assert (told.state, "warehouse" in told.says) == (state, True)


def test_mappings_that_are_not_used_are_told(tmp_path: Path) -> None:
    """A local code mapped onto a code that no criterion reads."""
    target = {"code": "99999-9", "equivalence": "equivalent"}
    group = {"source": "urn:x", "target": "http://loinc.org", "element": [{"code": "L1", "target": [target]}]}
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"resourceType": "ConceptMap", "status": "active", "group": [group]}))
    told = states({"TRIAL_CDS_CONCEPT_MAPS": str(path)}, "concept maps")
    assert [state for state, _ in told] == ["ok", "warn"]
    path.write_text("{")
    assert [one.state for one in found({"TRIAL_CDS_CONCEPT_MAPS": str(path)}, "concept maps")] == ["fail"]


def test_a_faulty_or_paused_definition_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every fault with its line; of a paused trial that no card is shown."""
    text = knowledge.shipped()["cc312"].read_text("utf-8")
    paused, broken = tmp_path / "paused.yaml", tmp_path / "broken.yaml"
    paused.write_text(text.replace("state: recruiting", "state: paused"), "utf-8")
    broken.write_text(text.replace("drug.hcq]", "drug.hqc]", 1), "utf-8")
    monkeypatch.setattr(knowledge, "shipped", lambda: {"paused": paused, "broken": broken})
    told = found({}, "definitions")
    assert (told[0].state, "paused" in told[0].says) == ("warn", True)
    assert told[1].state == "fail"
    assert "broken.yaml:" in told[1].says


def test_a_check_that_breaks_is_a_finding() -> None:
    """And the others still run; what the fault quotes is not told."""

    def broken(_: object) -> list[Finding]:
        raise OSError("password=secret")

    told = findings((Check("database", broken), *CHECKS[:1]), scene_of({}), network=False)
    assert (told[0].check, told[0].state, "secret" in told[0].says) == ("database", "fail", False)
    assert told[1].check == "settings"


@pytest.mark.parametrize(("skew", "state"), [(0.0, "ok"), (20.0, "warn"), (-300.0, "fail")])
def test_clocks_that_differ_are_told(skew: float, state: str, tmp_path: Path) -> None:
    """Compared with the tenant's own server."""
    with served(skew) as (address, _):
        environ = tenants(tmp_path, fhir_servers=[f"{address}/r4"])
        assert [one.state for one in found(environ, "clock", network=True)] == [state]


def test_each_server_is_asked_once_and_only_with_the_option(tmp_path: Path) -> None:
    """A key set and a FHIR base of one host are one question."""
    with served() as (address, seen):
        environ = tenants(tmp_path, fhir_servers=[f"{address}/r4"], issuer={"jku": f"{address}/keys"})
        assert found(environ, "network") == []
        assert seen == []
        assert [one.state for one in found(environ, "network", network=True)] == ["warn"]  # not encrypted
        assert len(seen) == 1


def test_a_certificate_that_ends_soon_is_told(tmp_path: Path) -> None:
    """A month before; the tenant's own authority counts, as it does for the service."""
    for days, state in ((12, "warn"), (60, "ok")):
        authority = str(certificate(tmp_path, days))
        with served(certificate=tmp_path / "server.pem") as (address, _):
            environ = tenants(tmp_path, fhir_servers=[address], ca=authority)
            assert [one.state for one in found(environ, "network", network=True)] == [state]


@pytest.mark.parametrize("given", [{}, {"days": -1}])
def test_a_certificate_that_is_not_trusted_is_not_for_the_network_team(given: dict[str, int], tmp_path: Path) -> None:
    """Of an authority that the tenant does not name, or past its end: what to do is the tenants file's or its owners'."""
    authority = {"ca": str(certificate(tmp_path, **given))}
    with served(certificate=tmp_path / "server.pem") as (address, _):
        (told,) = found(tenants(tmp_path, fhir_servers=[address], **(authority if given else {})), "network", network=True)
    assert (told.state, "its certificate is not trusted" in told.says, "`ca`" in told.do) == ("fail", True, True)
    assert ("expired" in told.says) == bool(given)


def test_a_server_that_the_service_would_not_call_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name leads to a private network that the tenant does not name; nobody connects to it."""
    monkeypatch.setattr(network, "lookup", lambda *_: ["10.2.3.4"])
    monkeypatch.setattr(network, "reach", lambda *_: pytest.fail("it was called"))
    (told,) = found(tenants(tmp_path, fhir_servers=["https://fhir.hospital.example/r4"]), "network", network=True)
    assert (told.state, told.says) == ("fail", "https://fhir.hospital.example: an address of it is private")
    assert "`networks`" in told.do


def test_the_table_and_the_exit_status(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """0 with warnings only, 1 with a failure; the network is named as not looked at."""
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "warn  callers" in out
    assert "-> name your tenants" in out
    assert "--network does" in out
    monkeypatch.setenv("TRIAL_CDS_HOST", "0.0.0.0")
    assert main(["doctor"]) == 1
    assert ", 1 fail\n" in capsys.readouterr().out


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """For monitoring: the worst state, and every finding."""
    assert main(["doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "warn"
    assert {frozenset(one) for one in told["findings"]} == {frozenset({"check", "state", "says", "do"})}


def test_a_pilot_for_nobody_and_a_faulty_policy_are_told(tmp_path: Path) -> None:
    """Nobody would see a card, or the service would not start."""
    assert [state for state, _ in states(tenants(tmp_path, mode="pilot"), "alerts")] == ["warn", "warn"]  # the other: no store
    (state, says) = states(tenants(tmp_path, alerts={"limit": 1}), "alerts")[0]
    assert (state, "unknown member 'limit'" in says) == ("fail", True)


def test_a_flag_that_may_not_come_is_told(tmp_path: Path) -> None:
    """A patient's no that stands in a Flag must come with each call, or it is not known."""
    flags = {"do_not_contact_flags": ["urn:site|no-research"]}
    says = "a Flag that the EHR does not send keeps nobody off"
    assert any(says in said for _, said in states(tenants(tmp_path, alerts=flags), "alerts"))
    assert not any(says in said for _, said in states(tenants(tmp_path, alerts={**flags, "do_not_contact_keys": ["flags"]}), "alerts"))
