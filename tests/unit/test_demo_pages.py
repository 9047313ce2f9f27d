"""The demo's pages as the server gives them: what they show, what they escape, and what their script asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.alerts.policy import DEMO
from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.criteria.evaluation import STATUSES, CriterionResult, Evaluation, Hold, Missing
from cds_service.criteria.model import OpenQuestion
from cds_service.demo import generate
from cds_service.looks import STATUS_LOOKS, TAGS, style
from cds_service.web import views
from cds_service.web.caseload import DemoPatient
from cds_service.web.demo import create_demo_blueprint
from cds_service.web.snapshot import banner, snapshot
from fhir_mappings.chart import Chart, chart_of_bundle
from tests.support.engine import engine as real_engine
from tests.support.evaluations import AS_OF, SSC, arm, asked, criterion, evaluation, evidence, lacking, lupus_patient
from tests.support.service import PATH, PATIENT, FakeEngine, bundle, outcome, post, resource, trial

HOSTILE = "<script>alert(1)</script>"
QUESTION = OpenQuestion("Q1", 'How long does "at screening" reach?', "28 days")


@dataclass(frozen=True)
class Patient:
    """A made-up patient."""

    id: str = "p1"
    name: str = "Ada Lund"
    shows: str = "Refractory lupus"
    bundle: dict[str, Any] = field(default_factory=lambda: bundle(PATIENT, resource("Condition", "sle", code={"text": "Lupus"})))


def client_of(engine: Any, *patients: DemoPatient) -> FlaskClient:
    """A client of the whole application with the demo's pages."""
    app = create_app(Settings(), engine, DEMO)
    app.register_blueprint(create_demo_blueprint(engine, patients))
    return app.test_client()


def demo(found: Evaluation | None = None, *patients: Patient) -> FlaskClient:
    engine = FakeEngine(found=found or lupus_patient(), trials={"cc312": trial(questions=(QUESTION,))})
    return client_of(engine, *(patients or (Patient(),)))


def page(found: Evaluation | None = None, *patients: Patient) -> str:
    """The page of the first patient."""
    return demo(found, *patients).get("/patients/p1").text


def one_criterion(one: CriterionResult) -> str:
    return page(evaluation(arm("sle", one)))


def test_the_list_shows_each_patient_with_a_status_an_arm() -> None:
    """Name, age, sex, what the patient shows, and a status for each arm that the filters can read."""
    text = demo(None, Patient(), Patient("p2", "Ben Ode", "Too old", bundle({**PATIENT, "birthDate": "1950"}))).get("/").text
    assert "Ada Lund" in text
    assert "38, female" in text
    assert "75, female" in text  # of a bare year the years that are certain to have passed
    assert text.count('data-status-best="potentially-eligible" data-status-sle="potentially-eligible" data-status-ssc="out-of-scope"') == 2


def test_the_list_without_patients_is_a_page() -> None:
    """Nothing fails where there is nothing to count."""
    assert "0 made-up charts" in client_of(FakeEngine()).get("/").text


