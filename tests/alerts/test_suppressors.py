"""Each reason not to show a card, and that the first of them in the table's order is the one told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cds_service.alerts.policy import HTEST, Limits, Policy, TrialSite
from cds_service.alerts.suppressors import AFTER, BEFORE
from cds_service.alerts.visit import visit_of
from cds_service.criteria.evaluation import Hold
from cds_service.hooks.prefetch import chart_of_prefetch
from tests.support.cards import DAY, Clinic
from tests.support.evaluations import AS_OF, arm, evaluation, lupus_patient
from tests.support.service import PATIENT, FakeEngine, bundle, outcome, resource, trial

PAGE = Path(__file__).resolve().parents[2] / "docs" / "alerts.md"
SYSTEM, CODE = HTEST.split("|")
OPT_OUT = resource(
    "Consent", status="active", scope={"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "research"}]},
    provision={"type": "deny"},
)  # fmt: skip
FLAG = resource("Flag", status="active", code={"coding": [{"system": "urn:site", "code": "no-research"}]})
MARK = {"extension": [{"url": "urn:site:no-research", "valueBoolean": True}]}
VISIT = resource("Encounter", "v1", status="in-progress", **{"class": {"code": "EMER"}})
CLINIC = resource(
    "Encounter", "v1", status="in-progress", **{"class": {"code": "AMB"}}, serviceType={"coding": [{"system": "urn:s", "code": "skin"}]},
    location=[{"location": {"reference": "Location/l1"}}],
)  # fmt: skip
HERE = {"context": {"encounterId": "v1"}}


def suppressed(log: pytest.LogCaptureFixture) -> list[str]:
    """The reasons that the log tells since the last look."""
    held = [record.fields for record in log.records if record.getMessage() == "card"]  # type: ignore[attr-defined]
    log.clear()
    return [fields["suppressed"] for fields in held]


@dataclass
class Way:
    """How a card comes to be held back: what the site set, what the chart holds, what went before."""

    code: str
    policy: Policy = field(default_factory=Policy)
    call: dict[str, Any] = field(default_factory=dict)
    before: Callable[[Clinic], Any] = lambda clinic: None
    engine: Callable[[], FakeEngine] = FakeEngine


def answered(code: str) -> Callable[[Clinic], Any]:
    return lambda clinic: clinic.says(clinic.cards()[0], code)


def found(**more: Any) -> Callable[[], FakeEngine]:
    return lambda: FakeEngine(found=replace(lupus_patient(), **more))


def site(**more: Any) -> Policy:
    return Policy(trials={"cc312": TrialSite(**more)})


def subject() -> FakeEngine:
    """A patient who stands in the trial already."""
    engine = FakeEngine()
    plain = engine.map
    own = type("P", (), {"identifiers": frozenset({("https://clinicaltrials.gov", "NCT07193810")})})

    def mapped(chart: Any, as_of: Any) -> Any:
        inputs = plain(chart, as_of)
        inputs.participations = (own,)
        return inputs

    engine.map = mapped  # type: ignore[method-assign]
    return engine


def person(**more: Any) -> Callable[[], FakeEngine]:
    def made() -> FakeEngine:
        engine = FakeEngine()
        plain = engine.map

        def mapped(chart: Any, as_of: Any) -> Any:
            inputs = plain(chart, as_of)
            vars(inputs.person).update(more)
            return inputs

        engine.map = mapped  # type: ignore[method-assign]
        return engine

    return made


CLOSED = [
    Way("mode-off", site(mode="off")),
    Way("trial-not-open", engine=lambda: FakeEngine(trials={"cc312": trial(open=False, state="full")})),
    Way("no-place", site(places_left=0)),
    Way("site-not-participating", site(participating=False)),
    Way("over", site(until=AS_OF - timedelta(days=1))),
]
HELD = [
    *(
        Way("not-a-clinician", call={"user": user})
        for user in ("Patient/p1", "RelatedPerson/r1", "https://ehr.example.org/fhir/Patient/p1", "Patient/p1/_history/2", "Patient/")
    ),
    Way("deceased", engine=person(deceased=True)),
    Way("replaced", engine=person(replaced=True)),
    Way("replaced", engine=person(active=False)),
    Way("test-patient", call={"person": {"meta": {"security": [{"system": SYSTEM, "code": CODE}]}}}),
    Way("do-not-contact", call={"prefetch": {"consents": bundle(OPT_OUT)}}),
    Way("do-not-contact", Policy(do_not_contact_flags=frozenset({"urn:site|no-research"})), {"prefetch": {"flags": bundle(FLAG)}}),
    Way("do-not-contact", Policy(do_not_contact_extensions=frozenset({"urn:site:no-research"})), {"person": MARK}),
    *(
        Way("contact-unknown", Policy(do_not_contact_keys=frozenset({"consents"})), {"prefetch": given})
        for given in (
            {},
            {"consents": {}},
            {"consents": outcome()},
            {"consents": bundle(outcome())},
            {"flags": bundle()},
            {"consents": bundle(link=[{"relation": "next", "url": "https://ehr.example.org/2"}])},
        )
    ),
    Way("in-this-trial", engine=subject),
    Way("patient-declined", before=answered("patient-declined")),
    Way("not-appropriate", before=answered("not-appropriate")),
    Way("not-appropriate", before=answered("does-not-fit.SLE-6")),
    Way("already-approached", before=answered("already-approached")),
    Way("user-opted-out", before=answered("not-for-me")),
    Way("not-my-patient", before=answered("not-my-patient")),
    Way("not-now", before=answered("not-now")),
    Way("encounter-class", call={**HERE, "prefetch": {"encounters": bundle(VISIT)}}),
    Way("encounter-class", Policy(encounter_classes=frozenset({"IMP"})), {**HERE, "prefetch": {"encounters": bundle(CLINIC)}}),
    Way("encounter-class", Policy(encounter_classes=frozenset({"AMB"}))),
    Way("specialty", Policy(specialties=frozenset({"urn:s|rheuma"})), {**HERE, "prefetch": {"encounters": bundle(CLINIC)}}),
    Way("specialty", Policy(specialties=frozenset({"urn:s|rheuma"}))),
]
UNSUITABLE = [
    Way("deceased", engine=found(holds=(Hold("deceased", "the patient has died"),))),
    *(Way(status, engine=found(status=status)) for status in ("ineligible", "ineligible-now", "out-of-scope", "needs-data")),
]
JUDGED = [
    Way("too-many-open", Policy(limits=Limits(most_open=1))),
    Way("already-shown", before=lambda clinic: clinic.cards()),
    Way("patient-cap", Policy(limits=Limits(patient_cards=1)), before=lambda clinic: clinic.cards(user="Practitioner/other")),
    Way(
        "user-cap", Policy(limits=Limits(user_cards=1)), before=lambda clinic: clinic.cards(patient="p2", prefetch={"conditions": bundle()})
    ),
    Way("mode-silent", site(mode="silent")),
    Way("not-in-pilot", site(mode="pilot")),
]
WAYS = [*CLOSED, *HELD, *UNSUITABLE, *JUDGED]


@pytest.mark.parametrize("way", WAYS, ids=[f"{number}-{way.code}" for number, way in enumerate(WAYS)])
def test_a_reason_holds_the_card_back_and_is_logged(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    """No card, and one line with this reason; without it there was a card."""
    caplog.set_level(logging.INFO)
    clinic = Clinic(way.policy, way.engine())
    way.before(clinic)
    suppressed(caplog)
    assert clinic.cards(**way.call) == []
    assert suppressed(caplog) == [way.code]


def test_every_reason_of_the_tables_has_been_shown() -> None:
    """A new row needs its way here, in the same order."""
    assert list(dict.fromkeys(way.code for way in HELD)) == [code for code, _ in BEFORE]
    assert [way.code for way in JUDGED] == [code for code, _ in AFTER]


def test_the_page_tells_the_reasons_in_their_order() -> None:
    """docs/alerts.md is the table that a site reads when it wonders where its cards are."""
    codes = list(dict.fromkeys(way.code for way in WAYS))
    rows = [line.split("`")[1] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert list(dict.fromkeys(code for code in rows if code in codes)) == codes


@pytest.mark.parametrize("given", [None, bundle(), bundle(outcome("warning")), bundle(resource("Consent", status="active"))])
def test_where_it_is_known_that_nobody_said_no_there_is_a_card(given: Any) -> None:
    """Nothing there, as `null`, empty or with Epic's remark, or a Consent that denies nothing."""
    clinic = Clinic(Policy(do_not_contact_keys=frozenset({"consents"})))
    assert clinic.cards(prefetch={"consents": given})


