"""`cds-service registration` prints what a hospital has to set, from the service's own tables, with a source for each fact."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from flask.testing import FlaskClient

from cds_service.cli import main
from cds_service.hooks.keys import asked
from cds_service.hooks.services import SERVICES
from cds_service.registration.sheet import Subject, known, sheet, url
from cds_service.registration.triggers import triggers
from cds_service.security.tenants import load_tenants
from cds_service.sheets import page
from tests.security.test_tenants import file
from tests.support import tokens as t
from tests.support.engine import engine
from tests.support.service import client
from tests.support.tokens import JKU

BASE = "https://cds.example.org"
TRIALS = tuple(engine().trials.values())
EHRS = sorted(known()["ehrs"])


def built(ehr: str = "generic") -> str:
    return sheet(Subject(BASE, ehr, TRIALS, body_limit=10_000_000))


@pytest.mark.rule("64")
@pytest.mark.parametrize("ehr", EHRS)
def test_every_service_and_prefetch_key_stands_on_the_sheet(ehr: str) -> None:
    """The URLs and templates are those of discovery, letter for letter."""
    text, discovery = built(ehr), client(engine()).get("/cds-services").get_json()["services"]
    for service in discovery:
        assert f"`{BASE}/cds-services/{service['id']}`" in text
        for name, template in service["prefetch"].items():
            assert f"| `{name}` | `{template}` |" in text
    assert "{base}" not in text
    assert "None" not in text


@pytest.mark.parametrize("ehr", EHRS)
def test_the_key_of_a_patient_s_no_is_asked_for(ehr: str) -> None:
    """Discovery can't: which resource holds it is the hospital's own."""
    assert "`Consent?patient={{context.patientId}}`" in built(ehr)


@pytest.mark.parametrize("ehr", EHRS)
def test_every_fact_has_a_source(ehr: str) -> None:
    """A page that can be looked up."""
    facts = known()["ehrs"][ehr]["facts"]
    assert facts
    for fact in facts:
        assert known()["sources"][fact["source"]]["url"].startswith("https://")
        assert fact["says"] in built(ehr)


def test_only_hooks_that_an_ehr_is_known_to_call_are_to_be_registered() -> None:
    """Oracle documents patient-view alone; the others are marked."""
    rows = [line for line in built("oracle").splitlines() if line.startswith(("| `patient-view`", "| `encounter-start`", "| `order-sign`"))]
    assert [line.split(" | ")[-1] for line in rows] == ["yes |", *["no: this EHR is not known to call it |"] * 2]
    assert {hook for one in known()["ehrs"].values() for hook in one["hooks"]} <= {service.hook for service in SERVICES}


@pytest.mark.parametrize(
    ("ehr", "says"),
    [("generic", "reads this table"), ("epic", "does not read"), ("oracle", "is not documented"), ("athena", "is not documented")],
)
def test_whether_the_prefetch_must_be_typed_in_is_said(ehr: str, says: str) -> None:
    """No more than a source says."""
    assert says in built(ehr)


def test_links_of_cards_are_all_named() -> None:
    """An EHR takes out what is not on its list."""
    assert "| allowed links | https://clinicaltrials.gov/study/NCT07193810 |" in built("oracle")


def test_the_trigger_codes_are_those_of_the_diagnoses() -> None:
    """Whole families where the arm's value sets hold them; what only excludes or doubts the diagnosis (L93, M60) is not among them."""
    assert {one.arm: one.codes for one in triggers(TRIALS)} == {
        "Systemic lupus erythematosus": ("M32",),
        "Idiopathic inflammatory myopathy": ("M33",),
        "Systemic sclerosis": ("M34",),
    }


def test_a_tenant_s_own_settings_stand_on_its_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issuer, audiences, algorithms and kids; never a key itself."""
    monkeypatch.setenv("TRIAL_CDS_TENANTS", str(file(tmp_path, name="General Hospital")))
    assert main(["registration", "--ehr", "epic", "--base-url", BASE, "--tenant", "general"]) == 0
    out = capsys.readouterr().out
    assert "# Registration of cds-service in Epic, General Hospital" in out
    for wanted in (f"| `iss` | `{t.ISS}` |", f"`{t.AUD}`", "`ES384`, `RS384`", "`rsa-1`", "`https://fhir.example.org/r4`"):
        assert wanted in out
    assert t.rsa_jwk()["n"] not in out


def test_whom_the_service_calls_stands_on_the_sheet(tmp_path: Path) -> None:
    """The firewall's owner reads each server there, and the EHR's how long to wait; without a tenant that nothing is called."""
    (one,) = load_tenants(file(tmp_path, fhir_servers=["https://fhir.example.org/r4"], fhir={"deadline": 3}, issuer={"jku": JKU}))
    text = sheet(Subject(BASE, "generic", TRIALS, tenant=one))
    assert "`https://fhir.example.org/r4`, for what a call's prefetch lacks" in text
    assert "fetching adds up to 3 s" in text
    assert f"`{JKU}`, for your public keys" in text
    assert "Outbound to a FHIR server: none" in built()


def test_an_unknown_tenant_is_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """With what is known."""
    assert main(["registration", "--base-url", BASE, "--tenant", "x"]) == 2
    assert capsys.readouterr().err == "error: unknown tenant 'x'; known: none; TRIAL_CDS_TENANTS names the file\n"


@pytest.mark.parametrize(
    "given",
    [
        "http://cds.example.org",
        "cds.example.org",
        "https://u:p@cds.example.org",
        "https://a/?x=1",
        "https://a/#b",
        "https://[x",
        "https://a b",
    ],
)
def test_a_base_url_that_no_ehr_could_call_is_refused(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2 and a line that says why."""
    with pytest.raises(SystemExit) as stopped:
        main(["registration", "--base-url", given])
    assert stopped.value.code == 2
    assert "--base-url" in capsys.readouterr().err