def test_a_patient_is_evaluated_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages share one evaluation, and a new day makes a new one."""
    engine = FakeEngine(trials={"cc312": trial(questions=())})
    client = client_of(engine, Patient())
    for path in ("/", "/", "/patients/p1"):
        client.get(path)
    assert engine.days == [AS_OF]
    monkeypatch.setattr(engine, "today", lambda: AS_OF + timedelta(days=1))
    client.get("/")
    assert engine.days == [AS_OF, AS_OF + timedelta(days=1)]


def test_the_summary_counts_patients_in_each_status() -> None:
    """One bar over all arms and one for each; its pieces fill it and their counts add up."""
    other = evaluation(arm("sle", status="ineligible"), arm("ssc", status="needs-data", title=SSC))
    bars = views.bars([lupus_patient(), lupus_patient(), other])
    assert [bar.title for bar in bars] == ["Best over all arms", "Systemic lupus erythematosus", SSC]
    assert [(one.look.id, one.count) for one in bars[1].segments] == [("potentially-eligible", 2), ("ineligible", 1)]
    for bar in bars:
        assert sum(one.count for one in bar.segments) == 3
        assert sum(one.width for one in bar.segments) == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("code", ["deceased", "replaced"])
def test_a_patient_on_hold_is_a_segment_of_her_own(code: str) -> None:
    """Over all arms and in each, whatever her status there: nobody counts her among those who may fit."""
    people = [evaluation(arm(), arm("ssc", status="out-of-scope"), holds=holds) for holds in ((), [Hold(code, "told")])]
    told = [[(one.look.id, one.count) for one in bar.segments] for bar in views.bars(people)]
    assert told == [
        [("potentially-eligible", 1), ("on-hold", 1)],
        [("potentially-eligible", 1), ("on-hold", 1)],
        [("out-of-scope", 1), ("on-hold", 1)],
    ]


def test_a_patient_on_hold_has_no_other_label_on_the_list() -> None:
    """Her row shows it in each arm and is found by it; a trial that is not open changes no label."""
    rows = [
        demo(evaluation(arm(), arm("ssc", status="ineligible"), holds=[Hold(code, "told")])).get("/").text.partition("<tbody>")[2]
        for code in ("deceased", "trial-not-open")
    ]
    told = [re.findall(r'status-(?:best|sle|ssc)="([^"]+)"|pill status-([a-z-]+)', row) for row in rows]
    assert {one or other for one, other in told[0]} == {"on-hold"}
    assert {one or other for one, other in told[1]} == {"potentially-eligible", "ineligible"}


def test_each_count_is_told_below_its_bar() -> None:
    """Under the bar, with the sign and the words of its status."""
    text = demo(lupus_patient()).get("/").text
    for bar in views.bars([lupus_patient()]):
        for one in bar.segments:
            assert f'<span class="sign">{one.look.sign}</span><b>{one.count}</b> {one.look.words.lower()}</li>' in text


def test_every_status_has_a_look_of_its_own() -> None:
    """Each is told by a sign and words, never by colour alone."""
    assert tuple(STATUS_LOOKS) == STATUSES
    looks = [*STATUS_LOOKS.values()]
    assert len({look.sign for look in looks}) == len({look.words for look in looks}) == len(looks)
    assert len({look.sign for look in views.GROUP_LOOKS}) == len(views.GROUP_LOOKS)


@pytest.mark.parametrize(
    ("one", "group"),
    [
        (criterion("SLE-2", "not-met"), "fails"),
        (criterion("E-02", "triggered"), "fails"),
        (criterion("I-02", "met"), "passes"),
        (criterion("E-02", "clear", presumed=True), "passes"),
        (criterion("I-M", "met", applicable=False), "not-applicable"),
        (asked("I-01", "Signed?"), "person"),
        (criterion("E-01", review=True), "person"),
        (lacking("SLE-4", ("SLEDAI-2K", "obtain it")), "data"),
        (replace(criterion("E-06"), missing=(Missing("x", "surgery", "check the history for surgery", way="history"),)), "person"),
    ],
)
def test_a_criterion_stands_in_the_group_that_asks_the_right_thing(one: CriterionResult, group: str) -> None:
    """Fails, to confirm, missing, passes, does not apply: one group each."""
    assert views.group_of(one).id == group
    assert [found.look.id for found in views.groups(arm("sle", one))] == [group]


def test_things_are_told_apart_from_the_criteria_that_want_them() -> None:
    """Two criteria want one test: one is missing, as the card says, in two tiles. Where the numbers agree nothing is added."""
    want = ("urine protein", "obtain 24 h urine protein")
    text = page(evaluation(arm("sle", lacking("E-01", want), lacking("E-02", want), asked("I-01", "Is there a consent?"))))
    assert "1 missing in 2 criteria" in text
    assert text.count(" in 2 criteria") == 2
    assert "1 to confirm</a>" in text


def test_the_page_opens_with_the_best_arm() -> None:
    """The arm of which there is most to say stands first."""
    assert views.first_arm(evaluation(arm("sle", status="ineligible"), arm("ssc", status="needs-data"))) == "ssc"


def test_a_criterion_is_shown_with_all_that_was_found() -> None:
    """Reason, badges, evidence with its reference, what is missing, the question, the protocol's gap and its words."""
    one = replace(
        lacking("E-22", ("HIV antibody", "obtain HIV antibody"), review=True, lean="clear", sensitive=True, recheck_on=date(2027, 1, 2)),
        question="Any infection?", notes=("a note",), open_questions=("Q1", "Q99"), presumed=True,
        evidence=(evidence("read somewhere", "2026-11-20", "Observation/hiv", "parsed"), evidence("undated", None)),
    )  # fmt: skip
    text = one_criterion(one)
    for words in (
        "no record", "presumed", ">review<", "leans clear", "confidential", "<time>2027-01-02</time>", "HIV antibody",
        "→ obtain HIV antibody",
        "Any infection?", "a note", "Open question Q1", "Reading in use: 28 days", "Open question Q99",
        "<blockquote>Words of E-22.</blockquote>",
        'data-reference="Observation/hiv"', "read from text", "no date", 'class="cell group-person" aria-label="E-22: To confirm"',
    ):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize(
    ("act", "shown"),
    [
        ("check the chart: Any infection?", "check the chart"),
        ("check the chart: IgA", "check the chart: IgA"),
        ("obtain IgA", "obtain IgA"),
    ],
)
def test_a_question_is_not_asked_twice(act: str, shown: str) -> None:
    """Where what to do repeats the criterion's question, only what to do is left."""
    one = lacking("E-22", ("IgA", act), question="Any infection?")
    assert views.action(one.missing[0], one) == shown