def test_on_its_last_day_a_trial_is_still_shown() -> None:
    """`until` is the last day, in the site's time zone."""
    assert Clinic(site(until=AS_OF)).cards()


def test_the_first_of_several_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A dead test patient in an emergency is dead."""
    caplog.set_level(logging.INFO)
    clinic = Clinic(Policy(specialties=frozenset({"urn:s|x"})), person(deceased=True)())
    label = {"meta": {"tag": [{"system": SYSTEM, "code": CODE}]}}
    assert clinic.cards(person=label, **HERE, prefetch={"encounters": bundle(VISIT)}) == []
    assert suppressed(caplog) == ["deceased"]


def test_who_said_no_is_not_evaluated_again() -> None:
    """Their record is theirs."""
    clinic = Clinic()
    answered("patient-declined")(clinic)
    before = len(clinic.engine.charts)
    clinic.cards()
    assert len(clinic.engine.charts) == before


@pytest.mark.parametrize(
    ("flag", "shown"),
    [
        ({"status": "inactive"}, 1),
        ({"code": {"coding": [{"system": "urn:site", "code": "falls"}]}}, 1),
        ({"subject": {"reference": "Patient/other"}}, 1),
        ({"subject": {"reference": "https://fhir.example/r4/Patient/p1"}}, 0),
    ],
)
def test_only_the_patients_own_active_flags_of_the_sites_codes_count(flag: dict[str, Any], shown: int) -> None:
    """Another's, an old one or a fall risk says nothing about research."""
    clinic = Clinic(Policy(do_not_contact_flags=frozenset({"urn:site|no-research"})))
    assert len(clinic.cards(prefetch={"flags": bundle({**FLAG, **flag})})) == shown