@pytest.mark.parametrize("given", [BASE, f"{BASE}/", "http://127.0.0.1:8080", f"{BASE}/trials"])
def test_a_trailing_slash_never_comes_through(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Epic compares the URL exactly."""
    assert main(["registration", "--base-url", given]) == 0
    out = capsys.readouterr().out
    assert f"`{given.rstrip('/')}/cds-services/trial-eligibility-patient-view`" in out
    assert "//cds-services" not in out


@pytest.mark.parametrize("ehr", EHRS)
def test_the_page_loads_nothing_and_holds_all(ehr: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Self-contained: no script, no address but links; every table of the Markdown is one of the page."""
    assert main(["registration", "--ehr", ehr, "--base-url", BASE, "--html"]) == 0
    out = capsys.readouterr().out
    assert not re.search(r"<(script|img|link|iframe)|@import|url\(", out)
    assert "default-src &#x27;none&#x27;" in out
    assert out.count("<table>") == len(re.findall(r"(?m)^\| ---", built(ehr)))
    assert "<p>|" not in out


def test_a_definition_s_own_words_are_no_markup() -> None:
    """A title can add neither a link nor a script nor a cell."""
    odd = replace(TRIALS[0], title="a | b [c](javascript:x) <script>")
    text = page("x", sheet(Subject(BASE, "generic", (odd,))))
    assert "<script" not in text
    assert "javascript:x</a>" not in text
    assert "a | b [c](javascript:x) &lt;script&gt;" in text


@pytest.mark.parametrize(
    ("ehr", "hooks", "discovery"),
    [
        ("generic", ["patient-view", "encounter-start", "order-sign"], True),
        ("epic", ["patient-view", "order-sign"], False),
        ("oracle", ["patient-view"], True),
        ("athena", ["order-sign"], True),
    ],
)
def test_the_snippet_names_the_audiences_that_are_registered(ehr: str, hooks: list[str], discovery: bool) -> None:
    """What is typed into the EHR is what the service accepts, and no more; discovery's unless the EHR is known not to read it."""
    (block,) = re.findall(r"```yaml\n(.*?)```", built(ehr), re.DOTALL)
    (issuer,) = yaml.safe_load(block)["tenants"][0]["issuers"]
    wanted = {url(Subject(BASE, ehr, TRIALS), service) for service in SERVICES if service.hook in hooks}
    assert set(issuer["audiences"]) == wanted | ({f"{BASE}/cds-services"} if discovery else set())


@pytest.mark.parametrize(("ehr", "iss"), [("epic", "https://fhir.example.org/r4"), ("oracle", "https://cds-hooks.cerner.com")])
def test_the_snippet_is_a_tenants_file_that_fits_the_facts(ehr: str, iss: str, tmp_path: Path) -> None:
    """It can be loaded as it stands, with the issuer that the sheet itself tells of."""
    (block,) = re.findall(r"```yaml\n(.*?)```", built(ehr), re.DOTALL)
    (tmp_path / "tenants.yaml").write_text(block, "utf-8")
    (one,) = load_tenants(tmp_path / "tenants.yaml")
    assert (one.issuers[0].iss, bool(one.issuers[0].jku)) == (iss, True)
    assert bool(one.issuers[0].tenant_claims) == (ehr == "oracle")


def test_the_address_is_the_one_that_answers() -> None:
    """The path of each service on the sheet is a path of the application."""
    by: FlaskClient = client(engine())
    for service in SERVICES:
        assert by.options(url(Subject("", "epic", TRIALS), service)).status_code == 200
    assert {key.name for key in asked({kind for trial in TRIALS for kind in trial.resource_types})} >= {"patient", "conditions"}