def test_every_criterion_of_every_arm_is_on_the_page_once() -> None:
    """Each has a row and a cell of the overview that leads to it."""
    text = page()
    for part in lupus_patient().arms:
        for one in part.criteria:
            assert text.count(f'id="{part.id}-{one.id}"') == 1
            assert text.count(f'href="#{part.id}-{one.id}"') == 1


def test_ids_are_unique_and_every_label_exists() -> None:
    """Assistive technology can follow each reference."""
    text = page()
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    named = {name for names in re.findall(r'aria-(?:labelledby|controls)="([^"]+)"', text) for name in names.split()}
    assert named <= set(ids)


def test_the_tags_are_explained() -> None:
    """Each once, beside an example of it; a hold, which is a patient's, on the list."""
    text, listed = page(), demo().get("/").text
    for tag in TAGS.values():
        where = listed if tag.id == "hold" else text
        assert where.count(f'<span class="badge badge-{tag.id}">{tag.example}</span></dt><dd>{tag.means}</dd>') == 1


def test_a_verdict_reads_as_words() -> None:
    """On its tag, for who listens, and where the records lean; never as the code of the JSON."""
    text = page(evaluation(arm("sle", criterion("SLE-2", "not-met"), criterion("SLE-3", review=True, lean="not-met"))))
    assert ">inclusion: not met</li>" in text
    assert ", inclusion: not met</span>" in text
    assert ">leans not met</li>" in text
    assert "not-met" not in text


def test_the_colours_come_from_where_the_report_has_them() -> None:
    """The page links the style of the looks, and gets it as CSS."""
    client = demo()
    assert 'href="/demo/looks.css"' in client.get("/").text
    answer = client.get("/demo/looks.css")
    assert (answer.mimetype, answer.text) == ("text/css", style())


def test_sources_issues_and_holds_are_told() -> None:
    """What could not be read and why nobody should be approached."""
    found = evaluation(arm(), holds=[Hold("deceased", "the patient has died")])
    engine_page = page(found, Patient(bundle=bundle(PATIENT, {"resourceType": "Condition", "id": "lost"})))
    for words in ("Hold: deceased.", "The patient has died. Nobody", "subject-missing", 'data-reference="Condition/lost"', "whole"):
        assert words in engine_page