@pytest.mark.parametrize(
    ("policy", "user", "shown"),
    [
        ({"pilot_users": frozenset({"Practitioner/e1"})}, "Practitioner/e1", 1),
        ({"pilot_users": frozenset({"Practitioner/e1"})}, "Practitioner/e2", 0),
        ({"pilot_departments": frozenset({"Location/l1"})}, "Practitioner/e2", 1),
        ({"pilot_departments": frozenset({"Location/l2"})}, "Practitioner/e2", 0),
    ],
)
def test_a_pilot_is_for_the_named(policy: dict[str, Any], user: str, shown: int) -> None:
    """Users, or whoever looks in a named department."""
    clinic = Clinic(Policy(trials={"cc312": TrialSite(mode="pilot")}, **policy))
    assert len(clinic.cards(user, **HERE, prefetch={"encounters": bundle(CLINIC)})) == shown


@pytest.mark.parametrize(
    ("reference", "departments"),
    [
        ("Location/l1", {"Location/l1"}),
        ("https://fhir.example/r4/Location/e.3-x_7%2F/_history/2", {"Location/e.3-x_7%2F"}),
        ("Location/l\0", set()),
        ("Location?name=Ward 7, Mrs Example", set()),
        ("https://fhir.example/r4/Location?identifier=urn:x|7", set()),
        ("urn:uuid:0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d11", set()),
        ("#l1", set()),
    ],
)
def test_a_department_is_a_type_and_an_id(reference: str, departments: set[str]) -> None:
    """It is written down with the card: no other words of the EHR's, and no NUL, which PostgreSQL refuses."""
    where = {**CLINIC, "subject": {"reference": "Patient/p1"}, "location": [{"location": {"reference": reference}}]}
    chart = chart_of_prefetch({"patient": PATIENT, "conditions": bundle(), "encounters": bundle(where)}, "p1")
    assert visit_of("Practitioner/e1", "v1", chart).departments == departments


@pytest.mark.parametrize(
    ("code", "days"),
    [("patient-declined", 365), ("does-not-fit", 180), ("already-approached", 180), ("not-now", 30)],
)
def test_a_no_holds_as_long_as_the_policy_says(code: str, days: int) -> None:
    """A day before its end nothing is shown; then what has changed is."""
    clinic = Clinic()
    answered(code)(clinic)
    clinic.settles("met")
    clinic.now += days * DAY - 1
    assert clinic.cards() == []
    clinic.now += 1
    assert len(clinic.cards()) == 1


@pytest.mark.parametrize("code", ["not-appropriate", "not-my-patient", "not-for-me"])
def test_some_noes_are_for_good(code: str) -> None:
    """Ten years later, and changed, still nothing."""
    clinic = Clinic()
    answered(code)(clinic)
    clinic.settles("met")
    clinic.now += 3650 * DAY
    assert clinic.cards() == []


@pytest.mark.parametrize(
    ("code", "colleague", "other_patient"),
    [
        ("patient-declined", 0, 1),
        ("does-not-fit", 0, 1),
        ("already-approached", 0, 1),
        ("not-my-patient", 1, 1),
        ("not-now", 1, 1),
        ("not-for-me", 1, 0),
        ("none-of-ours", 1, 1),
    ],
)
def test_a_no_reaches_as_far_as_it_means(code: str, colleague: int, other_patient: int) -> None:
    """What is true of the patient holds for all; what is true of the user, for the user."""
    clinic = Clinic()
    answered(code)(clinic)
    assert len(clinic.cards("Practitioner/e2")) == colleague
    assert len(clinic.cards(patient="p2", prefetch={"conditions": bundle()})) == other_patient


def test_a_verdict_is_shown_once_and_a_changed_one_again() -> None:
    """A criterion that was settled since is news; the same answer to the same call is no repeat."""
    clinic = Clinic()
    (first,) = clinic.cards(instance="0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d11")
    assert clinic.cards() == []
    assert clinic.cards(instance="0f1c9f9e-6d1d-4d1c-9a42-0b5b2c7e4d11") == [first]
    clinic.settles("met")
    assert len(clinic.cards()) == 1


def test_the_caps_forget() -> None:
    """Three cards on a patient in 90 days, five a user in a day."""
    clinic = Clinic()
    for user in ("a", "b", "c"):
        assert len(clinic.cards(f"Practitioner/{user}")) == 1
    assert clinic.cards("Practitioner/d") == []
    clinic.now += 90 * DAY
    assert len(clinic.cards("Practitioner/d")) == 1


def test_one_instance_for_everybody_is_still_a_card_each() -> None:
    """A careless client must not cost the second patient the card."""
    clinic = Clinic()
    (one,) = clinic.cards(instance="same")
    (other,) = clinic.cards(patient="p2", instance="same", prefetch={"conditions": bundle()})
    assert one["uuid"] != other["uuid"]


def test_a_switched_off_service_reads_no_chart() -> None:
    """And asks for no data that it does not need: no 412."""
    clinic = Clinic(site(mode="off"))
    assert clinic.cards(prefetch={"conditions": None, "patient": None}) == []
    assert clinic.engine.charts == []


def test_arms_beside_do_not_change_what_was_shown() -> None:
    """Only arms that fit are on the card, so only they make a verdict."""
    fits = lupus_patient()
    clinic = Clinic(engine=FakeEngine(found=fits))
    assert len(clinic.cards()) == 1
    clinic.engine.found = replace(fits, arms=(*fits.arms, *evaluation(arm("ssc", status="ineligible")).arms))
    assert clinic.cards() == []