@pytest.mark.parametrize(
    ("found", "is_open", "words"),
    [
        (lupus_patient(), False, "not recruiting"),
        (evaluation(arm(), holds=[Hold("deceased", "the patient has died")]), True, "the patient has died"),
        (evaluation(arm(status="ineligible")), True, "does not fit"),
    ],
)
def test_the_viewer_is_told_why_there_is_no_card(found: Evaluation, is_open: bool, words: str) -> None:
    """The reason stands on the demo's page, not in any answer of the service."""
    assert words in views.silence(found, is_open)


def test_what_a_chart_says_is_text_and_never_markup() -> None:
    """Names, records, reasons and references are escaped wherever they stand."""
    one = criterion("SLE-2", "met", reason=HOSTILE, evidence=(evidence(HOSTILE, None, f'"{HOSTILE}'),), question=HOSTILE)
    chart = bundle({**PATIENT, "gender": HOSTILE, "birthDate": HOSTILE}, resource("Condition", HOSTILE, code={"text": HOSTILE}))
    client = demo(evaluation(arm("sle", one, title=HOSTILE)), Patient("p1", HOSTILE, HOSTILE, chart))
    for path in ("/", "/patients/p1"):
        assert HOSTILE not in client.get(path).text


@pytest.mark.parametrize("path", ["/", "/patients/p1", "/patients/nobody", "/patients/p1/request.json", "/demo/static/demo.js"])
def test_every_answer_forbids_what_is_inline_or_from_elsewhere(path: str) -> None:
    """The policy is strict, and the pages hold to it."""
    answer = demo().get(path)
    policy, text = answer.headers["Content-Security-Policy"], answer.text if answer.mimetype == "text/html" else ""
    answer.close()  # a static file stays open until then
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|<script(?![^>]* src=)|\sstyle=|\son[a-z]+=|(?:src|rel=\"stylesheet\" href)=\"(?!/demo/)", text)


def test_the_request_is_one_that_the_service_answers() -> None:
    """What the page posts is a whole patient-view call: the same chart comes to a card over the real route."""
    client = demo()
    sent = client.get("/patients/p1/request.json").get_json()
    assert sent["context"] == {"patientId": "p1", "userId": "Practitioner/demo"}
    assert set(sent["prefetch"]) == set(client.get("/cds-services").get_json()["services"][0]["prefetch"])
    answer = post(client, PATH, sent)
    assert "May fit trial" in answer.get_json()["cards"][0]["summary"]


def test_the_request_sends_what_the_searches_would_find() -> None:
    """An Observation comes under the key of its category, one of a category that no key asks for not at all."""
    surveyed = [{"coding": [{"code": "survey"}]}]
    chart = bundle(
        PATIENT,
        resource("Observation", "lab", category=[{"coding": [{"code": "laboratory"}]}]),
        resource("Observation", "score", category=surveyed),
        resource("Observation", "pulse", category=[{"coding": [{"code": "social-history"}]}]),
    )
    sent = demo(None, Patient(bundle=chart)).get("/patients/p1/request.json").get_json()["prefetch"]
    found = {key: [entry["resource"]["id"] for entry in sent[key]["entry"]] for key in ("labs", "surveys", "conditions")}
    assert found == {"labs": ["lab"], "surveys": ["score"], "conditions": []}


def test_the_request_refers_as_a_server_does() -> None:
    """References within the Bundle are sent as `Type/id`, so that a record is still the patient's; all else stays as it is."""
    urn = "urn:uuid:7392907f-0d55-581e-b7f4-ba248067f434"
    outside = [{"reference": "urn:uuid:elsewhere"}, {"reference": "Observation/1"}, {"reference": ["odd"]}]
    condition = {"resourceType": "Condition", "id": "sle", "subject": {"reference": urn}, "evidence": outside}
    chart = {"resourceType": "Bundle", "entry": [{"fullUrl": urn, "resource": PATIENT}, {"resource": condition}]}
    sent = demo(None, Patient(bundle=chart)).get("/patients/p1/request.json").get_json()["prefetch"]
    (found,) = (entry["resource"] for entry in sent["conditions"]["entry"])
    assert (found["subject"], found["evidence"]) == ({"reference": "Patient/p1"}, outside)


def test_a_record_can_be_read_whole() -> None:
    """By its reference, by the fullUrl or stand-in name of one without an id; another is not found."""
    nameless = {"resourceType": "Condition", "subject": {"reference": "Patient/p1"}, "code": {"text": "no id"}}
    chart = bundle(PATIENT, resource("Condition", "sle"), nameless)
    client = demo(None, Patient(bundle=chart))
    stand_in = next(entry.reference for entry in chart_of_bundle(chart).of("Condition") if "?" in entry.reference)
    for reference, wanted in (("Condition/sle", "sle"), ("Patient/p1", "p1"), (stand_in, None)):
        assert client.get("/patients/p1/resource", query_string={"ref": reference}).get_json().get("id") == wanted
    assert client.get("/patients/p1/resource?ref=Condition/none").status_code == 404
    assert client.get("/patients/p1/resource").status_code == 404


def test_an_unknown_patient_gets_a_page() -> None:
    """A person reads it, so it is no OperationOutcome."""
    answer = demo().get("/patients/nobody")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "no such patient" in answer.text


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**Arm:** SLE\n\n- one\n- two", "<p><strong>Arm:</strong> SLE</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        (HOSTILE, "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("![x](https://elsewhere.example/x.png)", '<p>!<a href="https://elsewhere.example/x.png">x</a></p>\n'),
        ("\\*plain\\*", "<p>*plain*</p>\n"),
    ],
)
def test_markdown_becomes_safe_html(markdown: str, html: str) -> None:
    """Emphasis and lists come through; HTML, scripts and images do not."""
    assert demo().post("/demo/markdown", data=markdown.encode(), content_type="text/plain").text == html


def chart(*resources: Any) -> Chart:
    return chart_of_bundle(bundle(PATIENT, *resources))


@pytest.mark.parametrize(
    ("more", "name", "value", "day"),
    [
        ({"valueQuantity": {"value": 7.0, "unit": "g/L", "comparator": "<"}}, "Lab", "<7.0 g/L", ""),
        ({"valueQuantity": {"value": 7, "code": "g/L"}, "effectiveDateTime": "2026-11-20T08:00:00Z"}, "Lab", "7 g/L", "2026-11-20"),
        ({"valueInteger": 12, "effectivePeriod": {"start": "2026-11"}}, "Lab", "12", "2026-11"),
        ({"valueString": "1:640"}, "Lab", "1:640", ""),
        ({"valueQuantity": {"value": 12, "unit": "{score}"}}, "Lab", "12", ""),
        ({"component": [{}, {}]}, "Lab", "2 parts", ""),
        ({"valueCodeableConcept": {"text": "Positive"}}, "Lab", "Positive", ""),
        ({"code": 7, "valueQuantity": "seven", "effectiveDateTime": {}}, "(no code)", "", ""),
    ],
)
def test_the_snapshot_reads_results(more: dict[str, Any], name: str, value: str, day: str) -> None:
    """A value of any kind as a person writes it; a shape that can't be read is left empty."""
    (part,) = snapshot(chart(resource("Observation", "o", **{"code": {"text": "Lab"}, **more})))
    assert (part.title, part.lines[0].label, part.lines[0].value, part.lines[0].date) == ("Results", name, value, day)


def test_the_snapshot_shows_the_newest_of_each_list() -> None:
    """Newest first, and how many more there are; the lists of problems, medications and allergies read their own elements."""
    labs = [resource("Observation", f"o{n}", effectiveDateTime=f"2026-11-{n:02d}") for n in range(1, 10)]
    parts = snapshot(
        chart(
            resource("Condition", clinicalStatus={"coding": [{"code": "active"}]}, onsetDateTime="2019"),
            resource("MedicationRequest", medicationCodeableConcept={"text": "belimumab"}, status="active", authoredOn="2024-05-02"),
            resource("MedicationStatement", medicationReference={"display": "rituximab"}),
            resource("MedicationStatement", "2"),
            resource("AllergyIntolerance", code={"text": "Penicillin"}, criticality="high"),
            *labs,
        )
    )
    assert [part.title for part in parts] == ["Problems", "Medications", "Results", "Allergies"]
    assert [(line.label, line.value) for line in parts[1].lines] == [("belimumab", "active"), ("rituximab", ""), ("medication", "")]
    assert ([line.date[-2:] for line in parts[2].lines], parts[2].more) == (["09", "08", "07", "06", "05", "04"], 3)


@pytest.mark.parametrize(
    ("kind", "more", "told"),
    [
        (
            "MedicationStatement",
            {"status": "completed", "effectivePeriod": {"start": "2024-06", "end": "2025-12-14"}},
            "2024-06 to 2025-12-14",
        ),
        ("MedicationStatement", {"status": "active", "effectivePeriod": {"start": "2024-06-12"}}, "since 2024-06-12"),
        ("MedicationStatement", {"status": "stopped", "effectivePeriod": {"start": "2024-06-12"}}, "from 2024-06-12"),
        ("MedicationStatement", {"status": "stopped", "effectivePeriod": {"end": "2024-06-12"}}, "to 2024-06-12"),
        ("MedicationRequest", {"status": "active", "dispenseRequest": {"validityPeriod": {"start": "2024-06-12"}}}, "since 2024-06-12"),
        ("MedicationRequest", {"status": "completed", "authoredOn": "2024-06-12"}, "ordered 2024-06-12"),
        ("MedicationAdministration", {"status": "completed", "effectiveDateTime": "2024-06-12T08:00:00Z"}, ""),
        ("MedicationStatement", {"effectivePeriod": 7}, ""),
    ],
)
def test_a_medication_says_from_when_to_when(kind: str, more: dict[str, Any], told: str) -> None:
    """The start of a course that is over is never read as its end."""
    (part,) = snapshot(chart(resource(kind, "m", medicationCodeableConcept={"text": "belimumab"}, **more)))
    assert part.lines[0].span == told


@pytest.mark.parametrize(("born", "age"), [("1988-11-22", "38"), ("1988-11-23", "37"), ("2027-01-01", ""), ("soon", ""), (7, "")])
def test_the_banner_tells_the_age_that_is_certain(born: Any, age: str) -> None:
    """Whole years on the day of the evaluation; none where the birth date can't be read."""
    found = banner(chart_of_bundle(bundle({**PATIENT, "birthDate": born, "gender": None, "identifier": [{"value": "MRN-1"}]})), AS_OF)
    assert (found.age, found.sex, found.number) == (age, "sex unknown", "MRN-1")


def test_an_empty_chart_has_a_page() -> None:
    """A Patient alone, with a remark of the server, is shown as what it is."""
    assert "holds no problems" in page(None, Patient(bundle=bundle(PATIENT, outcome("warning"))))


@pytest.fixture(scope="module")
def made_up() -> FlaskClient:
    """The demo as it ships, on a fixed day."""
    engine = replace(real_engine(), now=lambda zone: datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=zone))
    return client_of(engine, *generate(AS_OF))


def test_every_made_up_patient_gets_the_card_its_row_promises(made_up: FlaskClient) -> None:
    """The prefetch of a chart that may fit brings a card, that of any other none; but for the study of another trial, which no prefetch key
    brings: that is asked about."""
    rows = re.findall(r'data-status-best="([^"]+)"(.*?)</tr>', made_up.get("/").text, re.DOTALL)
    for status, row in rows:
        (path,) = re.findall(r'href="([^"]+)"', row)
        cards = post(made_up, PATH, made_up.get(f"{path}/request.json").get_json()).get_json()["cards"]
        asks = path == "/patients/sle-other-trial" and "(E-09)" in str(cards)
        assert bool(cards) == (asks or (status == "potentially-eligible" and "hold:" not in row)), path


def test_every_reference_on_a_page_leads_to_a_record(made_up: FlaskClient) -> None:
    """The records of the snapshot, the evidence and the data issues can all be opened, also in a chart with faults."""
    references = set(re.findall(r'data-reference="([^"]+)"', made_up.get("/patients/sle-unreadable").text))
    assert len(references) > 20
    for reference in references:
        assert made_up.get("/patients/sle-unreadable/resource", query_string={"ref": unescape(reference)}).status_code == 200, reference
